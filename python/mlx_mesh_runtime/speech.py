"""Tokens to what an answer is made of: text, thinking and calls of tools, wherever tokens end. For
answers of nothing but text there is text.py alone."""

from __future__ import annotations

import codecs

from .calls import Reader, Reading, Wanted, new_reader
from .json_call import Piece
from .markers import Markers
from .text import Stops, first_match, longest_open_match
from .vocabulary import Vocabulary

Said = str | list[Piece]
"""What is told of an answer: just text, or pieces."""

_new_utf8_decoder = codecs.getincrementaldecoder("utf-8")


class Speech:
    """In place of a TextStream. Stop strings are looked for in text alone; newlines around thinking and calls
    belong to their markers."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        stops: tuple[str, ...],
        markers: Markers,
        wanted: Wanted | None,
        state: str,
        keeps_newlines: bool,
    ) -> None:
        """state: in which the prompt leaves the answer. keeps_newlines: all characters of the text count."""
        self._vocabulary = vocabulary
        self._decode = _new_utf8_decoder("replace").decode
        self._stops = Stops(stops)
        self._wanted = wanted
        self._edges = markers.edges(None if wanted is None else wanted.format)
        self._markers = {state: [marker for marker, _ in edges] for state, edges in self._edges.items()}
        self._is_parallel = wanted is None or wanted.parallel
        self._keeps_newlines = keeps_newlines
        self._state = state
        self._held = ""
        """May be the beginning of a marker."""
        self._newlines = ""
        """May stand before a marker."""
        self._is_fresh = False
        """Nothing has come since a marker."""
        self._reader: Reader | None = None
        self._trims_space = vocabulary.strips_first_space
        self._pieces: list[Piece] = []
        self._stop: str | None = None
        self.has_called = False
        self.is_complete = False
        """The one call that was wanted is there."""

    def add(self, token: int) -> tuple[Said, str | None]:
        """What became certain with this token, and the stop string that it completed, if any."""
        return self._pass_on(self._decode(self._spell(token)))

    def end(self, by_itself: bool) -> tuple[Said, str | None]:
        """What is still held back, when no further token comes."""
        self._read(self._decode(b"", True))
        if self._reader is not None and not self._is_silent():
            self._take(self._reader.end(by_itself))
        if self._held:
            self._say(self._held)
        if not self._is_fresh:
            self._emit(self._newlines)
        if not self._is_silent():
            self._add("text", self._stops.rest())
        return self._said(), self._stop

    def _spell(self, token: int) -> bytes:
        """Special tokens have text where they are, or may be, part of a marker or of a call."""
        name = self._vocabulary.special_name(token)
        if name is None:
            return self._vocabulary.bytes_of(token)
        if (
            self._reader is not None
            or self._state == "header"
            or any(name in marker for marker in self._markers[self._state])
        ):
            return name.encode("utf-8")
        return b""

    def _pass_on(self, text: str) -> tuple[Said, str | None]:
        if self._trims_space and text:
            self._trims_space = False
            text = text[1:] if text[0] == " " else text
        self._read(text)
        return self._said(), self._stop

    def _read(self, text: str) -> None:
        while text and not self._is_silent():
            if self._reader is None:
                text = self._read_to_marker(text)
            else:
                reading = self._reader.read(text)
                self._take(reading)
                text = reading.rest
                self.is_complete = reading.is_over and self.has_called and not self._is_parallel

    def _read_to_marker(self, text: str) -> str:
        """Returns what stands behind it."""
        text, self._held = self._held + text, ""
        found = first_match(text, self._markers[self._state])
        if found is None:
            certain = len(text) - longest_open_match(text, self._markers[self._state])
            self._held = text[certain:]
            self._say(text[:certain])
            return ""
        start, marker = found
        self._say(text[:start])
        to = next(to for known, to in self._edges[self._state] if known == marker)
        if to == "call" and self._wanted is not None:
            self._reader = new_reader(self._wanted, self._newlines + marker)
        else:
            self._is_fresh = True
            self._state = to
        self._newlines = ""
        return text[start + len(marker) :]

    def _take(self, reading: Reading) -> None:
        if reading.pieces:
            self._add("text", self._stops.rest())
            self._pieces += reading.pieces
            self.has_called = True
            self._is_fresh = True
        if reading.failed:
            self._is_fresh = False
            self._say(reading.failed)
        if reading.is_over:
            self._reader = None

    def _say(self, text: str) -> None:
        if self._keeps_newlines and self._state == "text":
            self._emit(text)
            return
        if self._is_fresh:
            text = text.lstrip("\n")
        if not text:
            return
        self._is_fresh = False
        text = self._newlines + text
        shown = text.rstrip("\n")
        self._newlines = text[len(shown) :]
        self._emit(shown)

    def _emit(self, text: str) -> None:
        if self._state == "reasoning":
            self._add("reasoning", text)
        elif self._state == "text" and not self._is_silent():
            text, self._stop = self._stops.pass_on(text)
            self._add("text", text)

    def _add(self, kind: str, text: str) -> None:
        if not text:
            return
        if self._pieces and self._pieces[-1]["type"] == kind:
            self._pieces[-1]["text"] += text
        else:
            self._pieces.append({"type": kind, "text": text})

    def _is_silent(self) -> bool:
        return self._stop is not None or self.is_complete

    def _said(self) -> Said:
        pieces, self._pieces = self._pieces, []
        if len(pieces) == 1 and pieces[0]["type"] == "text":
            return pieces[0]["text"]
        return pieces or ""


def joined(first: Said, second: Said) -> Said:
    if isinstance(first, str) and isinstance(second, str):
        return first + second
    return _as_pieces(first) + _as_pieces(second)


def _as_pieces(said: Said) -> list[Piece]:
    if isinstance(said, list):
        return said
    return [{"type": "text", "text": said}] if said else []
