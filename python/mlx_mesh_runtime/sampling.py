"""How the next token is chosen: filters, temperature, seeds and penalties."""

from __future__ import annotations

from functools import lru_cache

import mlx.core as mx

from .facade import LogitsProcessor, Sampler, filters
from .requests import Sampling

_GREEDY_BELOW = 1e-5
"""At this temperature and below the most probable token is as good as certain, and 1/temperature would overflow."""


def sampler_of(sampling: Sampling, vocab_tokens: int) -> Sampler:
    """Requests with equal settings and no seed get the same object: a batch whose rows share one sampler is sampled
    in one call."""
    if sampling.temperature < _GREEDY_BELOW or sampling.top_p == 0 or sampling.top_k == 1:
        return _greedy
    top_k = sampling.top_k if sampling.top_k < vocab_tokens else 0
    settings = (sampling.temperature, sampling.top_p, top_k, sampling.min_p)
    return _shared_sampler(*settings) if sampling.seed is None else _seeded_sampler(sampling.seed, *settings)


def _greedy(logprobs: mx.array) -> mx.array:
    return mx.argmax(logprobs, axis=-1)


@lru_cache(maxsize=256)
def _shared_sampler(temperature: float, top_p: float, top_k: int, min_p: float) -> Sampler:
    def sample(logprobs: mx.array) -> mx.array:
        return mx.random.categorical(_candidates(logprobs, temperature, top_p, top_k, min_p))

    return sample


def _seeded_sampler(seed: int, temperature: float, top_p: float, top_k: int, min_p: float) -> Sampler:
    """Owns its random key, so that its draws do not depend on which requests share the batch."""
    key = mx.random.key(seed % 2**64)

    def sample(logprobs: mx.array) -> mx.array:
        nonlocal key
        key, drawn = mx.random.split(key)
        return mx.random.categorical(_candidates(logprobs, temperature, top_p, top_k, min_p), key=drawn)

    return sample


def _candidates(logprobs: mx.array, temperature: float, top_p: float, top_k: int, min_p: float) -> mx.array:
    """Logits of what may be drawn, in single precision: half precision overflows at low temperatures."""
    if top_p < 1:
        logprobs = filters().apply_top_p(logprobs, top_p)
    if min_p > 0:
        logprobs = filters().apply_min_p(logprobs, min_p)
    if top_k > 0:
        logprobs = filters().apply_top_k(logprobs, top_k)
    logprobs = logprobs.astype(mx.float32)
    return (logprobs - mx.max(logprobs, axis=-1, keepdims=True)) * (1 / temperature)


def processors_of(sampling: Sampling, prompt_tokens: int) -> list[LogitsProcessor]:
    processors: list[LogitsProcessor] = []
    if sampling.repetition_penalty != 1:
        processors.append(_repetition(sampling.repetition_penalty))
    if sampling.presence_penalty or sampling.frequency_penalty:
        processors.append(_recurrence(sampling.presence_penalty, sampling.frequency_penalty, prompt_tokens))
    if sampling.logit_bias:
        processors.append(_bias(sampling))
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
        if frequency:
            logits = logits.at[:, completion].subtract(frequency)
        if presence:
            logits[:, completion] = logits[:, completion] - presence
        return logits

    return process


def _bias(sampling: Sampling) -> LogitsProcessor:
    tokens = mx.array(list(sampling.logit_bias.keys()))
    biases = mx.array(list(sampling.logit_bias.values()))

    def process(_tokens: mx.array, logits: mx.array) -> mx.array:
        return logits.at[:, tokens].add(biases.astype(logits.dtype))

    return process
