"""JSON schemas of answers: what cannot be kept to is refused by its path, before anything is compiled."""

from __future__ import annotations

import json
from typing import Any

MAX_SCHEMA_BYTES = 256 * 1024
MAX_DEPTH = 64
MAX_SUBSCHEMAS = 5_000
MAX_COUNT = 10_000


def lark_of_schema(schema: dict[str, Any] | bool, param: str) -> str:
    """For `Grammars.row`. Raises Refused."""
    return f"start: {json_rule(schema, param)}"


def json_rule(schema: dict[str, Any] | bool, param: str) -> str:
    """What stands for such JSON in a Lark grammar: no white space, properties in the schema's order. Raises
    Refused, whose param begins with the given one."""
    whole: dict[str, Any] = {} if schema is True else {"not": {}} if schema is False else schema
    return "%json " + json.dumps({**whole, "x-guidance": {"whitespace_flexible": False}})
