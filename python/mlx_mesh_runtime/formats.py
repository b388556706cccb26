"""What an answer can be asked to look like, and the grammar of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from llguidance import LLMatcher

from .refused import Refused, text, wrong
from .schemas import lark_of_schema

_SOURCES = {"json_schema": "schema", "regex": "pattern", "lark": "grammar"}


@dataclass(frozen=True)
class Format:
    kind: str
    """json_object, json_schema, regex or lark."""
    source: Any
    """The schema, the pattern or the grammar."""
    param: str
    """What the user calls the source."""


def format_of(name: str, value: Any) -> Format:
    """Raises Refused."""
    if not isinstance(value, dict):
        raise wrong(name, "must be an object with a type")
    given = cast("dict[str, Any]", value)
    kind = given.get("type")
    param = text(f"{name}.param", given.get("param") or name)
    if kind == "json_object":
        return Format(kind, {"type": "object"}, param)
    if not isinstance(kind, str) or kind not in _SOURCES:
        raise wrong(f"{name}.type", "must be one of json_object, json_schema, regex and lark")
    source = given.get(_SOURCES[kind])
    if kind == "json_schema":
        if not isinstance(source, (dict, bool)):
            raise Refused(f"{param} must be a JSON schema: an object, true or false", param)
    elif not text(param, source):
        raise Refused(f"{param} must not be empty", param)
    return Format(kind, source, param)


def grammar_of(form: Format) -> str:
    """For `Grammars.row`. Raises Refused."""
    match form.kind:
        case "regex":
            return LLMatcher.grammar_from_regex(form.source)
        case "lark":
            if form.source.lstrip().startswith("{"):
                raise Refused(f"{form.param} must be a grammar in Lark's notation", form.param)
            return form.source
        case _:
            return lark_of_schema(form.source, form.param)
