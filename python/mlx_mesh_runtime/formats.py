"""What an answer can be asked to look like, and the grammar of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from llguidance import LLMatcher

from .culprit import culprit_of
from .grammar import Grammars, Unusable
from .guided import AfterThinking, GrammarRow
from .refused import Refused, text, wrong
from .schemas import known_part

_MAX_REGEX_CHARACTERS = 16 * 1024
_MAX_LARK_CHARACTERS = 32 * 1024
_NOT_DISJOINT = "its parts must differ in type, or in a required property that is another constant in each"
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


def row_of(form: Format, grammars: Grammars, thinking: AfterThinking | None = None) -> GrammarRow:
    """Raises Refused."""
    grammar = grammar_of(form)
    try:
        return grammars.row(grammar, form.param, thinking)
    except Unusable as unusable:
        if form.kind in ("regex", "lark"):
            raise
        schema = known_part(form.source, form.param)
        path = culprit_of(schema, form.param, lambda part: not grammars.takes(f"start: {json_rule(part)}"))
        raise Unusable(path, _NOT_DISJOINT if path.endswith(".oneOf") else unusable.why) from None


def grammar_of(form: Format) -> str:
    """For `Grammars.row`: Lark, or several grammars as JSON. Raises Refused."""
    if form.kind == "regex":
        _check_length(form, _MAX_REGEX_CHARACTERS)
        return LLMatcher.grammar_from_regex(form.source)
    if form.kind == "lark":
        _check_length(form, _MAX_LARK_CHARACTERS)
        if form.source.lstrip().startswith("{"):
            raise Refused(f"{form.param} must be a grammar in Lark's notation", form.param)
        if "%json" in form.source:  # a schema that nobody has looked at: compiling it may have no end
            raise Refused(f"{form.param} must not use %json: ask for an answer by a JSON schema", form.param)
        return form.source
    return f"start: {json_rule(known_part(form.source, form.param))}"


def json_rule(schema: dict[str, Any] | bool) -> str:
    """JSON of this schema (a `known_part`) in a Lark grammar: no white space, properties in their order."""
    whole = {"allOf": [schema]} if isinstance(schema, bool) else schema
    return "%json " + json.dumps({**whole, "x-guidance": {"whitespace_flexible": False}})


def _check_length(form: Format, most: int) -> None:
    if len(form.source) > most:
        raise Refused(f"{form.param} is longer than {most} characters", form.param)
