"""The engine loop: requests join and leave the running batch between steps. The only thread that computes."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from time import monotonic

import mlx.core as mx

from .chunk import chunk_tokens
from .facade import Cache, Generated, Generator, PromptProgress, new_generator
from .inbox import Cancel, Drain, Inbox, Item, Prepared, Status, Stop
from .log import log
from .logprobs import PromptScorer, entry_of
from .memory import MemoryGuard
from .model import Model
from .prefixes import PrefixStore
from .sampling import processors_of, row_sampler
from .sequence import Output, Sequence, new_sequence, reader_of
from .wire import Frames

_FAILED = "the engine failed in a step; the request may be repeated"
_NO_WAY_ON = "no token that fits the format can follow, or finding one takes too long; use a simpler format"
_NO_MEMORY = "not enough memory for this prompt beside what else runs; try again later, or with a shorter one"


@dataclass(frozen=True)
class Limits:
    max_batch: int
    prefix_cache_bytes: int
    on_gpu: bool


class Engine:
    def __init__(self, model: Model, inbox: Inbox, frames: Frames, status: Status, limits: Limits) -> None:
        self._model = model
        self._inbox = inbox
        self._frames = frames
        self._status = status
        self._limits = limits
        self._prefixes = PrefixStore(limits.prefix_cache_bytes)
        self._memory = MemoryGuard(status)
        self._waiting: deque[Sequence] = deque()
        self._scoring: list[Sequence] = []
        self._running: dict[int, Sequence] = {}  # by the generator's uid, oldest first
        self._output = Output()
        self._draining = False
        self._generator = self._new_generator()

    def run(self) -> None:
        """Returns after Stop, or after Drain when all is answered."""
        while True:
            try:
                # 1. Hear what came in during the last step; sleep only when there is nothing to do.
                if not self._take_commands():
                    return
                # 2. Let waiting requests join.
                self._admit()
                # 3. Score a chunk of a prompt whose log-probabilities are wanted.
                self._score()
                # 4. One token for every running sequence, one chunk for every new prompt.
                self._step()
                # 5. Tell it all in one frame.
                self._send()
            except Exception as error:
                self._fail_batch(error)

    # 1 ------------------------------------------------------------------------------------------

    def _take_commands(self) -> bool:
        """False: leave now."""
        while True:
            idle = not (self._waiting or self._scoring or self._running)
            if idle and self._draining:
                return False
            if not idle and self._inbox.empty():
                return True
            if idle and self._inbox.empty():
                mx.clear_cache()
            if not self._obey(self._inbox.get()):
                return False
            if self._output.done:
                self._send()

    def _obey(self, item: Item) -> bool:
        match item:
            case Prepared():
                self._take_request(item)
            case Cancel(id):
                self._cancel(id)
            case Drain():
                self._draining = True
            case Stop():
                self._shut_down()
                return False
        return True

    def _take_request(self, prepared: Prepared) -> None:
        try:
            sequence = new_sequence(prepared, self._model)
        except Exception as error:  # in what is there of its answer
            self._fail_alone(prepared.request.id, error)
            return
        if prepared.arrival.cancelled:
            self._end(sequence, "cancelled")
        else:
            self._waiting.append(sequence)

    def _cancel(self, id: int) -> None:
        """An unknown id is a request that has just ended: nothing to do."""
        for sequence in [*self._running.values(), *self._scoring, *self._waiting]:
            if sequence.id == id:
                self._leave(sequence, "cancelled")
                return

    def _leave(self, sequence: Sequence, reason: str, stop: str | None = None) -> None:
        """Ends it before its time. As soon as it is in no list it has its end: what may fail comes before, or
        after, so that it has one end and not two or none."""
        removed: dict[int, tuple[list[Cache], list[int]]] = {}
        if sequence.uid in self._running:
            removed = self._generator.remove([sequence.uid], return_prompt_caches=True)
            del self._running[sequence.uid]
        elif sequence in self._scoring:
            self._scoring.remove(sequence)
        else:
            self._waiting.remove(sequence)
        self._end(sequence, reason, stop)
        for cache, tokens in removed.values():
            self._keep_prefix(sequence, tokens, cache)

    def _shut_down(self) -> None:
        for id in list(self._status.live):
            self._fail(id, "SHUTTING_DOWN", "the model is being unloaded")

    # 2 ------------------------------------------------------------------------------------------

    def _admit(self) -> None:
        while self._waiting and len(self._running) + len(self._scoring) < self._limits.max_batch:
            busy = bool(self._running or self._scoring)
            if self._memory.is_tight():
                self._prefixes.clear()
                if busy:
                    return
            sequence = self._waiting.popleft()
            try:
                self._start(sequence)
            except Exception as error:  # nothing of it has reached the batch, so the others go on
                self._fail_alone(sequence.id, error)

    def _start(self, sequence: Sequence) -> None:
        sequence.started_s = monotonic()
        request, prompt = sequence.prepared.request, sequence.prepared.prompt
        cache: list[Cache] | None = None
        have_tokens = 0
        sequence.scorer = reader_of(sequence, self._model)
        if sequence.scorer is None and sequence.prepared.seen is None and sequence.tokens_left > 0:
            cache, have_tokens = self._prefixes.take(sequence.input)
            sequence.cached_tokens = min(have_tokens, len(prompt))
        read = {"promptTokens": len(prompt), "cachedTokens": sequence.cached_tokens}
        self._frames.send({"ev": "started", "id": sequence.id, **read})
        if sequence.scorer is not None:
            self._scoring.append(sequence)
            return
        if request.echo and not request.resume:
            self._frames.send({"ev": "echo", "id": sequence.id, "text": sequence.prepared.prompt_text})
        self._insert(sequence, cache, have_tokens)

    def _insert(self, sequence: Sequence, cache: list[Cache] | None, have_tokens: int) -> None:
        """have_tokens: how much of the input the cache holds."""
        if sequence.over is not None:
            self._end(sequence, *sequence.over)
            return
        request, grammar = sequence.prepared.request, sequence.prepared.grammar
        drawn, wants_logprobs = len(request.resume), request.logprobs is not None
        sampler = row_sampler(request.sampling, self._model.vocab_tokens, wants_logprobs, drawn, grammar)
        (sequence.uid,) = self._generator.insert_segments(
            [[sequence.input[have_tokens:]]],
            [sequence.tokens_left],
            [cache],
            [sequence.input[:have_tokens]],
            [sampler],
            [processors_of(request.sampling, len(sequence.prepared.prompt))],
        )
        self._running[sequence.uid] = sequence

    # 3 ------------------------------------------------------------------------------------------

    def _score(self) -> None:
        sequence = self._scoring[0] if self._scoring else None
        if sequence is None or (scorer := sequence.scorer) is None:
            return
        try:
            if not scorer.advance(self._chunk()):
                return
        except Exception as error:  # nothing of it has reached the batch, so the others go on
            self._scoring.pop(0)
            self._fail_alone(sequence.id, error)
            return
        if isinstance(scorer, PromptScorer):
            echo = {"text": sequence.prepared.prompt_text, "tokens": scorer.entries}
            self._frames.send({"ev": "echo", "id": sequence.id, **echo})
        self._insert(sequence, scorer.cache, len(sequence.prepared.prompt) - 1)
        self._scoring.pop(0)
        sequence.scorer = None

    # 4 ------------------------------------------------------------------------------------------

    def _step(self) -> None:
        self._status.step += 1
        if not self._running:
            return
        if self._memory.is_exhausted():
            self._give_up_newest_prompt()
        self._generator.prefill_step_size = self._chunk()
        prompts, generated = self._generator.next()
        for progress in prompts:
            self._note_progress(progress)
        for one in generated:
            sequence = self._running[one.uid]
            try:
                self._take_token(sequence, one)
            except Exception as error:
                if one.uid not in self._running:  # it has its end, and what failed concerns more than it
                    raise
                self._remove(sequence, one)
                self._fail_alone(sequence.id, error)

    def _chunk(self) -> int:
        prompts = sum(not sequence.decoding for sequence in self._running.values())
        return chunk_tokens(prompts, prompts < len(self._running), self._limits.on_gpu)

    def _note_progress(self, progress: PromptProgress) -> None:
        sequence = self._running[progress.uid]
        done, total = progress.progress
        if progress.end_of_prompt:
            sequence.decoding = True
        elif done < total - 1:
            input_tokens = len(sequence.input)
            read = {"doneTokens": input_tokens - total + done, "totalTokens": input_tokens}
            self._frames.send({"ev": "prefill", "id": sequence.id, **read})

    def _take_token(self, sequence: Sequence, one: Generated) -> None:
        if sequence.first_token_s is None:
            sequence.first_token_s = monotonic()
        stop = None
        grammar = sequence.prepared.grammar
        if grammar is not None and grammar.failure is not None:
            self._fail_guided(sequence, one, grammar.failure)
            return
        at_end = grammar is not None and grammar.ended
        if one.finish_reason == "stop":  # a token that ends the text and is no part of it
            rest, stop = sequence.text.end(by_itself=True)
            self._output.add_rest(sequence, rest)
        else:
            request = sequence.prepared.request
            entry = None
            if request.logprobs is not None and one.logprobs is not None:
                entry = entry_of(self._model.vocabulary, one.token, one.logprobs, request.logprobs)
            last = at_end or one.finish_reason == "length"
            said, stop = sequence.add(one.token, at_end if last else None)
            self._output.add(sequence, said, one.token, entry)
        if one.finish_reason is not None:
            del self._running[sequence.uid]
            self._end(sequence, sequence.finish_reason("stop" if at_end else one.finish_reason, stop), stop)
            if one.prompt_cache is not None and one.all_tokens is not None:
                self._keep_prefix(sequence, one.all_tokens, one.prompt_cache)
        elif stop is not None or at_end or sequence.text.is_complete:
            self._leave(sequence, sequence.finish_reason("stop", stop), stop)

    def _fail_guided(self, sequence: Sequence, one: Generated, why: str) -> None:
        """Its grammar allows nothing, or is too much for one step; the others go on."""
        self._remove(sequence, one)
        log("error", "grammar failed", id=sequence.id, error=why)
        self._fail(sequence.id, "INVALID_REQUEST", _NO_WAY_ON, sequence.prepared.request.bound_by)

    def _remove(self, sequence: Sequence, one: Generated) -> None:
        if one.finish_reason is None:
            self._generator.remove([sequence.uid])
        del self._running[sequence.uid]

    def _keep_prefix(self, sequence: Sequence, tokens: list[int], cache: list[Cache]) -> None:
        # The tokens of different images are the same.
        if self._limits.prefix_cache_bytes > 0 and sequence.prepared.seen is None:
            self._prefixes.put(tokens, cache)

    def _give_up_newest_prompt(self) -> None:
        for sequence in reversed(self._running.values()):
            if not sequence.decoding:
                self._generator.remove([sequence.uid])
                del self._running[sequence.uid]
                self._fail(sequence.id, "INSUFFICIENT_MEMORY", _NO_MEMORY)
                return

    # 5 ------------------------------------------------------------------------------------------

    def _send(self) -> None:
        self._count()
        output = self._output
        if output.tokens or output.done:
            self._frames.send({"ev": "step", "n": self._status.step, "t": output.tokens, "d": output.done})
            self._output = Output()

    def _count(self) -> None:
        """Before each end is told: whoever has read of it must not find the request still active."""
        self._status.active = len(self._running) + len(self._scoring)
        self._status.queued = len(self._waiting)
        self._status.cache_bytes = self._prefixes.bytes

    def _end(self, sequence: Sequence, reason: str, stop: str | None = None) -> None:
        self._output.end(sequence, reason, stop)
        self._status.live.discard(sequence.id)
        log(
            "info",
            "ended",
            requestId=sequence.prepared.request.request_id,
            id=sequence.id,
            reason=reason,
            completionTokens=sequence.completion_tokens,
            cachedTokens=sequence.cached_tokens,
        )

    def _fail(self, id: int, code: str, message: str, param: str | None = None) -> None:
        self._status.live.discard(id)
        self._count()
        self._frames.send({"ev": "error", "id": id, "code": code, "message": message, "param": param})

    def _fail_alone(self, id: int, error: Exception) -> None:
        log("error", "request failed", id=id, error=f"{type(error).__name__}: {error}")
        self._fail(id, "ENGINE_FAILED", _FAILED)

    def _fail_batch(self, error: Exception) -> None:
        """What a step was computing is lost; what waits is not."""
        log("error", "step failed", error=f"{type(error).__name__}: {error}", step=self._status.step)
        lost = [sequence.id for sequence in [*self._running.values(), *self._scoring]]
        try:
            # Tokens that were taken before the failure are still good.
            self._send()
        except ValueError:  # they are what failed, and with them the ends of sequences that are in no list
            lost += [id for id, *_ in self._output.done]
            self._output = Output()
        self._running.clear()
        self._scoring.clear()
        self._prefixes.clear()
        for id in lost:
            self._fail(id, "ENGINE_FAILED", _FAILED)
        self._generator = self._new_generator()

    def _new_generator(self) -> Generator:
        return new_generator(self._model.network, self._model.tokenizer.eos_token_ids, self._limits.max_batch)
