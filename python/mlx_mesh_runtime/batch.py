"""The running batch of mlx-lm with a step of our own. Its step normalizes every row's logits over the whole
vocabulary, which only log-probabilities need (a sixth of a small model's step on a CPU), and samples row by
row as soon as two rows differ."""

from __future__ import annotations

from typing import Any, cast

import mlx.core as mx
from mlx_lm.generate import BatchGenerator, GenerationBatch

from .facade import Cache, LogitsProcessor, Network, compute, compute_soon, to_list
from .guided import mask_of
from .sampling import RowSampler, sample


class PromptsFirst(BatchGenerator):
    """mlx-lm's generator with a step turned round: it decodes first and takes prompts in afterwards, so that
    a new sequence's first token waits for two steps of the others beyond its own prompt. Here it comes with
    the step that its prompt ends in. The caller sees to it that no more sequences are in hand than fit."""

    _generation_batch: Batch
    _currently_processing: list[Any]

    def _next(self) -> tuple[list[Any], list[Any]]:
        running = self._generation_batch
        self._generation_batch = Batch.empty(self.model, self.sampler)
        try:
            progress: list[Any] = super()._next()[0]
            # Once more, if that only moves on: it would give those that still read a second chunk, and those
            # that have begun a second token.
            reading = self._currently_processing
            if reading and all(map(_is_read, reading)) and len(self._generation_batch) == 0:
                progress += cast("list[Any]", super()._next()[0])
        finally:
            if len(self._generation_batch) > 0:
                running.extend(self._generation_batch)
            self._generation_batch = running
        return progress, cast("list[Any]", running.next())


def _is_read(processing: tuple[list[list[int]], int, int]) -> bool:
    """Nothing is left of the prompt but its last token, with which decoding begins."""
    segments = processing[0]
    return len(segments) == 1 and len(segments[0]) == 1


class Batch(GenerationBatch):
    """Rows join, leave and end as in mlx-lm. `logprobs` of an answer is None for rows that did not ask."""

    samplers: list[RowSampler]
    logits_processors: list[list[LogitsProcessor]]

    def extend(self, batch: Batch) -> None:
        cast("Any", super()).extend(batch)
        # Now, not as a part of the next step, for which the first tokens would have to wait.
        compute_soon([self._next_tokens])

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
        logits = self._allow(_process(logits, self.logits_processors, contexts), inputs)
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

    def _allow(self, logits: mx.array, inputs: mx.array) -> mx.array:
        """Leaves a row with a grammar the tokens that fit it. Which ones is found out while the device
        goes on from the same input; it comes last, so that no bias or penalty reaches beyond it."""
        grammars = [sampler.grammar for sampler in self.samplers]
        if not any(grammars):
            return logits
        compute_soon([logits])
        for grammar, token in zip(grammars, to_list(inputs), strict=True):
            if grammar is not None:
                grammar.read(token)
        return mx.where(mask_of(grammars, logits.shape[-1]), logits, -mx.inf)


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
