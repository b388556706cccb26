"""One request while it lives in the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from .inbox import Prepared
from .logprobs import Entry, PromptScorer
from .model import Model
from .text import TextStream


@dataclass(eq=False)
class Sequence:
    prepared: Prepared
    text: TextStream
    input: list[int]
    """What is read before the first new token: the prompt, and what is there of the answer."""
    completion_tokens: int
    stopped_by: str | None
    """The stop string that an answer begun elsewhere had completed when its end was lost."""
    uid: int = -1
    """The generator's name for it, once it has been inserted."""
    cached_tokens: int = 0
    scorer: PromptScorer | None = None
    """Present while the prompt's own log-probabilities are computed."""
    decoding: bool = False
    started_s: float | None = None
    """When it came to its place in the batch; of monotonic(), as the next."""
    first_token_s: float | None = None

    @property
    def id(self) -> int:
        return self.prepared.request.id

    @property
    def tokens_left(self) -> int:
        return self.prepared.max_tokens - self.completion_tokens

    def timings_ms(self) -> tuple[float, float, float]:
        """Until now: how long it waited, read its prompt, and wrote."""
        now = monotonic()
        started = now if self.started_s is None else self.started_s
        first = now if self.first_token_s is None else self.first_token_s
        spans = (started - self.prepared.arrival.arrived_s, first - started, now - first)
        waited, read, wrote = (round(span * 1000, 1) for span in spans)
        return waited, read, wrote


Done = tuple[int, str, int, str | None, tuple[float, float, float]]
"""Id, finish reason, completion tokens, the stop string that matched, milliseconds of each phase."""


@dataclass
class Output:
    """What one step has to tell: the two lists of a `step` frame."""

    tokens: list[list[object]] = field(default_factory=list[list[object]])
    done: list[Done] = field(default_factory=list[Done])

    def add(self, sequence: Sequence, text: str, token: int, entry: Entry | None) -> None:
        sequence.completion_tokens += 1
        line: list[object] = [sequence.id, text, [token]]
        if entry is not None:
            line.append([entry])
        self.tokens.append(line)

    def add_text(self, sequence: Sequence, text: str) -> None:
        """Text that was held back and comes without a token of its own."""
        if text:
            self.tokens.append([sequence.id, text, []])

    def end(self, sequence: Sequence, reason: str, stop: str | None = None) -> None:
        self.done.append((sequence.id, reason, sequence.completion_tokens, stop, sequence.timings_ms()))


def new_sequence(prepared: Prepared, model: Model) -> Sequence:
    request = prepared.request
    trim = model.vocabulary.strips_first_space and request.messages is not None and prepared.grammar is None
    text = TextStream(model.vocabulary, request.stop, trim)
    stop = None
    for token in request.resume:  # the same text again, which nobody is told, and the same that is held back
        _, stop = text.add(token)
        if stop is not None:
            break
    return Sequence(prepared, text, prepared.prompt + request.resume, len(request.resume), stop)
