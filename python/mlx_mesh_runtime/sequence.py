"""One request while it lives in the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from .inbox import Prepared
from .logprobs import Entry, PromptScorer
from .model import Model
from .speech import Said, Speech, joined
from .text import TextStream
from .vision.prompt import ImagePrompt


@dataclass(eq=False)
class Sequence:
    prepared: Prepared
    text: TextStream | Speech
    input: list[int]
    """What is read before the first new token: the prompt, and what is there of the answer."""
    completion_tokens: int
    stopped_by: str | None
    """The stop string that an answer begun elsewhere had completed when its end was lost."""
    uid: int = -1
    """The generator's name for it, once it has been inserted."""
    cached_tokens: int = 0
    scorer: PromptScorer | ImagePrompt | None = None
    """Present while the prompt is read outside of the batch: for its log-probabilities, or for its images."""
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

    @property
    def over(self) -> tuple[str, str | None] | None:
        """Finish reason and stop string of one that has its end before anything is generated."""
        if self.stopped_by is not None:
            return "stop", self.stopped_by
        grammar = self.prepared.grammar
        if self.text.is_complete or (grammar is not None and grammar.ended):
            return self.finish_reason("stop", None), None
        return ("length", None) if self.tokens_left == 0 else None

    def add(self, token: int, by_itself: bool | None) -> tuple[Said, str | None]:
        """What became certain with the token, and the stop string that it completed. by_itself: of the last
        token, whether the answer ends there by itself."""
        said, stop = self.text.add(token)
        if by_itself is not None and stop is None and not self.text.is_complete:
            rest, stop = self.text.end(by_itself)
            said = joined(said, rest)
        return said, stop

    def finish_reason(self, reason: str, stop: str | None) -> str:
        """reason: `stop`, where it ended by itself or has all that was wanted, or why else no more comes."""
        if stop is not None:
            return "stop"
        calls = self.text.is_complete or (reason == "stop" and self.text.has_called)
        return "tool_calls" if calls else reason


Done = tuple[int, str, int, str | None, tuple[float, float, float]]
"""Id, finish reason, completion tokens, the stop string that matched, milliseconds of each phase."""


@dataclass
class Output:
    """What one step has to tell: the two lists of a `step` frame."""

    tokens: list[list[object]] = field(default_factory=list[list[object]])
    done: list[Done] = field(default_factory=list[Done])

    def add(self, sequence: Sequence, said: Said, token: int, entry: Entry | None) -> None:
        sequence.completion_tokens += 1
        entries = None if entry is None else [entry]
        if not isinstance(said, str):
            self.tokens.append([sequence.id, "", [token], entries, said])
        elif entries is None:
            self.tokens.append([sequence.id, said, [token]])
        else:
            self.tokens.append([sequence.id, said, [token], entries])

    def add_rest(self, sequence: Sequence, said: Said) -> None:
        """What was held back and comes without a token of its own."""
        if isinstance(said, str):
            if said:
                self.tokens.append([sequence.id, said, []])
        else:
            self.tokens.append([sequence.id, "", [], None, said])

    def end(self, sequence: Sequence, reason: str, stop: str | None = None) -> None:
        self.done.append((sequence.id, reason, sequence.completion_tokens, stop, sequence.timings_ms()))


def new_sequence(prepared: Prepared, model: Model) -> Sequence:
    request = prepared.request
    text = _text_of(prepared, model)
    stop = None
    for token in request.resume:  # the same text again, which nobody is told, and the same that is held back
        _, stop = text.add(token)
        if stop is not None or text.is_complete:
            break
    return Sequence(prepared, text, prepared.prompt + request.resume, len(request.resume), stop)


def reader_of(sequence: Sequence, model: Model) -> PromptScorer | ImagePrompt | None:
    """What reads the prompt outside of the batch, for those that need it."""
    prepared = sequence.prepared
    request, seen = prepared.request, prepared.seen
    if seen is not None and model.vision is not None and sequence.over is None:
        return model.vision.prompt(seen)
    if request.echo and not request.resume and request.logprobs is not None:
        return PromptScorer(model.network, model.vocabulary, prepared.prompt, request.logprobs)
    return None


def _text_of(prepared: Prepared, model: Model) -> TextStream | Speech:
    request, vocabulary, markers = prepared.request, model.vocabulary, model.markers
    if request.messages is None:
        return TextStream(vocabulary, request.stop, False)
    if prepared.wanted is None and not markers.split_text:
        trim = vocabulary.strips_first_space and prepared.grammar is None
        return TextStream(vocabulary, request.stop, trim)
    state = markers.state_behind(prepared.prompt_text, prepared.grammar is not None)
    return Speech(
        vocabulary, request.stop, markers, prepared.wanted, state, keeps_newlines=request.answers_in_format
    )
