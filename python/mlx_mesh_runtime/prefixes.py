"""Key-value caches of earlier sequences, found by the longest common beginning, within a budget of bytes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .facade import Cache, can_cut, compute_soon, first_tokens

_WORTH_TOKENS = 8
"""A shorter common beginning is computed again sooner than it is copied."""

Tokens = npt.NDArray[np.int32]


@dataclass(eq=False)
class _Entry:
    tokens: Tokens
    cache: list[Cache]
    bytes: int


class PrefixStore:
    """Least recently used first out. mlx-lm's LRUPromptCache is not used: where a prompt leaves a stored
    sequence of 30,000 tokens early, its look-up took 0.36 s, and it copies a whole sequence to use a part."""

    def __init__(self, budget_bytes: int) -> None:
        self._budget_bytes = budget_bytes
        self._entries: list[_Entry] = []  # the last one was used last
        self.bytes = 0

    def take(self, prompt: list[int]) -> tuple[list[Cache] | None, int]:
        """A cache of the longest stored beginning of the prompt, short of its last token, and its length."""
        wanted = np.array(prompt[:-1], dtype=np.int32)
        found = max(
            ((_common(entry.tokens, wanted), entry) for entry in self._entries), key=_length, default=None
        )
        if found is None or found[0] < _WORTH_TOKENS:
            return None, 0
        length, entry = found
        cache = first_tokens(entry.cache, len(entry.tokens), length)
        if cache is None:
            return self._take_whole(wanted)
        self._touch(entry)
        return cache, length

    def _take_whole(self, wanted: Tokens) -> tuple[list[Cache] | None, int]:
        """For caches that cannot be cut: only an entry all of which begins the prompt will do."""
        whole = [entry for entry in self._entries if _common(entry.tokens, wanted) == len(entry.tokens)]
        if not whole:
            return None, 0
        entry = max(whole, key=lambda entry: len(entry.tokens))
        self._touch(entry)
        return first_tokens(entry.cache, len(entry.tokens), len(entry.tokens)), len(entry.tokens)

    def put(self, tokens: list[int], cache: list[Cache]) -> None:
        size = sum(int(layer.nbytes) for layer in cache)
        if size > self._budget_bytes or len(tokens) < _WORTH_TOKENS:
            return
        added = np.array(tokens, dtype=np.int32)
        cuttable = can_cut(cache)
        for entry in list(self._entries):
            common = _common(entry.tokens, added)
            if common == len(added) and (cuttable or len(entry.tokens) == len(added)):
                self._touch(entry)
                return
            if cuttable and common == len(entry.tokens):
                self._drop(entry)
        # Without this the lazy copies would keep the arrays of the whole batch alive.
        compute_soon([layer.state for layer in cache])
        self._entries.append(_Entry(added, cache, size))
        self.bytes += size
        while self.bytes > self._budget_bytes:
            self._drop(self._entries[0])

    def clear(self) -> None:
        self._entries.clear()
        self.bytes = 0

    def _touch(self, entry: _Entry) -> None:
        self._entries.remove(entry)
        self._entries.append(entry)

    def _drop(self, entry: _Entry) -> None:
        self._entries.remove(entry)
        self.bytes -= entry.bytes


def _common(a: Tokens, b: Tokens) -> int:
    """Length of the common beginning."""
    shorter = min(len(a), len(b))
    different = np.flatnonzero(a[:shorter] != b[:shorter])
    return int(different[0]) if len(different) else shorter


def _length(found: tuple[int, _Entry]) -> int:
    return found[0]
