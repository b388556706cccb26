"""Readers of what stands between the markers of calls. What no call can be made of is given
back as it was generated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Protocol, cast

from .conversation import Tool
from .json_call import JsonCall, Piece, object_text
from .markers import CallFormat
from .text import longest_open_match


@dataclass(frozen=True)
class Wanted:
    """Which calls an answer may hold."""

    format: CallFormat
    names: Set[str]
    tools: Sequence[Mapping[str, Any]]
    """As in OpenAI's API, for mlx-lm's parsers, which look up types of arguments in them."""
    parallel: bool


@dataclass
class Reading:
    """What has come of some text. Both ends hold: `failed` stands before the `rest`."""

    pieces: list[Piece] = field(default_factory=list[Piece])
    failed: str = ""
    rest: str = ""
    is_over: bool = False


class Reader(Protocol):
    def read(self, text: str) -> Reading: ...
    def end(self, by_itself: bool) -> Reading:
        """No more text comes; by_itself: because the model ended its answer."""
        ...


def new_reader(wanted: Wanted, opening: str) -> Reader:
    """opening: the marker that has been read, and what belongs to it."""
    if wanted.format.parse is None:
        return JsonCalls(wanted, opening)
    return ParsedCalls(wanted, opening)


def new_call_id() -> str:
    return f"call_{token_hex(12)}"


class JsonCalls:
    def __init__(self, wanted: Wanted, opening: str) -> None:
        self._wanted = wanted
        self._raw = opening
        self._call: JsonCall | None = self._new_call()
        self._between = ""

    def read(self, text: str) -> Reading:
        reading = Reading(rest=text)
        while reading.rest and not reading.is_over:
            if self._call is None:
                self._pass_between(reading)
            else:
                self._read_call(self._call, reading)
        return reading

    def end(self, by_itself: bool) -> Reading:
        is_call = self._call is None or self._call.told
        return Reading(failed="" if is_call else self._raw, is_over=True)

    def _read_call(self, call: JsonCall, reading: Reading) -> None:
        length = call.read(reading.rest)
        if not call.told:
            self._raw += reading.rest[:length]
        reading.rest = reading.rest[length:]
        reading.pieces += call.pieces
        call.pieces.clear()
        if call.has_failed:
            reading.failed, reading.is_over = self._raw, True
        elif call.is_over:
            self._call = None
            reading.is_over = not self._wanted.parallel

    def _pass_between(self, reading: Reading) -> None:
        """Behind a call: the marker of the end, or one more call, or text of a model that forgot the
        marker. Small models write a brace too many."""
        text, end = (self._between + reading.rest).lstrip(" \t\r\n}"), self._wanted.format.end
        self._between = ""
        if text.startswith(end):
            reading.rest, reading.is_over = text[len(end) :], True
        elif longest_open_match(text, (end,)) == len(text):
            self._between, reading.rest = text, ""
        elif text[0] == "{":
            self._raw, reading.rest = "", text
            self._call = self._new_call()
        else:
            reading.rest, reading.is_over = text, True

    def _new_call(self) -> JsonCall:
        return JsonCall(self._wanted.names, new_call_id())


class ParsedCalls:
    """Formats that mlx-lm can only parse as a whole."""

    def __init__(self, wanted: Wanted, opening: str) -> None:
        self._wanted = wanted
        self._opening = opening
        self._body = ""

    def read(self, text: str) -> Reading:
        end = self._wanted.format.end
        searched = max(0, len(self._body) - len(end))
        self._body += text
        found = self._body.find(end, searched) if end else -1
        if found < 0:
            return Reading()
        body, rest = self._body[:found], self._body[found + len(end) :]
        pieces = self._pieces(body)
        return Reading(pieces, "" if pieces else self._opening + body + end, rest, True)

    def end(self, by_itself: bool) -> Reading:
        # Cut off, its last value would pass for a whole one.
        pieces = self._pieces(self._body) if by_itself or not self._wanted.format.end else []
        return Reading(pieces, "" if pieces else self._opening + self._body, "", True)

    def _pieces(self, body: str) -> list[Piece]:
        calls = self._parse(body)
        if not self._wanted.parallel:
            calls = calls[:1]
        pieces: list[Piece] = []
        for name, arguments in calls:
            pieces.append({"type": "call", "id": new_call_id(), "name": name})
            pieces.append({"type": "arguments", "text": arguments})
        return pieces

    def _parse(self, body: str) -> list[tuple[str, str]]:
        """Name and arguments of all its calls, or nothing where one of them is none."""
        parse = self._wanted.format.parse
        try:
            parsed: Any = parse(body.strip(), self._wanted.tools) if parse is not None else []
        except Exception:  # parsers raise whatever they stumble over; then it stays text
            return []
        calls: list[tuple[str, str]] = []
        for one in cast("list[Any]", parsed) if isinstance(parsed, list) else [parsed]:
            call = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
            name, arguments = call.get("name"), object_text(call.get("arguments"))
            if not isinstance(name, str) or name not in self._wanted.names or arguments is None:
                return []
            calls.append((name, arguments))
        return calls


def tools_for_templates(tools: Sequence[Tool]) -> list[dict[str, Any]]:
    return [{"type": "function", "function": _function(tool)} for tool in tools]


def _function(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description or "",
        "parameters": tool.parameters or {"type": "object", "properties": {}},
    }
