"""Grammars that answers keep to: compiled by llguidance, within limits of time and size, equal ones once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, cast

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

from .facade import Tokenizer
from .guided import AfterThinking, GrammarRow
from .refused import Refused
from .vocabulary import Vocabulary

MAX_GRAMMAR_BYTES = 256 * 1024
_KEPT_GRAMMARS = 64
_LIMITS = LLParserLimits(
    max_items_in_row=1000,
    initial_lexer_fuel=1_000_000,
    step_lexer_fuel=100_000,
    step_max_items=20_000,
    max_lexer_states=20_000,
    max_grammar_size=100_000,
    verbose_errors=False,  # they would quote the answer
)
"""Of what llguidance may do: some 20 ms to compile, some 7 ms for a mask, 2 kB for a state."""


class Grammars:
    """Those of one model, by their text. Any thread may compile."""

    def __init__(self, vocabulary: Vocabulary, tokenizer: Tokenizer, vocab_tokens: int) -> None:
        self._vocabulary = vocabulary
        self._tokenizer = tokenizer
        self._vocab_tokens = vocab_tokens
        self._lock = threading.Lock()
        self._ll_tokenizer: LLTokenizer | None = None
        self._kept: OrderedDict[str, LLMatcher] = OrderedDict()
        self.compiled = 0
        """How many were compiled: an equal one is not compiled again."""

    def row(self, text: str, param: str | None, thinking: AfterThinking | None = None) -> GrammarRow:
        """For one sequence. `text` is a grammar in llguidance's Lark, or several as JSON. Raises Refused,
        which names `param`."""
        with self._lock:
            if self._ll_tokenizer is None:
                self._ll_tokenizer = self._new_tokenizer()
            matcher = self._kept.get(text)
            if matcher is None:
                matcher = self._compile(self._ll_tokenizer, text, param)
                self._kept[text] = matcher
                while len(self._kept) > _KEPT_GRAMMARS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(text)
            copy = matcher.deep_copy()
            known_tokens = self._ll_tokenizer.vocab_size
        return GrammarRow(copy, self._vocabulary, known_tokens, self._end_tokens(), thinking)

    def forget(self, text: str) -> None:
        """A matcher that has failed may have spoilt what its copies share."""
        with self._lock:
            self._kept.pop(text, None)

    def _compile(self, tokenizer: LLTokenizer, text: str, param: str | None) -> LLMatcher:
        if len(text) > MAX_GRAMMAR_BYTES:
            raise Refused(f"{param or 'the grammar'} is longer than {MAX_GRAMMAR_BYTES} bytes", param)
        self.compiled += 1
        matcher = LLMatcher(tokenizer, text, log_level=0, limits=_LIMITS)
        if matcher.is_error():
            raise Refused(f"{param or 'the grammar'} cannot be used: {_reason(matcher.get_error())}", param)
        return matcher

    def _end_tokens(self) -> list[int]:
        return sorted(token for token in self._tokenizer.eos_token_ids if token < self._vocab_tokens)

    def _new_tokenizer(self) -> LLTokenizer:
        spelled = _Spelled(self._vocabulary, self._tokenizer, self._vocab_tokens, self._end_tokens())
        made = LLTokenizer(cast("Any", spelled), eos_token=self._end_tokens() or None)
        spelled.greedily = made.greedy_tokenize
        return made


class _Spelled:
    """The model's tokens as llguidance asks for them."""

    is_tokenizer_wrapper = True
    bos_token_id = None
    greedily: Callable[[str], list[int]] | None = None

    def __init__(
        self, vocabulary: Vocabulary, tokenizer: Tokenizer, vocab_tokens: int, end_tokens: list[int]
    ) -> None:
        self._vocabulary = vocabulary
        self._tokenizer = tokenizer
        self.eos_token_id = end_tokens[0] if end_tokens else None
        spelled = [vocabulary.bytes_of(token) for token in range(vocab_tokens)]
        self.special_token_ids = [token for token, text in enumerate(spelled) if not text]
        self.tokens = [
            text or (vocabulary.name_of(token) or f"<|unused {token}|>").encode("utf-8")
            for token, text in enumerate(spelled)
        ]

    def __call__(self, text: str) -> list[int]:
        """How the model would write what a grammar leaves no choice about."""
        tokens = self._tokenizer.encode(text, add_special_tokens=False)
        if b"".join(map(self._vocabulary.bytes_of, tokens)) == text.encode("utf-8"):
            return tokens
        # SentencePiece, say, writes a space in front of every text.
        return [] if self.greedily is None else self.greedily(text)


def _reason(error: str) -> str:
    return error.removesuffix("\n<non-verbose/>").strip()
