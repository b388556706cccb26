"""Tokens to the text that may be shown now: UTF-8 split over tokens, and stop strings wherever tokens end."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from .vocabulary import Vocabulary

_new_utf8_decoder = codecs.getincrementaldecoder("utf-8")


class TextStream:
    """The text of one sequence. After a stop string has matched nothing more may be added."""

    has_called = False
    is_complete = False
    """Both are for answers with calls of tools: see speech.py."""

    def __init__(self, vocabulary: Vocabulary, stops: tuple[str, ...], trim_first_space: bool) -> None:
        self._bytes_of = vocabulary.bytes_of
        self._decode = _new_utf8_decoder("replace").decode
        self._stops = Stops(stops)
        self._trim_first_space = trim_first_space

    def add(self, token: int) -> tuple[str, str | None]:
        """The text that became certain with this token, and the stop string that it completed, if any."""
        return self._pass_on(self._decode(self._bytes_of(token)))

    def end(self, by_itself: bool = True) -> tuple[str, str | None]:
        """The text still held back, when no further token comes."""
        text, stop = self._pass_on(self._decode(b"", True))
        return (text if stop is not None else text + self._stops.rest()), stop

    def _pass_on(self, text: str) -> tuple[str, str | None]:
        if self._trim_first_space and text:
            self._trim_first_space = False
            text = text[1:] if text[0] == " " else text
        return self._stops.pass_on(text)


class Stops:
    """Holds back what may be the beginning of a stop string."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._held = ""

    def pass_on(self, text: str) -> tuple[str, str | None]:
        """The text that may be shown, and the stop string that ends it."""
        if not self._stops or not text:
            return text, None
        text = self._held + text
        found = first_match(text, self._stops)
        if found is not None:
            start, stop = found
            return text[:start], stop
        certain = len(text) - longest_open_match(text, self._stops)
        self._held = text[certain:]
        return text[:certain], None

    def rest(self) -> str:
        """What was held back, when nothing comes that could complete it."""
        text, self._held = self._held, ""
        return text


def first_match(text: str, stops: Sequence[str]) -> tuple[int, str] | None:
    """The stop string that a reader going character by character would complete first, so that the answer
    does not depend on where tokens end; of several that end together, the longest."""
    best: tuple[int, int, str] | None = None
    for stop in stops:
        start = text.find(stop)
        if start >= 0 and (best is None or (start + len(stop), start) < best[:2]):
            best = (start + len(stop), start, stop)
    return None if best is None else (best[1], best[2])


def longest_open_match(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end of text may be the beginning of a stop string."""
    longest = 0
    for stop in stops:
        for length in range(min(len(stop) - 1, len(text)), longest, -1):
            if text.endswith(stop[:length]):
                longest = length
                break
    return longest
