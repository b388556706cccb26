"""A loaded embedding model: texts to tokens, and batches of tokens to vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import mlx.core as mx
import numpy as np
import numpy.typing as npt
import tokenizers
from mlx import utils

from ..facade import compute
from .encoder import Encoder, make_encoder
from .folder import Pooling, Recipe, read_config, read_recipe

Vectors = npt.NDArray[np.float32]


class _Encoding(Protocol):
    ids: list[int]


@dataclass(frozen=True)
class EmbeddingModel:
    encoder: Encoder
    tokenizer: Any
    recipe: Recipe
    dimensions: int
    vocab_tokens: int
    weight_bytes: int

    def tokens_of(self, texts: list[str]) -> list[list[int]]:
        """With the special tokens that the model wants around them; texts of any length."""
        if self.recipe.lower_case:
            texts = [text.lower() for text in texts]
        return [encoding.ids for encoding in cast("list[_Encoding]", self.tokenizer.encode_batch(texts))]

    def vectors_of(self, batch: list[list[int]], dimensions: int | None = None) -> Vectors:
        """One row for each list of tokens, none of which is empty. Fewer dimensions are the first ones; a
        model that makes vectors of length 1 makes these so, too."""
        lengths = np.array([len(tokens) for tokens in batch])
        longest = int(lengths.max())
        padded = np.zeros((len(batch), longest), np.int32)
        for row, tokens in zip(padded, batch, strict=True):
            row[: len(tokens)] = tokens
        mask = (
            None
            if int(lengths.min()) == longest
            else mx.array(cast("Any", np.arange(longest) < lengths[:, None]))
        )
        hidden = self.encoder(mx.array(padded), mask).astype(mx.float32)
        pooled = _pool(hidden, mask, self.recipe.pooling)
        if dimensions is not None:
            pooled = pooled[:, :dimensions]
        if self.recipe.normalizes:
            pooled = pooled / mx.maximum(mx.linalg.norm(pooled, axis=-1, keepdims=True), 1e-12)
        compute([pooled])  # lets go of Python's lock, which numpy would hold: pings are answered meanwhile
        return cast("Vectors", np.array(pooled))


def load_embedding_model(folder: Path) -> EmbeddingModel:
    """Raises whatever is wrong with the folder: OSError, ValueError, KeyError."""
    config = read_config(folder)
    recipe = read_recipe(folder, config)
    file = folder / "tokenizer.json"
    if not file.is_file():
        raise FileNotFoundError("it has no tokenizer.json")
    tokenizer: Any = tokenizers.Tokenizer.from_file(str(file))
    # Padding is ours, and a text that is too long is refused, not cut.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    weights: dict[str, mx.array] = {}
    for shard in sorted(folder.glob("*.safetensors")):
        weights.update(cast("dict[str, mx.array]", mx.load(str(shard))))
    encoder = make_encoder(config, weights)
    parameters = cast("list[tuple[str, mx.array]]", cast("Any", utils).tree_flatten(encoder.parameters()))
    compute([encoder.parameters()])
    return EmbeddingModel(
        encoder=encoder,
        tokenizer=tokenizer,
        recipe=recipe,
        dimensions=int(config["hidden_size"]),
        vocab_tokens=int(config["vocab_size"]),
        weight_bytes=sum(array.nbytes for _, array in parameters),
    )


def _pool(hidden: mx.array, mask: mx.array | None, pooling: Pooling) -> mx.array:
    """(rows, length, width) -> (rows, width), over what is no padding."""
    if pooling == "cls":
        return hidden[:, 0]
    if pooling == "max":
        return (hidden if mask is None else mx.where(mask[..., None], hidden, -mx.inf)).max(axis=1)
    if mask is None:
        summed, counts = hidden.sum(axis=1), mx.array(float(hidden.shape[1]))
    else:
        summed, counts = (hidden * mask[..., None]).sum(axis=1), mask.sum(axis=1, keepdims=True)
    return summed / (counts if pooling == "mean" else mx.sqrt(counts.astype(mx.float32)))
