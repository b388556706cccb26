"""How many patterns one text may have to fit all at once: what it costs to find out whether a text fits them
can double with each, and llguidance sets no limit to that."""

from __future__ import annotations

import re
from typing import Any, cast

from .refused import Refused

Schema = dict[str, Any]

MAX_PATTERNS = 8
_COMBINING = ("$ref", "allOf", "anyOf", "oneOf")
_NAMES = ("$defs", "definitions")
_ANY_NAME = None
_TO_DEFINITION = re.compile(r"#(/(\$defs|definitions)/[^/]+)?")
"""Other references bring what stands under one name to another one."""


def check_intersections(known: Schema | bool, path: str) -> None:
    """Of a `known_part`. What has to fit at once stands under one name, wherever in the schema: that more
    stands there than has to is put up with. Raises Refused."""
    by_name: dict[str | None, set[tuple[str, str]]] = {_ANY_NAME: set()}
    combines = mixes_names = False
    waiting: list[tuple[Any, str | None]] = [(known, _ANY_NAME)]
    while waiting:
        value, name = waiting.pop()
        if not isinstance(value, dict):
            continue
        schema = cast("Schema", value)
        combines = combines or _combines(schema)
        mixes_names = mixes_names or not _TO_DEFINITION.fullmatch(str(schema.get("$ref", "#")))
        found = {(word, str(schema[word])) for word in ("pattern", "format") if word in schema}
        by_name.setdefault(name, set()).update(found)
        waiting += _parts(schema, name)
    together = [set[tuple[str, str]]().union(*by_name.values())] if mixes_names else by_name.values()
    most = max(len(found | by_name[_ANY_NAME]) for found in together)
    if combines and most > MAX_PATTERNS:
        most_words = f"{MAX_PATTERNS} different patterns and formats are the most"
        why = f"{path} is too much: {most_words} for values that allOf, anyOf or $ref combine"
        raise Refused(why, path)


def _combines(schema: Schema) -> bool:
    parts: Any = schema.get("allOf")
    if isinstance(parts, list) and len(cast("list[Any]", parts)) > 1:
        return True
    words = schema.keys() - {*_NAMES}
    return len(words) > 1 and not words.isdisjoint(_COMBINING)


def _parts(schema: Schema, name: str | None) -> list[tuple[Any, str | None]]:
    found: list[tuple[Any, str | None]] = []
    for word, value in schema.items():
        if word == "properties" and isinstance(value, dict):
            found += [(part, inner) for inner, part in cast("Schema", value).items()]
        elif word in ("patternProperties", *_NAMES) and isinstance(value, dict):
            found += [(part, _ANY_NAME) for part in cast("Schema", value).values()]
        elif word in ("items", "additionalItems", "additionalProperties", "prefixItems"):
            found += [(part, _ANY_NAME) for part in _as_list(value)]
        elif word in _COMBINING:
            found += [(part, name) for part in _as_list(value)]
    return found


def _as_list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]
