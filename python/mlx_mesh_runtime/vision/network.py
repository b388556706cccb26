"""The language half of a model of mlx-vlm, in the form of mlx-lm's networks, to run in their batch."""

from __future__ import annotations

import importlib
from typing import Any

import mlx.core as mx

from ..facade import Cache
from .placed_cache import PlacedKVCache

_SLICED = ("inputs_embeds", "position_ids", "per_layer_inputs")
"""What a model says of each token of a prompt, and of which a chunk takes its part."""
_WHOLE = ("visual_pos_masks", "deepstack_visual_embeds", "attention_mask_4d")
"""What the models find their way in by themselves."""
_SHIFT = "rope_deltas"
KNOWN_FEATURES = {*_SLICED, *_WHOLE, _SHIFT}

Features = dict[str, Any]
"""What a model makes of a prompt with images, by the names of mlx-vlm's InputEmbeddingsFeatures."""


class VisionNetwork:
    """Tokens of shape (rows, length) -> logits (rows, length, vocabulary)."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole
        self._language = whole.language_model
        self._is_placed = hasattr(self._language, "get_rope_index")
        self.reads_at_once = bool(
            getattr(whole, "no_chunked_prefill", False)
            or getattr(self._language, "no_chunked_prefill", False)
        )
        self.make_cache()

    def __call__(self, tokens: mx.array, cache: list[Cache] | None = None) -> mx.array:
        if not self._is_placed:
            return self._language(tokens, cache=cache).logits
        rows, length = tokens.shape
        start = mx.zeros((1, 1), dtype=mx.int32) if cache is None else cache[0].next_positions
        places = mx.broadcast_to(start + mx.arange(length), (3, rows, length))
        return self._language(tokens, cache=cache, position_ids=places).logits

    def read(self, tokens: mx.array, features: Features, start: int, cache: list[Cache]) -> None:
        """Tokens of shape (1, length), which stand in the prompt from `start` on."""
        part = slice(start, start + tokens.shape[1])
        sliced = {name: _along_tokens(name, features[name], part) for name in _SLICED if name in features}
        whole = {name: features[name] for name in _WHOLE if name in features}
        self._language(tokens, cache=cache, **sliced, **whole)

    def place(self, features: Features, cache: list[Cache]) -> None:
        """When all of a prompt is read: where its sequence goes on."""
        if self._is_placed and _SHIFT in features:
            cache[0].shift = int(features[_SHIFT].reshape(-1)[0].item())

    @property
    def layers(self) -> Any:
        return self._language.layers

    def make_cache(self) -> list[Cache]:
        """mlx-lm's own caches, which batches are made of. Raises ValueError where it has none like that."""
        caches = importlib.import_module("mlx_vlm.models.cache").make_prompt_cache(self._language)
        if self._is_placed and any(type(cache).__name__ != "KVCache" for cache in caches):
            raise ValueError("models of this kind count positions in a way that cannot be batched yet")
        return [PlacedKVCache() if self._is_placed else _own(cache) for cache in caches]

    def parameters(self) -> Any:
        return self._whole.parameters()


def _along_tokens(name: str, values: mx.array, part: slice) -> mx.array:
    if name == "position_ids":  # (3, 1, tokens), or (1, tokens) where all three are the same
        return values[..., part]
    return values[:, part]


def _own(cache: Any) -> Cache:
    known = importlib.import_module("mlx_lm.models.cache")
    match type(cache).__name__:
        case "KVCache":
            return known.KVCache()
        case "RotatingKVCache":
            return known.RotatingKVCache(max_size=cache.max_size, keep=cache.keep)
        case kind:
            raise ValueError(f"models with a cache of the kind {kind} cannot be batched yet")
