"""Loads a model that sees, makes tokens of text and pictures, and of those what its language half reads."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import mlx.core as mx
import numpy as np

from ..facade import Templates, Tokenizer, load_tokenizer
from ..refused import Refused
from .images import Picture, open_images
from .network import KNOWN_FEATURES, Features, VisionNetwork
from .prompt import ImagePrompt
from .templates import PartsTemplates

_MOST_CHARACTERS = 300
"""Of what a processor says."""


@dataclass(frozen=True)
class Seen:
    """A prompt with its pictures: each takes the places of as many tokens as it has features."""

    tokens: list[int]
    inputs: dict[str, Any]
    """What the model looks at: arrays of numpy, by the processor's names."""


class Vision:
    def __init__(self, whole: Any, network: VisionNetwork, processor: Any, tokenizer: Tokenizer) -> None:
        self._whole = whole
        self._network = network
        self._processor = processor
        self._mark: str | None = getattr(processor, "image_token", None)
        self.templates: Templates = PartsTemplates(tokenizer)

    def read(self, text: str, where: Sequence[tuple[str, str]], said: Sequence[str]) -> Seen:
        """text: the rendered prompt; where: places and data URIs of its pictures, in the order in which they
        stand there; said: what users wrote. Raises Refused."""
        if self._mark and any(self._mark in one for one in said):
            raise Refused(f"the messages hold {self._mark}, which marks the place of an image", "messages")
        return self.look(text, open_images(where))

    def look(self, text: str, pictures: list[Picture]) -> Seen:
        try:
            read = dict(self._processor(text=[text], images=pictures, return_tensors="np"))
        except (
            Exception
        ) as reason:  # what a model's processor cannot do with a picture, it may say in any way
            message = f"the model's processor refuses the images: {str(reason)[:_MOST_CHARACTERS]}"
            raise Refused(message, "messages") from reason
        inputs = {name: _as_numpy(value) for name, value in read.items() if value is not None}
        return Seen([int(token) for token in inputs["input_ids"].reshape(-1)], inputs)

    def prompt(self, seen: Seen) -> ImagePrompt:
        return ImagePrompt(self._network, seen.tokens, lambda: self._embed(seen))

    def _embed(self, seen: Seen) -> Features:
        """Embeddings of shape (1, tokens, width), and what else the model makes. Raises ValueError."""
        inputs = {name: _as_mlx(value) for name, value in seen.inputs.items()}
        tokens, mask = inputs.pop("input_ids"), inputs.pop("attention_mask", None)
        made = self._whole.get_input_embeddings(tokens, inputs.pop("pixel_values", None), mask=mask, **inputs)
        features = {name: value for name, value in made.to_dict().items() if value is not None}
        unknown = sorted(set(features) - KNOWN_FEATURES)
        if unknown:
            raise ValueError(f"models that read images by {', '.join(unknown)} cannot be batched yet")
        if features["inputs_embeds"].shape[1] != len(seen.tokens):
            raise ValueError("the model makes another number of embeddings than its prompt has tokens")
        return features


def load_vision(folder: Path) -> tuple[VisionNetwork, Vision, Tokenizer, dict[str, Any]]:
    """Raises whatever is wrong with the folder, and ValueError for a model that cannot be batched."""
    config: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
    if "model_file" in config:
        raise ValueError("config.json names a file of code; a model folder is data")
    utils = importlib.import_module("mlx_vlm.utils")
    whole = utils.load_model(folder)
    # Before the processor: without an answer of ours some of them would run code of the folder.
    processor = utils.load_processor(folder, add_detokenizer=False, trust_remote_code=False)
    template = getattr(processor, "chat_template", None)
    tokenizer = load_tokenizer(folder, config, template if isinstance(template, str) else None)
    network = VisionNetwork(whole)
    return network, Vision(whole, network, processor, tokenizer), tokenizer, config


def _as_numpy(value: Any) -> Any:
    """Arrays of MLX belong to the thread that computes."""
    if isinstance(value, (list, tuple)):
        return [_as_numpy(one) for one in cast("list[Any]", value)]
    return np.array(cast("Any", value)) if isinstance(value, (mx.array, np.ndarray)) else value


def _as_mlx(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_mlx(one) for one in cast("list[Any]", value)]
    return mx.array(cast("Any", value)) if isinstance(value, np.ndarray) else value
