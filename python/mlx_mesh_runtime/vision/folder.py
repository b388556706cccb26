"""What tells the folder of a model that can see, and whether the layer that looks at images is installed."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

NOT_INSTALLED = (
    "this Mac lacks the vision layer: run `mlx-mesh vision install` there, and load the model again"
)


def is_vision_folder(folder: Path) -> bool:
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    return isinstance(config.get("vision_config"), dict)


def is_layer_installed() -> bool:
    return importlib.util.find_spec("mlx_vlm") is not None
