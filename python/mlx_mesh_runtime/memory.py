"""Keeps the process below its share of the machine's memory."""

from __future__ import annotations

import time

from .footprint import footprint_bytes
from .inbox import Status

_TIGHT = 0.85
_EXHAUSTED = 0.95
_FRESH_SECONDS = 0.1


class MemoryGuard:
    def __init__(self, status: Status) -> None:
        self._status = status
        self._read_at = 0.0
        self._used_bytes = 0

    def is_tight(self) -> bool:
        """Nothing more should be admitted."""
        return self._share() >= _TIGHT

    def is_exhausted(self) -> bool:
        """Something must go."""
        return self._share() >= _EXHAUSTED

    def _share(self) -> float:
        limit_bytes = self._status.memory_limit_bytes
        if limit_bytes is None:
            return 0.0
        now = time.monotonic()
        if now - self._read_at > _FRESH_SECONDS:
            self._read_at = now
            self._used_bytes = footprint_bytes()
        return self._used_bytes / limit_bytes
