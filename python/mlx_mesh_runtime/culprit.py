"""Which part of a schema llguidance refuses: it says what it misses, but not where."""

from __future__ import annotations

import time
from collections.abc import Callable

from .schemas import Schema, parts_of

_MOST_SECONDS = 0.1


class _Tired(Exception):  # noqa: N818 - it ends a search
    pass


def culprit_of(schema: Schema | bool, path: str, is_refused: Callable[[Schema], bool]) -> str:
    """The path of the smallest part that is refused also by itself, as far as it is found soon."""
    if isinstance(schema, bool):
        return path
    shared = {name: schema[name] for name in ("$defs", "definitions") if name in schema}
    until = time.monotonic() + _MOST_SECONDS

    def fails(part: Schema) -> bool:
        if time.monotonic() > until:
            raise _Tired
        return is_refused({**part, **shared})

    part: Schema = schema
    try:
        found: tuple[str, Schema] | None = (path, schema)
        while found is not None:
            path, part = found
            found = next((inner for inner in parts_of(part, path) if fails(inner[1])), None)
        for word in sorted(part, key="type".__eq__):
            if word not in shared and not fails({name: part[name] for name in part if name != word}):
                return f"{path}.{word}"
    except _Tired:
        pass
    return path
