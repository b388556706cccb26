"""Model folders that differ from the tiny model in one file."""

from __future__ import annotations

import json
from pathlib import Path

from runtime import TINY


def changed_copy(parent: Path, name: str, content: str) -> Path:
    """A copy in which the named file holds the content."""
    folder = parent / "model"
    folder.mkdir()
    for file in TINY.iterdir():
        if file.name != name:
            (folder / file.name).symlink_to(file)
    (folder / name).write_text(content)
    return folder


def with_settings(parent: Path, name: str, **changes: object) -> Path:
    """A copy in which the named JSON file has other values."""
    return changed_copy(parent, name, json.dumps({**json.loads((TINY / name).read_text()), **changes}))
