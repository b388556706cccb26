"""The running batch of mlx-lm with a step of our own. Its step normalizes every row's logits over the whole
vocabulary, which only log-probabilities need (a sixth of a small model's step on a CPU), and samples row by
row as soon as two rows differ."""

from __future__ import annotations

from typing import Any, cast

import mlx.core as mx
from mlx_lm.generate import GenerationBatch

from .facade import Cache, LogitsProcessor, Network, compute, compute_soon, to_list
from .sampling import RowSampler, sample


class Batch(GenerationBatch):
    """Rows join, leave and end as in mlx-lm. `logprobs` of an answer is None for rows that did not ask."""

    samplers: list[RowSampler]
    logits_processors: list[list[LogitsProcessor]]

    def _step(self) -> tuple[list[int], list[Any]]:
        inputs, logprobs = self._next_tokens, self._next_logprobs
        self._current_tokens, self._current_logprobs = inputs, logprobs

        network = cast("Network", self.model)
        buffers = cast("list[Any]", self._token_context)
        logits = network(inputs[:, None], cache=cast("list[Cache]", self.prompt_cache))[:, -1, :]
        contexts = [
            buffers[row].update_and_fetch(inputs[row : row + 1]) if processors else None
            for row, processors in enumerate(self.logits_processors)
        ]
        logits = _process(logits, self.logits_processors, contexts)
        self._next_tokens = sample(logits, self.samplers)
        self._next_logprobs = [
            _normalize(logits[row]) if sampler.wants_logprobs else None
            for row, sampler in enumerate(self.samplers)
        ]
        # The device goes on with the next tokens while Python tells of these.
        compute_soon([self._next_tokens, *_present(self._next_logprobs), *_present(contexts)])

        compute([inputs, *_present(logprobs)])
        tokens: list[int] = to_list(inputs)
        for sequence, token in zip(self.tokens, tokens, strict=True):
            sequence.append(token)
        return tokens, logprobs


def _process(
    logits: mx.array, processors: list[list[LogitsProcessor]], contexts: list[mx.array | None]
) -> mx.array:
    if not any(processors):
        return logits
    rows: list[mx.array] = []
    for row, context in enumerate(contexts):
        processed = logits[row : row + 1]
        if context is not None:
            for process in processors[row]:
                processed = process(context, processed)
        rows.append(processed)
    return mx.concatenate(rows, axis=0)


def _normalize(logits: mx.array) -> mx.array:
    logits = logits.astype(mx.float32)
    return logits - mx.logsumexp(logits)


def _present(arrays: list[Any]) -> list[mx.array]:
    return [array for array in arrays if array is not None]
