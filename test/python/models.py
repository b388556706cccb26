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


def copy_with(model: Path, parent: Path, name: str, **changes: object) -> Path:
    """A copy of another model in which the named JSON file has other values."""
    folder = parent / "model"
    folder.mkdir()
    for file in model.iterdir():
        if file.name != name:
            (folder / file.name).symlink_to(file)
    (folder / name).write_text(json.dumps({**json.loads((model / name).read_text()), **changes}))
    return folder


def with_settings(parent: Path, name: str, **changes: object) -> Path:
    """A copy in which the named JSON file has other values."""
    return changed_copy(parent, name, json.dumps({**json.loads((TINY / name).read_text()), **changes}))


def with_template(parent: Path, template: str, tokens: dict[str, str] | None = None) -> Path:
    """A copy with another chat template, in which special tokens that are not needed have other names."""
    folder = changed_copy(parent, "chat_template.jinja", template)
    settings = json.loads((TINY / "tokenizer_config.json").read_text())
    settings.pop("chat_template")
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    if tokens:
        tokenizer = json.loads((TINY / "tokenizer.json").read_text())
        for token in tokenizer["added_tokens"]:
            token["content"] = tokens.get(token["content"], token["content"])
        vocabulary = tokenizer["model"]["vocab"]
        tokenizer["model"]["vocab"] = {tokens.get(name, name): id for name, id in vocabulary.items()}
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    return folder
