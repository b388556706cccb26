"""Loads a model folder and says what is known about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import mlx.core as mx
from mlx import utils

from . import facade
from .grammar import Grammars
from .log import log
from .markers import Markers, read_markers
from .requests import Sampling
from .vision.folder import NOT_INSTALLED, is_layer_installed, is_vision_folder
from .vision.model import Vision, load_vision
from .vision.try_out import try_out
from .vocabulary import Vocabulary, read_vocabulary

_CONTEXT_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "model_max_length")
_DEFAULT_CONTEXT_TOKENS = 8192


@dataclass(frozen=True)
class Model:
    network: facade.Network
    tokenizer: facade.Tokenizer
    vocabulary: Vocabulary
    markers: Markers
    grammars: Grammars
    context_tokens: int
    vocab_tokens: int
    weight_bytes: int
    sampling_defaults: Sampling
    """For what a request leaves open."""
    vision: Vision | None = None
    why_blind: str = "this model takes no images"
    """Where there is no vision: the reason."""


def load_model(folder: Path) -> Model:
    """Raises whatever is wrong with the folder: OSError, ValueError, KeyError, RuntimeError."""
    if not (folder / "config.json").is_file():
        # Without this check mlx-lm would take the path for a name on a hub.
        raise FileNotFoundError(f"{folder} holds no config.json")
    if is_vision_folder(folder):
        return _load_seeing(folder)
    return _model_of(folder, *facade.load(folder))


def _load_seeing(folder: Path) -> Model:
    """With its eyes, where that works; with its language half alone, where mlx-lm knows that."""
    reason = NOT_INSTALLED
    if is_layer_installed():
        try:
            network, vision, tokenizer, config = load_vision(folder)
            model = replace(_model_of(folder, network, tokenizer, config), vision=vision)
            try_out(network, vision)
            return model
        except Exception as error:  # a model's own code in mlx-vlm may raise anything
            reason = f"its images cannot be read: {type(error).__name__}: {error}"
            log("warning", "cannot see", error=reason)
    try:
        model = _model_of(folder, *facade.load(folder))
    except Exception as error:
        raise ValueError(
            f"the model can see, and mlx-lm knows no model like it without eyes; {reason}"
        ) from error
    return replace(model, why_blind=f"this model takes no images here, because {reason}")


def _model_of(
    folder: Path, network: facade.Network, tokenizer: facade.Tokenizer, config: dict[str, Any]
) -> Model:
    if not all(hasattr(layer, "merge") for layer in facade.new_cache(network)):
        raise ValueError(f"the key-value cache of {config.get('model_type')!r} models cannot be batched yet")
    vocab_tokens = int(network(mx.array([[0]])).shape[-1])
    vocabulary = read_vocabulary(folder, tokenizer, vocab_tokens)
    return Model(
        network=network,
        tokenizer=tokenizer,
        vocabulary=vocabulary,
        markers=read_markers(tokenizer),
        grammars=Grammars(vocabulary, tokenizer, vocab_tokens),
        context_tokens=_context_tokens(config),
        vocab_tokens=vocab_tokens,
        weight_bytes=_weight_bytes(network),
        sampling_defaults=_sampling_defaults(folder / "generation_config.json"),
    )


def _context_tokens(config: dict[str, Any]) -> int:
    for part in (config, config.get("text_config") or {}):
        for key in _CONTEXT_KEYS:
            if isinstance(part.get(key), int) and part[key] > 0:
                return part[key]
    return _DEFAULT_CONTEXT_TOKENS


def _sampling_defaults(file: Path) -> Sampling:
    """As the model's authors recommend in generation_config.json; OpenAI's where they say nothing."""
    if not file.is_file():
        return Sampling()
    recommended: dict[str, Any] = json.loads(file.read_text("utf-8"))
    names = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")
    return Sampling(**{name: recommended[name] for name in names if recommended.get(name) is not None})


def _weight_bytes(network: Any) -> int:
    leaves: list[tuple[str, mx.array]] = cast("Any", utils).tree_flatten(network.parameters())
    return sum(leaf.nbytes for _, leaf in leaves)
