"""One sequence that keeps to a grammar: from where on, which tokens may come next, and when it ends."""

from __future__ import annotations

from collections.abc import Sequence
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
    ) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._mask_bytes = _mask_bytes(known_tokens)
        self._end_tokens = list(end_tokens)
        self._thinking = thinking
        self._tail = b""
        self._at_prompt = True
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
        self._matcher.consume_token(token)
        if self._matcher.is_error():
            self._fail()

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
        self._matcher.unsafe_compute_mask_ptr(bits.ctypes.data, self._mask_bytes)
        if self._matcher.is_error():
            bits.fill(0xFF)
            self._fail()
        elif self._phase is _Phase.MAY_THINK and self._thinking is not None:
            token = self._thinking.may_open or 0
            bits[token // 8] |= 1 << token % 8

    def _fail(self) -> None:
        self.failure = self._matcher.get_error().partition("\n<non-verbose/>")[0] or "no token fits it"


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
