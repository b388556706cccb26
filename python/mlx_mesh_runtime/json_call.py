"""One call of a tool that is written as a JSON object with `name` and `arguments`, told while it is made.
Follows the nesting only: whether the arguments are valid is for who gets them."""

from __future__ import annotations

import json
import re
from collections.abc import Set
from typing import Any

Piece = dict[str, str]
"""As main/protocol/inference.ts has it: text, reasoning, the beginning of a call, or of its arguments."""

_IN_STRING = re.compile(r'["\\]')
_IN_NESTED = re.compile(r'["{}\[\]<]')
"""JSON has no `<` outside of strings: it begins the marker of the call's end."""
_AFTER_SCALAR = re.compile(r"[\s,}\]<]")
_FIRST_IN_OBJECT = re.compile(r"\{[ \t\r\n]*([^ \t\r\n])")
_SPACE = " \t\r\n"
_NO_VALUE = ",:}]<"
"""With none of them a value begins."""


class Value:
    """Where a JSON value ends, of which the first character is known."""

    def __init__(self, first: str) -> None:
        self._is_scalar = first not in '"{['
        self._in_string = False
        self._depth = 0
        self._escaped = False

    def end_of(self, text: str, at: int) -> int | None:
        """The place behind its last character, or None where it goes on behind the text."""
        if self._is_scalar:
            found = _AFTER_SCALAR.search(text, at)
            return None if found is None else found.start()
        while at < len(text):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            found = (_IN_STRING if self._in_string else _IN_NESTED).search(text, at)
            if found is None:
                return None
            at = found.end()
            char = found[0]
            if char == "\\":
                self._escaped = True
                continue
            if char == "<":
                return at - 1
            if char == '"':
                self._in_string = not self._in_string
            else:
                self._depth += 1 if char in "{[" else -1
            if self._depth <= 0 and not self._in_string:
                return at
        return None


class JsonCall:
    """Once `told` it stays a call, so it is told when its tool is known and its arguments begin."""

    def __init__(self, names: Set[str], id: str) -> None:
        self._names = names
        self._id = id
        self._expects = "{"
        self._value: Value | None = None
        self._captured = ""
        self._key = ""
        self._name: str | None = None
        self._arguments = ""
        """Those not told yet."""
        self._has_object = False
        self._begins_well = False
        self.told = False
        self.is_over = False
        self.has_failed = False
        self.pieces: list[Piece] = []

    def read(self, text: str) -> int:
        """How many characters belong to it: all, unless it is over or has failed with the next one."""
        at = 0
        while at < len(text) and not (self.is_over or self.has_failed):
            at = self._read_value(text, at) if self._value is not None else self._read_between(text, at)
        return at

    def _read_between(self, text: str, at: int) -> int:
        char = text[at]
        if char in _SPACE:
            return at + 1
        is_key = self._expects in ("key", "first key") and char == '"'
        if is_key or (self._expects == "value" and char not in _NO_VALUE):
            self._value = Value(char)
            self._captured = ""
            return at
        if char == "}" and self._expects in ("first key", ","):
            self._finish()
            return at if self.has_failed else at + 1
        if char != self._expects:
            self._break_off()
            return at
        self._expects = {"{": "first key", ":": "value", ",": "key"}[char]
        return at + 1

    def _read_value(self, text: str, at: int) -> int:
        value = self._value
        end = None if value is None else value.end_of(text, at)
        some = text[at:end]
        self._captured += some
        if self._expects == "value" and self._key in ("arguments", "parameters"):
            excess = self._take_arguments(some)
            if self.has_failed:
                return at + len(some) - excess
        if end is None:
            return len(text)
        self._value = None
        if self._expects == "value":
            self._expects = ","
            self._take_value()
        else:
            self._expects = ":"
            self._key = str(_decode(self._captured))
        return end

    def _take_arguments(self, some: str) -> int:
        """How much of it lies behind the place where it has failed."""
        self._has_object = self._captured[0] == "{"
        if not self._has_object:
            return 0
        self._arguments += some
        if not self._begins_well:
            first = _FIRST_IN_OBJECT.match(self._captured)
            if first is None:
                return 0
            if first[1] not in '"}':
                self.has_failed = True
                return len(self._captured) - first.start(1)
            self._begins_well = True
        self._tell()
        return 0

    def _take_value(self) -> None:
        if self._key == "name" and self._name is None:
            name = _decode(self._captured)
            if not isinstance(name, str) or name not in self._names:
                self._break_off()
                return
            self._name = name
            if self._has_object:
                self._tell()
        elif self._key in ("arguments", "parameters") and not self._has_object:
            self._arguments = self._captured

    def _tell(self) -> None:
        if self._name is None:
            return
        if not self.told:
            self.told = True
            self.pieces.append({"type": "call", "id": self._id, "name": self._name})
        if self._arguments:
            self.pieces.append({"type": "arguments", "text": self._arguments})
            self._arguments = ""

    def _finish(self) -> None:
        """With all of it there: arguments may also be missing, or JSON in a string."""
        if not self.told:
            arguments = object_text(_decode(self._arguments) if self._arguments else None)
            if self._name is None or arguments is None:
                self.has_failed = True
                return
            self._arguments = self._arguments if self._has_object else arguments
            self._tell()
        self.is_over = True

    def _break_off(self) -> None:
        if self.told:
            self.is_over = True
        else:
            self.has_failed = True


def object_text(arguments: Any) -> str | None:
    """JSON of what a model gave as arguments: an object, one in a string, or nothing; else None."""
    if arguments is None:
        return "{}"
    if isinstance(arguments, str):
        return arguments if isinstance(_decode(arguments), dict) else None
    if not isinstance(arguments, dict):
        return None
    try:
        return json.dumps(arguments, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return None


def _decode(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
