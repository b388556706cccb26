"""Grammars that answers keep to: compiled by llguidance, within limits of time and size, equal ones once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

from .facade import Tokenizer
from .guided import AfterThinking, GrammarRow
from .log import log
from .refused import Refused
from .vocabulary import Vocabulary

_KEPT_GRAMMARS = 32
_KEPT_TEXTS = 4096
_TRIED_TOKENS = 4
_LIMITS = LLParserLimits(
    max_items_in_row=800,
    initial_lexer_fuel=300_000,
    step_lexer_fuel=100_000,
    step_max_items=10_000,
    max_lexer_states=30_000,
    max_grammar_size=100_000,
    verbose_errors=False,  # they would quote the answer
)
"""With llguidance's own a grammar of 30 bytes can hold a step up for 2.6 s; with these for 0.15 s. Schemas of
hundreds of properties fit. A state takes 1 to 2 kB."""


class Unusable(Refused):
    """A grammar that does not compile, or that no text fits."""

    def __init__(self, param: str | None, why: str) -> None:
        super().__init__(f"{param or 'the grammar'} cannot be used: {why}", param)
        self.why = why


class Grammars:
    """Those of one model, by their text. Any thread may ask."""

    def __init__(self, vocabulary: Vocabulary, tokenizer: Tokenizer, vocab_tokens: int) -> None:
        self._vocabulary = vocabulary
        self._tokenizer = tokenizer
        self._vocab_tokens = vocab_tokens
        self._end_tokens = sorted(token for token in tokenizer.eos_token_ids if token < vocab_tokens)
        self._lock = threading.Lock()
        self._known_tokens: LLTokenizer | None = None
        self._kept: OrderedDict[str, LLMatcher | str] = OrderedDict()
        """The last used last; of one that cannot be used, why."""

    def row(self, text: str, param: str | None, thinking: AfterThinking | None = None) -> GrammarRow:
        """For one sequence. `text` is a grammar in llguidance's Lark, or several as JSON. Raises Unusable (a
        Refused), which names `param`."""
        with self._lock:
            tokens = self._known_tokens = self._known_tokens or self._new_tokenizer()
            kept = self._kept.pop(text, None) or self._compile(text, tokens)
            self._kept[text] = kept
            if len(self._kept) > _KEPT_GRAMMARS:
                self._kept.popitem(last=False)
        if isinstance(kept, str):
            raise Unusable(param, kept)
        return GrammarRow(
            matcher=kept.deep_copy(),
            vocabulary=self._vocabulary,
            known_tokens=tokens.vocab_size,
            end_tokens=self._end_tokens,
            thinking=thinking,
            fails=lambda: self._forget(text),
        )

    def takes(self, text: str) -> bool:
        """Whether it compiles, without a look at the model's tokens."""
        return not LLMatcher.validate_grammar(text, None, limits=_LIMITS)

    def _forget(self, text: str) -> None:
        """What its copies share may be spoilt."""
        with self._lock:
            self._kept.pop(text, None)

    def _compile(self, text: str, tokens: LLTokenizer) -> LLMatcher | str:
        started = time.monotonic()
        matcher = LLMatcher(tokens, text, log_level=0, limits=_LIMITS)
        if matcher.is_error():
            return _in_short(matcher.get_error())
        failure = self._try(matcher.deep_copy(), tokens)
        log("info", "compiled a grammar", ms=round((time.monotonic() - started) * 1000, 1), failure=failure)
        return failure or matcher

    def _try(self, matcher: LLMatcher, tokens: LLTokenizer) -> str | None:
        """Whether an answer can begin. Here it holds nobody up, and what is found out serves the copies."""
        row = GrammarRow(matcher, self._vocabulary, tokens.vocab_size, self._end_tokens, None, _no_one)
        for _ in range(_TRIED_TOKENS):
            token = row.any_token()
            if row.failure is not None:
                return row.failure
            if token is None:
                break
            row.take(token)
        return None

    def _new_tokenizer(self) -> LLTokenizer:
        spelled = _Spelled(self._vocabulary, self._tokenizer, self._vocab_tokens, self._end_tokens)
        made = LLTokenizer(cast("Any", spelled), eos_token=self._end_tokens or None)
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
        self._tokens_of = lru_cache(_KEPT_TEXTS)(self._tokenize)
        spelled = [vocabulary.bytes_of(token) for token in range(vocab_tokens)]
        self.special_token_ids = [token for token, text in enumerate(spelled) if not text]
        self.tokens = [
            text or (vocabulary.name_of(token) or f"<|unused {token}|>").encode("utf-8")
            for token, text in enumerate(spelled)
        ]

    def __call__(self, text: str) -> list[int]:
        """How the model would write what a grammar leaves no choice about: a few texts, again and again."""
        return self._tokens_of(text)

    def _tokenize(self, text: str) -> list[int]:
        tokens = self._tokenizer.encode(text, add_special_tokens=False)
        if b"".join(map(self._vocabulary.bytes_of, tokens)) == text.encode("utf-8"):
            return tokens
        # SentencePiece, say, writes a space in front of every text.
        return [] if self.greedily is None else self.greedily(text)


def _no_one() -> None:
    pass


def _in_short(error: str) -> str:
    """Without the place in the grammar, which is not as the user wrote it."""
    text = error.partition("\n<non-verbose/>")[0].partition("\n   1 | ")[0]
    return text.removeprefix("at 1(8): ").removeprefix("failed to compile JSON schema: ").strip()
