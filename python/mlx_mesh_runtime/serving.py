"""Loads a model of either kind, with what prepares its requests and what computes them."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any

from .embedding.folder import holds_embedding_model
from .inbox import Arrival, Status
from .wire import Frames


@dataclass(frozen=True)
class Served:
    """A loaded model of either kind."""

    figures: dict[str, int | bool]
    prepare: Callable[[Arrival], object]
    run: Callable[[], None]


def load(options: Namespace, inbox: SimpleQueue[Any], frames: Frames, status: Status, device: str) -> Served:
    """Raises whatever is wrong with the folder. What the other kind needs is not imported."""
    load_kind = _load_embedding if holds_embedding_model(options.model) else _load_text
    return load_kind(options, inbox, frames, status, device)


def _load_text(
    options: Namespace, inbox: SimpleQueue[Any], frames: Frames, status: Status, device: str
) -> Served:
    from .loop import Engine, Limits
    from .model import load_model
    from .preparing import prepare
    from .warmup import warm_up

    frames.send({"ev": "loading", "phase": "weights"})
    model = load_model(options.model)
    frames.send({"ev": "loading", "phase": "warmup"})
    warm_up(model, device)
    figures = {
        "contextTokens": model.context_tokens,
        "vocabTokens": model.vocab_tokens,
        "weightBytes": model.weight_bytes,
        "images": model.vision is not None,
    }
    limits = Limits(options.max_batch, options.prefix_cache_bytes, device == "gpu")
    engine = Engine(model, inbox, frames, status, limits)
    return Served(figures, partial(prepare, model=model), engine.run)


def _load_embedding(
    options: Namespace, inbox: SimpleQueue[Any], frames: Frames, status: Status, device: str
) -> Served:
    from .embedding.loop import EmbeddingLoop
    from .embedding.model import load_embedding_model
    from .embedding.preparing import prepare_texts

    frames.send({"ev": "loading", "phase": "weights"})
    model = load_embedding_model(options.model)
    frames.send({"ev": "loading", "phase": "warmup"})
    # Two lengths, so that what is built at first use is built with padding and without.
    model.vectors_of([[0] * 2, [0]])
    model.vectors_of([[0]])
    figures = {
        "contextTokens": model.recipe.max_tokens,
        "vocabTokens": model.vocab_tokens,
        "weightBytes": model.weight_bytes,
        "dimensions": model.dimensions,
    }
    loop = EmbeddingLoop(model, inbox, frames, status, device)
    return Served(figures, partial(prepare_texts, model=model), loop.run)
