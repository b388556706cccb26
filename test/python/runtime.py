"""A real runtime process on the other end of a pipe, and what it answered."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

ROOT = Path(__file__).parents[2]
VISION_LAYER = ROOT / "resources/runtime/vision"
TINY = ROOT / "resources/runtime/test-models/tiny"
STARTER = ROOT / "resources/runtime/models/SmolLM2-135M-Instruct"
DEADLINE_SECONDS = 60


@dataclass
class Answer:
    frames: list[dict[str, Any]] = field(default_factory=list)
    started: dict[str, Any] | None = None
    echo: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    text: str = ""
    tokens: list[int] = field(default_factory=list)
    pieces: list[dict[str, str]] = field(default_factory=list)
    """Of an answer that is more than text: all of them, those of plain text too."""
    entries: list[list[Any]] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    """The numbers of the steps that brought a token."""
    finish: str | None = None
    stop: str | None = None
    completion_tokens: int | None = None

    @property
    def ended(self) -> bool:
        return self.finish is not None or self.error is not None


class Runtime:
    def __init__(self, model: Path = TINY, *options: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mlx_mesh_runtime", "--model", str(model), *options],
            cwd=ROOT / "python",
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.log: list[str] = []
        self.ready: dict[str, Any] = {}
        self.step = 0
        self._answers: dict[int, Answer] = {}
        self._frames: Queue[dict[str, Any] | None] = Queue()
        self._ids = itertools.count(1)
        self._reading = True
        self._frame_reader = threading.Thread(target=self._read_frames, daemon=True)
        self._frame_reader.start()
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()

    def __enter__(self) -> Runtime:
        self.ready = self.wait_for("ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def send(self, **command: Any) -> None:
        self.send_line(json.dumps(command).encode())

    def send_line(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def ask(self, **fields: Any) -> int:
        """Sends a `generate` command, greedy unless told otherwise, and returns its id."""
        id = next(self._ids)
        self._answers[id] = Answer()
        self.send(op="generate", id=id, **{"temperature": 0, **fields})
        return id

    def answer(self, id: int) -> Answer:
        """Waits for the end of the request."""
        while not self._answers[id].ended:
            self.next_frame()
        return self._answers[id]

    def run(self, **fields: Any) -> Answer:
        return self.answer(self.ask(**fields))

    def so_far(self, id: int) -> Answer:
        return self._answers[id]

    def wait_for(self, event: str, id: int | None = None) -> dict[str, Any]:
        while True:
            frame = self.next_frame()
            if frame["ev"] == event and (id is None or frame.get("id") == id):
                return frame

    def wait_for_token(self, id: int) -> None:
        while not self._answers[id].steps:
            self.next_frame()

    def ping(self) -> dict[str, Any]:
        self.send(op="ping", n=7)
        return self.wait_for("pong")

    def next_frame(self) -> dict[str, Any]:
        try:
            frame = self._frames.get(timeout=DEADLINE_SECONDS)
        except Empty:
            raise AssertionError(f"no frame for {DEADLINE_SECONDS} s; log: {self.log[-5:]}") from None
        assert frame is not None, f"the runtime has ended; log: {self.log[-5:]}"
        self._note(frame)
        return frame

    def stop_reading(self) -> None:
        """As if the owner had closed its end of the runtime's standard output."""
        self._reading = False
        self._frame_reader.join(DEADLINE_SECONDS)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def exit_code(self) -> int:
        code = self.process.wait(DEADLINE_SECONDS)
        self._log_reader.join(DEADLINE_SECONDS)
        return code

    def _note(self, frame: dict[str, Any]) -> None:
        if frame["ev"] == "step":
            self.step = frame["n"]
            for id, text, tokens, *more in frame["t"]:
                answer = self._answers[id]
                entries, pieces = [*more, None, None][:2]
                answer.text += text
                answer.tokens += tokens
                answer.entries += entries or []
                answer.pieces += pieces or ([{"type": "text", "text": text}] if text else [])
                answer.steps += [frame["n"]] * len(tokens)
            for id, reason, completion_tokens, stop, *_ in frame["d"]:
                answer = self._answers[id]
                answer.finish, answer.stop, answer.completion_tokens = reason, stop, completion_tokens
        answer = self._answers.get(frame.get("id", -1))
        if answer is not None:
            answer.frames.append(frame)
            if frame["ev"] in ("started", "echo", "error"):
                setattr(answer, frame["ev"], frame)

    def _read_frames(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._frames.put(json.loads(line))
            if not self._reading:
                return
        self._frames.put(None)

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.decode())
