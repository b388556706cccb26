"""Token entries `[text, bytes, logprob, alternatives]`, for generated tokens and for an echoed prompt."""

from __future__ import annotations

import math
from typing import Any

import mlx.core as mx

from .facade import Cache, Network, compute, new_cache, to_list
from .vocabulary import Vocabulary

Entry = list[Any]
_LEAST_LOGPROB = -9999.0
"""Stands for minus infinity, and for what a broken model computes instead of a number: JSON can say neither.
OpenAI's value."""
_CHUNK_TOKENS = 128


def entry_of(vocabulary: Vocabulary, token: int, logprobs: mx.array, alternatives: int) -> Entry:
    """logprobs: shape (vocabulary,)."""
    (own,) = to_list(logprobs[token : token + 1])
    if alternatives == 0:
        return _entry(vocabulary, token, own, [], [])
    top = _top(logprobs, alternatives)
    return _entry(vocabulary, token, own, to_list(top), to_list(logprobs[top]))


class PromptScorer:
    """The log-probabilities of a prompt's own tokens, a chunk a call. The cache that it fills holds the
    prompt without its last token, so that generation goes on from there."""

    def __init__(
        self, network: Network, vocabulary: Vocabulary, prompt: list[int], alternatives: int
    ) -> None:
        self._network = network
        self._vocabulary = vocabulary
        self._prompt = prompt
        self._alternatives = alternatives
        self._done_tokens = 0
        self.cache: list[Cache] = new_cache(network)
        self.entries: list[Entry] = [[*_named(vocabulary, prompt[0]), None, []]]

    def advance(self, chunk_tokens: int) -> bool:
        """True when all is done."""
        start = self._done_tokens
        chunk = self._prompt[start : min(start + min(chunk_tokens, _CHUNK_TOKENS), len(self._prompt) - 1)]
        if chunk:
            self._score(chunk, self._prompt[start + 1 : start + 1 + len(chunk)])
            self._done_tokens += len(chunk)
        return self._done_tokens == len(self._prompt) - 1

    def _score(self, chunk: list[int], following: list[int]) -> None:
        logits = self._network(mx.array([chunk]), cache=self.cache)[0].astype(mx.float32)
        logprobs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        chosen = to_list(mx.take_along_axis(logprobs, mx.array(following)[:, None], axis=-1)[:, 0])
        tokens: list[list[int]] = [[] for _ in chunk]
        values: list[list[float]] = [[] for _ in chunk]
        if self._alternatives:
            top = _top(logprobs, self._alternatives)
            tokens, values = to_list(top), to_list(mx.take_along_axis(logprobs, top, axis=-1))
        for index, token in enumerate(following):
            self.entries.append(_entry(self._vocabulary, token, chosen[index], tokens[index], values[index]))
        compute([layer.state for layer in self.cache])


def _top(logprobs: mx.array, count: int) -> mx.array:
    """Indices of the largest values along the last axis, the largest first."""
    count = min(count, logprobs.shape[-1])
    top = mx.argpartition(-logprobs, kth=count - 1, axis=-1)[..., :count]
    order = mx.argsort(-mx.take_along_axis(logprobs, top, axis=-1), axis=-1)
    return mx.take_along_axis(top, order, axis=-1)


def _entry(
    vocabulary: Vocabulary, token: int, logprob: float, tokens: list[int], values: list[float]
) -> Entry:
    others = [
        [*_named(vocabulary, other), _finite(value)] for other, value in zip(tokens, values, strict=True)
    ]
    return [*_named(vocabulary, token), _finite(logprob), others]


def _named(vocabulary: Vocabulary, token: int) -> tuple[str, list[int]]:
    return vocabulary.name_of(token), list(vocabulary.bytes_of(token))


def _finite(logprob: float) -> float:
    return max(logprob, _LEAST_LOGPROB) if math.isfinite(logprob) else _LEAST_LOGPROB
