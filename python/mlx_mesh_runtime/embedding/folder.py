"""What a folder says about an embedding model, in sentence-transformers' layout or as a plain encoder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast, get_args

Pooling = Literal["mean", "cls", "max", "mean_sqrt_len"]

ENCODERS = ("bert", "roberta", "xlm-roberta", "camembert")
"""As `model_type` names them. The last three count positions behind their padding token."""

_MODULES = "modules.json"


@dataclass(frozen=True)
class Recipe:
    """How tokens become one vector."""

    pooling: Pooling
    normalizes: bool
    max_tokens: int
    """Special tokens included."""
    lower_case: bool


def holds_embedding_model(folder: Path) -> bool:
    """The rule of main/engine/model-folder.ts. A folder that cannot be read holds none: loading says why."""
    if (folder / _MODULES).is_file():
        return True
    try:
        return _read(folder / "config.json").get("model_type") in ENCODERS
    except (OSError, ValueError):
        return False


def read_config(folder: Path) -> dict[str, Any]:
    """Raises ValueError for an encoder that cannot run here."""
    config = _read(folder / "config.json")
    kind = config.get("model_type")
    if kind not in ENCODERS:
        known = ", ".join(ENCODERS)
        raise ValueError(f"embedding models of the type {kind!r} are not supported, only {known}")
    positions = config.get("position_embedding_type", "absolute")
    if positions != "absolute":
        raise ValueError(f"position embeddings of the type {positions!r} are not supported")
    return config


def read_recipe(folder: Path, config: dict[str, Any]) -> Recipe:
    """Raises ValueError when the model wants something that is not built. Without modules.json: the mean of
    all tokens, as sentence-transformers takes such a folder."""
    pooling: Pooling = "mean"
    normalizes = False
    for path, kind in _modules(folder):
        if kind == "Pooling":
            pooling = _pooling(_read(folder / path / "config.json"))
        elif kind == "Normalize":
            normalizes = True
        elif kind != "Transformer" or path != "":
            raise ValueError(f"its module {path or kind!r} ({kind}) is not supported")
    settings = _first_that_is_there(folder, "sentence_*_config.json")
    return Recipe(
        pooling=pooling,
        normalizes=normalizes,
        max_tokens=_max_tokens(folder, config, settings),
        lower_case=settings.get("do_lower_case") is True,
    )


def first_position(config: dict[str, Any]) -> int:
    return 0 if config["model_type"] == "bert" else int(config.get("pad_token_id", 1)) + 1


def _modules(folder: Path) -> list[tuple[str, str]]:
    """Path and kind of each, in the order in which they are run."""
    file = folder / _MODULES
    if not file.is_file():
        return []
    modules = cast("list[dict[str, Any]]", json.loads(file.read_text("utf-8")))
    return [(str(module["path"]), str(module["type"]).rsplit(".", 1)[-1]) for module in modules]


def _pooling(settings: dict[str, Any]) -> Pooling:
    wanted = [name for name, value in settings.items() if name.startswith("pooling_mode_") and value is True]
    known = [
        name.removeprefix("pooling_mode_").removesuffix("_token").removesuffix("_tokens") for name in wanted
    ]
    known = known or [str(settings.get("pooling_mode", "mean"))]
    if len(known) > 1 or known[0] not in get_args(Pooling):
        raise ValueError(f"pooling by {' and '.join(known)} is not supported")
    return cast("Pooling", known[0])


def _max_tokens(folder: Path, config: dict[str, Any], settings: dict[str, Any]) -> int:
    limits = [int(config["max_position_embeddings"]) - first_position(config)]
    said = [settings.get("max_seq_length")]
    if said == [None] and (folder / "tokenizer_config.json").is_file():
        said = [_read(folder / "tokenizer_config.json").get("model_max_length")]
    return min(limits + [value for value in said if type(value) is int and value > 0])


def _first_that_is_there(folder: Path, pattern: str) -> dict[str, Any]:
    for file in sorted(folder.glob(pattern)):
        return _read(file)
    return {}


def _read(file: Path) -> dict[str, Any]:
    value = json.loads(file.read_text("utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{file.name} holds no object")
    return cast("dict[str, Any]", value)
