"""JSON schemas of answers: what cannot be kept to is refused by its path, before anything is compiled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, cast

from .disjoint import as_any_of
from .intersections import check_intersections
from .json_pointer import resolved
from .refused import Refused

Schema = dict[str, Any]

MAX_SCHEMA_BYTES = 128 * 1024
MAX_DEPTH = 100
"""Of objects and lists in one another; a level of properties takes two."""
MAX_KEYS = 500
"""Of one object, or names in one `required`: compiling takes their square."""
MAX_SUBSCHEMAS = 2_500
_MAX_NAME = 64
"""Characters of a property in a path."""

_LITERALS = {
    *("type", "enum", "const", "required", "$anchor", "pattern", "minLength", "maxLength", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
}
_SCHEMAS = {"items", "additionalItems", "additionalProperties"}
_LISTS = {"anyOf", "oneOf", "allOf", "prefixItems", "items"}
_MAPS = {"properties", "patternProperties", "$defs", "definitions"}
_UNSUPPORTED = {
    *("not", "if", "then", "else", "contains", "minContains", "maxContains", "propertyNames", "uniqueItems"),
    *("dependencies", "dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
    *("$dynamicRef", "$recursiveRef", "nullable"),
}
"""They say what is valid in ways that no grammar does. A word in none of these sets, as `title`, says nothing
about that."""
_FORMATS = ("date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid")


def known_part(schema: Any, path: str) -> Schema | bool:
    """What the schema says about what is valid, with properties in the same order. Raises Refused."""
    _check_size(schema, path)
    reader = _Reader(schema)
    known = reader.read(schema, path)
    for reference, where in reader.references:
        if resolved(known, reference) is None:
            raise Refused(
                f"{where} points to {reference[:_MAX_NAME]!r}, which the schema does not hold", where
            )
    check_intersections(known, path)
    return known


class _Reader:
    def __init__(self, root: Any) -> None:
        self._root = root
        self._subschemas = 0
        self.references: list[tuple[str, str]] = []

    def read(self, schema: Any, path: str) -> Schema | bool:
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict):
            raise Refused(f"{path} must be a JSON schema: an object, true or false", path)
        self._subschemas += 1
        if self._subschemas > MAX_SUBSCHEMAS:
            raise Refused(f"{path} is too much: a schema may have {MAX_SUBSCHEMAS} parts", path)
        given = cast("Schema", schema)
        known: Schema = {}
        for word, value in given.items():
            if word in _UNSUPPORTED and value is not False:
                where = f"{path}.{word}"
                raise Refused(f"{where} is not supported: no schema here may use {word}", where)
            if word != "format" or _may_be_text(given):
                self._read_word(word, value, f"{path}.{word}", known)
        return as_any_of(given, known, self._root)

    def _read_word(self, word: str, value: Any, where: str, known: Schema) -> None:
        if word == "$ref":
            known[word] = self._reference(value, where)
        elif word == "format":
            known[word] = _format(value, where)
        elif word in _MAPS or word in _LISTS or word in _SCHEMAS:
            known[word] = self._parts(word, value, where)
        elif word in _LITERALS:
            known[word] = value

    def _parts(self, word: str, value: Any, where: str) -> Any:
        if word in _MAPS:
            if not isinstance(value, dict):
                raise Refused(f"{where} must be an object of schemas", where)
            named = cast("Schema", value)
            return {name: self.read(part, f"{where}.{name[:_MAX_NAME]}") for name, part in named.items()}
        if word in _LISTS and isinstance(value, list):
            parts = cast("list[Any]", value)
            return [self.read(part, f"{where}[{index}]") for index, part in enumerate(parts)]
        if word in _SCHEMAS:
            return self.read(value, where)
        raise Refused(f"{where} must be a list of schemas", where)

    def _reference(self, value: Any, where: str) -> str:
        if not isinstance(value, str) or not value.startswith("#"):
            raise Refused(f"{where} must point into the schema itself, as '#/$defs/name' does", where)
        self.references.append((value, where))
        return value


def parts_of(schema: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """The schemas in a schema, each with its path."""
    for word, value in schema.items():
        where = f"{path}.{word}"
        if isinstance(value, dict) and word in _SCHEMAS:
            yield where, cast("Schema", value)
        elif isinstance(value, dict) and word in _MAPS:
            for name, part in cast("Schema", value).items():
                if isinstance(part, dict):
                    yield f"{where}.{name[:_MAX_NAME]}", cast("Schema", part)
        elif isinstance(value, list) and word in _LISTS:
            for index, part in enumerate(cast("list[Any]", value)):
                if isinstance(part, dict):
                    yield f"{where}[{index}]", cast("Schema", part)


def _may_be_text(schema: Schema) -> bool:
    kinds: Any = schema.get("type", "string")
    return "string" in (cast("list[Any]", kinds) if isinstance(kinds, list) else [kinds])


def _format(value: Any, where: str) -> str:
    if not isinstance(value, str) or value not in _FORMATS:
        raise Refused(f"{where} must be one of {', '.join(_FORMATS)}", where)
    return value


def _check_size(schema: Any, path: str) -> None:
    """Without recursion, which a deep value would exhaust."""
    waiting: list[tuple[Any, int]] = [(schema, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise Refused(f"{path} is nested too deeply: {MAX_DEPTH} levels are the most", path)
        inner: list[Any] = []
        if isinstance(value, dict):
            inner = list(cast("Schema", value).values())
            _check_keys(cast("Schema", value), path)
        elif isinstance(value, list):
            inner = cast("list[Any]", value)
        waiting += [(each, depth + 1) for each in inner]
    if len(json.dumps(schema, ensure_ascii=False)) > MAX_SCHEMA_BYTES:
        raise Refused(f"{path} is longer than {MAX_SCHEMA_BYTES} characters", path)


def _check_keys(value: Schema, path: str) -> None:
    required: Any = value.get("required")
    names = len(cast("list[Any]", required)) if isinstance(required, list) else 0
    if len(value) > MAX_KEYS or names > MAX_KEYS:
        raise Refused(f"{path} has an object of more than {MAX_KEYS} properties", path)
