"""Keeps the process below its share of the machine's memory."""

from __future__ import annotations

import time

from .footprint import footprint_bytes

_TIGHT = 0.85
_EXHAUSTED = 0.95
_FRESH_SECONDS = 0.1


class MemoryGuard:
    def __init__(self, limit_bytes: int | None) -> None:
        self._limit_bytes = limit_bytes
        self._read_at = 0.0
        self._used = 0.0

    def is_tight(self) -> bool:
        """Nothing more should be admitted."""
        return self._share() >= _TIGHT

    def is_exhausted(self) -> bool:
        """Something must go."""
        return self._share() >= _EXHAUSTED

    def _share(self) -> float:
        if self._limit_bytes is None:
            return 0.0
        now = time.monotonic()
        if now - self._read_at > _FRESH_SECONDS:
            self._read_at = now
            self._used = footprint_bytes() / self._limit_bytes
        return self._used
