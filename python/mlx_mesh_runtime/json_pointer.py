"""References within one JSON document."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote


def resolved(root: Any, reference: str) -> Any:
    """What a reference within the schema points to; None: nothing. An anchor is not looked up."""
    found = root
    if not reference.startswith("#/"):
        return found
    for step in unquote(reference[2:]).split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = cast("dict[str, Any]", found).get(name)
        elif isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 6:
            items = cast("list[Any]", found)
            found = items[int(name)] if int(name) < len(items) else None
        else:
            return None
    return found
