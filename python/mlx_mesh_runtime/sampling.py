"""How the next token is chosen: filters, temperature, seeds and penalties."""

from __future__ import annotations

from dataclasses import dataclass

import mlx.core as mx

from .facade import LogitsProcessor, add_at, filters
from .guided import GrammarRow
from .requests import Sampling

_GREEDY_BELOW = 1e-5
"""At this temperature the most probable token is as good as certain, and 1/temperature would overflow."""
_FAR_APART = 0x9E3779B97F4A7C15
"""2^64 / the golden ratio: neighbouring seeds, as the choices of a request have, share no token's key."""


@dataclass(frozen=True)
class Settings:
    """Rows with equal settings are sampled in one call."""

    temperature: float
    top_p: float
    top_k: int
    min_p: float


_GREEDY = Settings(0, 1, 0, 0)


@dataclass(eq=False)
class RowSampler:
    settings: Settings
    wants_logprobs: bool
    seed: int | None
    drawn_tokens: int
    grammar: GrammarRow | None = None
    """Present where not every token may come next."""

    def draw_key(self) -> mx.array | None:
        """A seeded row has a random key of its own for each token: a draw depends neither on which rows share
        the batch, nor on whether the tokens before were drawn here."""
        if self.seed is None:
            return None
        key = mx.random.key((self.seed + self.drawn_tokens * _FAR_APART) % 2**64)
        self.drawn_tokens += 1
        return key


def row_sampler(
    sampling: Sampling,
    vocab_tokens: int,
    wants_logprobs: bool,
    drawn_tokens: int = 0,
    grammar: GrammarRow | None = None,
) -> RowSampler:
    """drawn_tokens: of an answer that was begun elsewhere."""
    if sampling.temperature < _GREEDY_BELOW or sampling.top_p == 0 or sampling.top_k == 1:
        return RowSampler(_GREEDY, wants_logprobs, None, 0, grammar)
    top_k = sampling.top_k if sampling.top_k < vocab_tokens else 0
    settings = Settings(sampling.temperature, sampling.top_p, top_k, sampling.min_p)
    return RowSampler(settings, wants_logprobs, sampling.seed, drawn_tokens, grammar)


def sample(logits: mx.array, rows: list[RowSampler]) -> mx.array:
    """logits: (rows, vocabulary), not normalized. Returns token ids of shape (rows,)."""
    groups: dict[object, list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(row.settings if row.seed is None else row, []).append(index)
    if len(groups) == 1:
        return _sample_alike(logits, rows[0])
    chosen = mx.zeros(len(rows), dtype=mx.uint32)
    for indices in groups.values():
        some = mx.array(indices)
        chosen[some] = _sample_alike(logits[some], rows[indices[0]])
    return chosen


def _sample_alike(logits: mx.array, row: RowSampler) -> mx.array:
    settings = row.settings
    if settings == _GREEDY:
        return mx.argmax(logits, axis=-1)
    # Single precision: half precision overflows at low temperatures. The largest is 0, as the filters expect
    # log-probabilities, which they need only up to a constant.
    logits = logits.astype(mx.float32)
    logits = logits - mx.max(logits, axis=-1, keepdims=True)
    if settings.top_p < 1:
        logits = filters().apply_top_p(logits, settings.top_p)
    if settings.min_p > 0:
        logits = filters().apply_min_p(logits, settings.min_p)
    if settings.top_k > 0:
        logits = filters().apply_top_k(logits, settings.top_k)
    return mx.random.categorical(logits * (1 / settings.temperature), key=row.draw_key())


def processors_of(sampling: Sampling, prompt_tokens: int) -> list[LogitsProcessor]:
    processors: list[LogitsProcessor] = []
    if sampling.logit_bias:
        processors.append(_bias(sampling))
    if sampling.repetition_penalty != 1:
        processors.append(_repetition(sampling.repetition_penalty))
    if sampling.presence_penalty or sampling.frequency_penalty:
        processors.append(_recurrence(sampling.presence_penalty, sampling.frequency_penalty, prompt_tokens))
    return processors


def _repetition(penalty: float) -> LogitsProcessor:
    """Keskar et al. 2019, https://arxiv.org/abs/1909.05858, over prompt and completion."""

    def process(tokens: mx.array, logits: mx.array) -> mx.array:
        seen = logits[:, tokens]
        logits[:, tokens] = mx.where(seen < 0, seen * penalty, seen / penalty)
        return logits

    return process


def _recurrence(presence: float, frequency: float, prompt_tokens: int) -> LogitsProcessor:
    """OpenAI's two penalties, which look at the completion only."""

    def process(tokens: mx.array, logits: mx.array) -> mx.array:
        completion = tokens[prompt_tokens:]
        if completion.size == 0:
            return logits
        penalized = add_at(logits, completion, mx.array(-frequency, logits.dtype))
        penalized[:, completion] = penalized[:, completion] - presence
        return penalized

    return process


def _bias(sampling: Sampling) -> LogitsProcessor:
    tokens = mx.array(list(sampling.logit_bias.keys()))
    biases = mx.array(list(sampling.logit_bias.values()))

    def process(_tokens: mx.array, logits: mx.array) -> mx.array:
        return add_at(logits, tokens, biases.astype(logits.dtype))

    return process
