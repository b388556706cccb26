"""One request on its way to its vectors, and which inputs are computed together. Computes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .model import Vectors
from .preparing import Texts

_STRETCH = 2
_SHORT_TOKENS = 32
"""So much longer than the first of a batch, or so short at all, another input may be and still go with it:
padding costs less than a batch of its own."""


@dataclass(eq=False)
class Job:
    texts: Texts
    dimensions: int
    waiting: list[int] = field(init=False)
    """Places of its inputs, the longest last."""
    vectors: Vectors = field(init=False)
    begun: bool = False

    def __post_init__(self) -> None:
        inputs = self.texts.inputs
        self.waiting = sorted(range(len(inputs)), key=lambda place: len(inputs[place]))
        self.vectors = np.empty((len(inputs), self.dimensions), np.float32)

    @property
    def id(self) -> int:
        return self.texts.arrival.id

    @property
    def longest_tokens(self) -> int:
        return len(self.texts.inputs[self.waiting[-1]])

    def take(self, most_tokens: int) -> int | None:
        """The place of its longest waiting input of at most so many tokens."""
        for index in reversed(range(len(self.waiting))):
            if len(self.texts.inputs[self.waiting[index]]) <= most_tokens:
                return self.waiting.pop(index)
        return None


Batch = list[tuple[Job, int]]


def next_batch(jobs: Sequence[Job], budget_tokens: int) -> Batch:
    """Inputs of similar lengths; with their padding they have at most `budget_tokens`, or there is just one.
    The first job leads; the others, in their order, fill what it leaves."""
    lead = jobs[0]
    reach = max(_STRETCH * lead.longest_tokens, _SHORT_TOKENS)
    most_tokens = max(job.longest_tokens for job in jobs if job.longest_tokens <= reach)
    rows = max(1, budget_tokens // most_tokens)
    batch: Batch = []
    for job in jobs:
        while len(batch) < rows and (place := job.take(most_tokens)) is not None:
            batch.append((job, place))
    return batch
