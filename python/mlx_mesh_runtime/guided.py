"""One sequence that keeps to a grammar: from where on, which tokens may come next, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, cast

import mlx.core as mx
import numpy as np
import numpy.typing as npt
from llguidance import LLMatcher

from .vocabulary import Vocabulary

Bits = npt.NDArray[np.uint8]
"""One for each token of the vocabulary, the lowest bit of a byte first, up to a whole number of words."""


@dataclass(frozen=True)
class AfterThinking:
    """The grammar begins behind the thinking. Without one of `may_open` the prompt ends within it."""

    end: str
    may_open: int | None = None
    """The token with which a model that decides for itself begins to think."""


_MOST_SECONDS = 0.25
_SECONDS_A_TOKEN = 0.002
"""What a row may hold the batch up for: all at once, and in the long run."""
_NOTHING_FITS = "nothing fits it"


class _Phase(Enum):
    MAY_THINK = auto()
    THINKS = auto()
    ANSWERS = auto()


class GrammarRow:
    def __init__(
        self,
        matcher: LLMatcher,
        vocabulary: Vocabulary,
        known_tokens: int,
        end_tokens: Sequence[int],
        thinking: AfterThinking | None,
        fails: Callable[[], None],
    ) -> None:
        """fails: hears of it when nothing can follow."""
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._mask_bytes = _mask_bytes(known_tokens)
        self._end_tokens = list(end_tokens)
        self._thinking = thinking
        self._tail = b""
        self._at_prompt = True
        self._fails = fails
        self._seconds_left = _MOST_SECONDS
        self.failure: str | None = None
        """Why nothing can follow; the sequence has to end."""
        if thinking is None:
            self._phase = _Phase.ANSWERS
        else:
            self._phase = _Phase.THINKS if thinking.may_open is None else _Phase.MAY_THINK

    @property
    def ended(self) -> bool:
        """Nothing but the end may follow."""
        return self.failure is None and self._phase is _Phase.ANSWERS and self._matcher.is_stopped()

    def read(self, token: int) -> None:
        """A token that went into the network: the first is the last one of what was there before."""
        if self._at_prompt:
            self._at_prompt = False
        else:
            self.take(token)

    def take(self, token: int) -> None:
        """A token of the answer."""
        if self.failure is not None:
            return
        thinking = self._thinking
        if thinking is not None and self._phase is not _Phase.ANSWERS:
            if self._phase is _Phase.THINKS:
                self._look_for_end(token, thinking.end.encode("utf-8"))
                return
            if token == thinking.may_open:
                self._phase = _Phase.THINKS
                return
            self._phase = _Phase.ANSWERS
        started = time.thread_time()
        self._matcher.consume_token(token)
        self._check(started)

    def _look_for_end(self, token: int, end: bytes) -> None:
        self._tail += self._vocabulary.bytes_of(token) or self._vocabulary.name_of(token).encode("utf-8")
        if end in self._tail:
            self._phase = _Phase.ANSWERS
        self._tail = self._tail[1 - len(end) :] if len(end) > 1 else b""

    def fill(self, bits: Bits) -> None:
        """`bits`: of this row; all of them are set."""
        if self.failure is not None:
            return
        if self._phase is _Phase.THINKS:
            # An answer that ends within the thinking would lack what was asked for.
            for token in self._end_tokens:
                bits[token // 8] &= 0xFF - (1 << token % 8)
            return
        started = time.thread_time()
        self._matcher.unsafe_compute_mask_ptr(bits.ctypes.data, self._mask_bytes)
        self._seconds_left = min(self._seconds_left + _SECONDS_A_TOKEN, _MOST_SECONDS)
        self._check(started)
        if self.failure is not None:
            bits.fill(0xFF)
        elif self._phase is _Phase.MAY_THINK and self._thinking is not None:
            token = self._thinking.may_open or 0
            bits[token // 8] |= 1 << token % 8

    def any_token(self) -> int | None:
        """One that may come next; None: nothing but the end may."""
        bits = np.full(self._mask_bytes, 0xFF, dtype=np.uint8)
        self.fill(bits)
        flags = np.unpackbits(bits, bitorder="little")
        flags[self._end_tokens] = 0
        found = int(np.argmax(flags))
        return found if flags[found] and not self._matcher.is_stopped() else None

    def _check(self, started: float) -> None:
        """CPU time, so that a busy machine makes nothing fail."""
        self._seconds_left -= time.thread_time() - started
        if self._matcher.is_error():
            why = self._matcher.get_error().partition("\n<non-verbose/>")[0]
            self.failure = _NOTHING_FITS if why.startswith("NoExtension") else f"it is too complex ({why})"
        elif self._seconds_left < 0:
            self.failure = "finding the tokens that fit takes too long"
        if self.failure is not None:
            self._fails()


def mask_of(rows: Sequence[GrammarRow | None], vocab_tokens: int) -> mx.array:
    """Which tokens may come next: booleans of shape (rows, vocabulary)."""
    # One token more: for models without one that ends a text, llguidance makes one up.
    bits = np.full((len(rows), _mask_bytes(vocab_tokens + 1)), 0xFF, dtype=np.uint8)
    for row, grammar in enumerate(rows):
        if grammar is not None:
            grammar.fill(bits[row])
    flags = np.unpackbits(bits, axis=1, count=vocab_tokens, bitorder="little")
    return mx.array(cast("Any", flags).view(np.bool_))


def _mask_bytes(tokens: int) -> int:
    return (tokens + 31) // 32 * 4
