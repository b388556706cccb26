"""`oneOf` in a schema: where no value can be valid by two of its parts, it says the same as `anyOf`, which a
grammar can keep to."""

from __future__ import annotations

import itertools
from typing import Any, cast

from .json_pointer import resolved

Schema = dict[str, Any]

_MAX_PARTS = 64
_MAX_STEPS = 8


def as_any_of(given: Schema, known: Schema, root: Any) -> Schema:
    """`known`, with such a `oneOf` renamed. A discriminator is required then, whatever its parts say."""
    parts: Any = given.get("oneOf")
    if not isinstance(parts, list) or "anyOf" in known:
        return known
    whole = [_followed(part, root) for part in cast("list[Any]", parts)]
    if not 0 < len(whole) <= _MAX_PARTS:
        return known
    discriminator = cast("Any", given.get("discriminator"))
    name = cast("Schema", discriminator).get("propertyName") if isinstance(discriminator, dict) else None
    if not all(_are_disjoint(a, b, name) for a, b in itertools.combinations(whole, 2)):
        return known
    read = cast("list[Any]", known["oneOf"])
    strict = [_requiring(part, one, name) for part, one in zip(read, whole, strict=True)]
    renamed = {("anyOf" if word == "oneOf" else word): value for word, value in known.items()}
    return {**renamed, "anyOf": strict}


def _requiring(part: Any, whole: Schema, name: Any) -> Any:
    if not isinstance(name, str) or name not in _tags(whole, name) or name in _required(whole):
        return part
    schema = cast("Schema", part)
    return {**schema, "required": [*_required(schema), name]}


def _are_disjoint(a: Schema, b: Schema, discriminator: Any) -> bool:
    kinds_a, kinds_b = _kinds(a), _kinds(b)
    if kinds_a and kinds_b and not kinds_a & kinds_b:
        return True
    if kinds_a != {"object"} or kinds_b != {"object"}:
        return False
    tags_a, tags_b = _tags(a, discriminator), _tags(b, discriminator)
    return any(not tags_a[name] & tags_b[name] for name in tags_a.keys() & tags_b.keys())


def _kinds(schema: Schema) -> set[str]:
    """Empty: any."""
    kind: Any = schema.get("type")
    kinds = cast("list[Any]", kind) if isinstance(kind, list) else [kind]
    return {"number" if each == "integer" else each for each in kinds if isinstance(each, str)}


def _tags(schema: Schema, discriminator: Any) -> dict[str, set[str]]:
    """The texts that may stand in properties which are always there."""
    properties: Any = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    tags: dict[str, set[str]] = {}
    for name in [*_required(schema), discriminator]:
        part: Any = cast("Schema", properties).get(name) if isinstance(name, str) else None
        if isinstance(part, dict):
            values = _values(cast("Schema", part))
            if values and all(isinstance(value, str) for value in values):
                tags[cast("str", name)] = {str(value) for value in values}
    return tags


def _required(schema: Schema) -> list[Any]:
    names: Any = schema.get("required")
    return cast("list[Any]", names) if isinstance(names, list) else []


def _values(schema: Schema) -> list[Any]:
    if "const" in schema:
        return [schema["const"]]
    values: Any = schema.get("enum")
    return cast("list[Any]", values) if isinstance(values, list) else []


def _followed(part: Any, root: Any) -> Schema:
    for _ in range(_MAX_STEPS):
        if not isinstance(part, dict):
            return {}
        schema = cast("Schema", part)
        reference: Any = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        part = resolved(root, reference)
    return {}
