"""A key-value cache that knows where its sequence goes on. Models that count positions in two dimensions give
a picture fewer of them than it has tokens, so that places and lengths differ from sequence to sequence."""

from __future__ import annotations

from typing import Any, cast

import mlx.core as mx
from mlx_lm.models.cache import BatchKVCache, KVCache

from ..facade import to_list


class PlacedKVCache(KVCache):
    """shift: the next token's position is so much more than the tokens before it (less, where negative)."""

    def __init__(self) -> None:
        super().__init__()
        self.shift = 0

    @property
    def next_positions(self) -> mx.array:
        """Shape (1, 1)."""
        return mx.array([[cast("Any", self).offset + self.shift]])

    @classmethod
    def merge(cls, caches: list[PlacedKVCache]) -> Any:
        return BatchPlacedKVCache.merge(caches)


class BatchPlacedKVCache(BatchKVCache):
    """Rows come, go and are taken out with their shifts."""

    def __init__(self, left_padding: list[int]) -> None:
        super().__init__(left_padding)
        self.shifts = mx.zeros(len(left_padding), dtype=mx.int32)

    @property
    def next_positions(self) -> mx.array:
        """Shape (rows, 1)."""
        # Padding has positions, too, which nobody looks at but the tables of sines: they begin at 0.
        return mx.maximum(cast("Any", self).offset + self.shifts, 0)[:, None]

    def filter(self, batch_indices: Any) -> None:
        cast("Any", super()).filter(batch_indices)
        self.shifts = self.shifts[batch_indices]

    def extend(self, other: BatchPlacedKVCache) -> None:
        cast("Any", super()).extend(other)
        self.shifts = mx.concatenate([self.shifts, other.shifts])

    def extract(self, idx: int) -> PlacedKVCache:
        taken: Any = cast("Any", super()).extract(idx)
        placed: Any = PlacedKVCache()
        placed.keys, placed.values, placed.offset = taken.keys, taken.values, taken.offset
        placed.shift = to_list(self.shifts)[idx]
        return placed

    @classmethod
    def merge(cls, caches: list[PlacedKVCache]) -> Any:
        is_empty = all(cast("Any", cache).keys is None for cache in caches)
        merged: Any = cls([0] * len(caches)) if is_empty else cast("Any", super()).merge(caches)
        merged.shifts = mx.array([cache.shift for cache in caches], dtype=mx.int32)
        return merged
