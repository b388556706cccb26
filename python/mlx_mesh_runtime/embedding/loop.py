"""The loop of an embedding model: what waits together is computed together. The only thread that computes."""

from __future__ import annotations

from binascii import b2a_base64
from queue import SimpleQueue

import mlx.core as mx
import numpy as np

from ..inbox import Cancel, Drain, Status, Stop
from ..log import log
from ..memory import MemoryGuard
from ..wire import Frames
from .job import Batch, Job, next_batch
from .model import EmbeddingModel
from .preparing import Texts

_BATCH_TOKENS = {"gpu": 8192, "cpu": 512}
"""With padding. A CPU gains nothing from more, and whoever comes next waits for the whole batch."""
_TIGHT_BATCH_TOKENS = 256
_FRAME_BYTES = 96 * 1024
"""Of vectors; divisible by 3, so that the frames' base64 can be joined."""
_FAILED = "the engine failed in a step; the request may be repeated"
_NO_MEMORY = "not enough memory beside what else runs; try again later"

EmbeddingInbox = SimpleQueue[Texts | Cancel | Drain | Stop]


class EmbeddingLoop:
    def __init__(
        self, model: EmbeddingModel, inbox: EmbeddingInbox, frames: Frames, status: Status, device: str
    ) -> None:
        self._model = model
        self._inbox = inbox
        self._frames = frames
        self._status = status
        self._memory = MemoryGuard(status)
        self._batch_tokens = _BATCH_TOKENS[device]
        self._jobs: list[Job] = []
        """The one whose turn it is to lead a batch comes first."""
        self._draining = False

    def run(self) -> None:
        """Returns after Stop, or after Drain when all is answered."""
        while self._take_commands():
            # A job that has led goes behind the others: a long list holds nobody up for more than a batch.
            self._jobs.append(self._jobs.pop(0))
            batch = next_batch([self._jobs[-1], *self._jobs[:-1]], self._room_tokens())
            try:
                self._compute(batch)
            except Exception as error:  # what waits is not lost
                log("error", "step failed", error=f"{type(error).__name__}: {error}", step=self._status.step)
                for job in {job for job, _ in batch}:
                    self._fail(job, "ENGINE_FAILED", _FAILED)
            self._end_complete(batch)

    def _take_commands(self) -> bool:
        """Sleeps while there is nothing to do. False: leave now."""
        while True:
            idle = not self._jobs
            if idle and self._draining:
                return False
            if self._inbox.empty():
                if not idle:
                    return True
                mx.clear_cache()
            if not self._obey(self._inbox.get()):
                return False

    def _obey(self, item: Texts | Cancel | Drain | Stop) -> bool:
        match item:
            case Texts() as texts:
                self._add(Job(texts, texts.dimensions or self._model.dimensions))
            case Cancel(id):
                for job in [job for job in self._jobs if job.id == id]:
                    self._end(job, "cancelled")
            case Drain():
                self._draining = True
            case Stop():
                for id in list(self._status.live):
                    self._error(id, "SHUTTING_DOWN", "the model is being unloaded")
                return False
        return True

    def _add(self, job: Job) -> None:
        self._jobs.append(job)
        self._count()
        if job.texts.arrival.cancelled:
            self._end(job, "cancelled")

    def _room_tokens(self) -> int:
        if not self._memory.is_tight():
            return self._batch_tokens
        mx.clear_cache()
        return _TIGHT_BATCH_TOKENS

    def _compute(self, batch: Batch) -> None:
        new = [job for job in dict.fromkeys(job for job, _ in batch) if not job.begun]
        for job in new:
            job.begun = True
        self._count()
        for job in new:
            tokens = sum(map(len, job.texts.inputs))
            self._frames.send({"ev": "started", "id": job.id, "promptTokens": tokens, "cachedTokens": 0})
        if self._memory.is_exhausted():
            for job in {job for job, _ in batch}:
                self._fail(job, "INSUFFICIENT_MEMORY", _NO_MEMORY)
            return
        # Fewer dimensions are another length, so those who want as many are computed together.
        for dimensions in {job.texts.dimensions for job, _ in batch}:
            same = [(job, place) for job, place in batch if job.texts.dimensions == dimensions]
            vectors = self._model.vectors_of([job.texts.inputs[place] for job, place in same], dimensions)
            for (job, place), vector in zip(same, vectors, strict=True):
                job.vectors[place] = vector
        self._status.step += 1

    def _end_complete(self, batch: Batch) -> None:
        for job in dict.fromkeys(job for job, _ in batch):
            if job.waiting or job not in self._jobs:
                continue
            if not np.isfinite(job.vectors).all():
                self._fail(job, "ENGINE_FAILED", "the model computes something that is no number")
                continue
            vectors = job.vectors.tobytes()
            for at in range(0, len(vectors), _FRAME_BYTES):
                data = b2a_base64(vectors[at : at + _FRAME_BYTES], newline=False).decode("ascii")
                self._frames.send({"ev": "vectors", "id": job.id, "data": data})
            self._end(job, "stop")

    def _end(self, job: Job, reason: str) -> None:
        self._leave(job)
        log("info", "ended", requestId=job.texts.request_id, id=job.id, reason=reason)
        self._frames.send({"ev": "step", "n": self._status.step, "t": [], "d": [[job.id, reason, 0, None]]})

    def _fail(self, job: Job, code: str, message: str) -> None:
        self._leave(job)
        self._error(job.id, code, message)

    def _error(self, id: int, code: str, message: str) -> None:
        self._status.live.discard(id)
        self._frames.send({"ev": "error", "id": id, "code": code, "message": message, "param": None})

    def _leave(self, job: Job) -> None:
        self._jobs.remove(job)
        self._status.live.discard(job.id)
        self._count()

    def _count(self) -> None:
        """Before a beginning or an end is told: whoever has read of it must find it so."""
        self._status.active = sum(job.begun for job in self._jobs)
        self._status.queued = len(self._jobs) - self._status.active
