"""The encoder of BERT and of RoBERTa, nearly by their weights' own names, so that a file of weights fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import mlx.core as mx
from mlx import nn

from .folder import first_position

_untyped = cast("Any", nn)
_ACTIVATIONS: dict[str, Callable[[mx.array], mx.array]] = {
    "gelu": _untyped.gelu,
    "gelu_new": _untyped.gelu_approx,
    "gelu_pytorch_tanh": _untyped.gelu_approx,
    "relu": _untyped.relu,
    "silu": _untyped.silu,
}


class Embeddings(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width = config["hidden_size"]
        self.word_embeddings = nn.Embedding(config["vocab_size"], width)
        self.position_embeddings = nn.Embedding(config["max_position_embeddings"], width)
        self.token_type_embeddings = nn.Embedding(config["type_vocab_size"], width)
        self.LayerNorm = nn.LayerNorm(width, config["layer_norm_eps"])
        self._first_position = first_position(config)

    def __call__(self, tokens: mx.array) -> mx.array:
        positions = mx.arange(self._first_position, self._first_position + tokens.shape[1])
        types = mx.zeros((1,), dtype=mx.int32)
        summed = self.word_embeddings(tokens) + self.position_embeddings(positions)
        return self.LayerNorm(summed + self.token_type_embeddings(types))


class Attention(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        width = config["hidden_size"]
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = Projection(width, width, config)
        self._heads = config["num_attention_heads"]

    def __call__(self, x: mx.array, mask: mx.array | None) -> mx.array:
        rows, length, width = x.shape
        per_head = width // self._heads

        def split(y: mx.array) -> mx.array:
            return mx.transpose(mx.reshape(y, (rows, length, self._heads, per_head)), (0, 2, 1, 3))

        mixed = mx.fast.scaled_dot_product_attention(
            split(self.query(x)), split(self.key(x)), split(self.value(x)), scale=per_head**-0.5, mask=mask
        )
        return self.output(mx.reshape(mx.transpose(mixed, (0, 2, 1, 3)), (rows, length, width)), x)


class Projection(nn.Module):
    """Back to the width of the stream, and added to it."""

    def __init__(self, inner: int, width: int, config: dict[str, Any]) -> None:
        super().__init__()
        self.dense = nn.Linear(inner, width)
        self.LayerNorm = nn.LayerNorm(width, config["layer_norm_eps"])

    def __call__(self, x: mx.array, stream: mx.array) -> mx.array:
        return self.LayerNorm(self.dense(x) + stream)


class Expansion(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.dense = nn.Linear(config["hidden_size"], config["intermediate_size"])
        name = str(config.get("hidden_act", "gelu"))
        if name not in _ACTIVATIONS:
            raise ValueError(f"the activation {name!r} is not supported")
        self._activation = _ACTIVATIONS[name]

    def __call__(self, x: mx.array) -> mx.array:
        return self._activation(self.dense(x))


class Layer(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.intermediate = Expansion(config)
        self.output = Projection(config["intermediate_size"], config["hidden_size"], config)

    def __call__(self, x: mx.array, mask: mx.array | None) -> mx.array:
        attended = self.attention(x, mask)
        return self.output(self.intermediate(attended), attended)


class Encoder(nn.Module):
    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.layer = [Layer(config) for _ in range(config["num_hidden_layers"])]

    def __call__(self, tokens: mx.array, mask: mx.array | None) -> mx.array:
        """Token ids of shape (rows, length), and True where there is a token (None: everywhere) ->
        (rows, length, width)."""
        x = self.embeddings(tokens)
        seen = None if mask is None else mask[:, None, None, :]
        for layer in self.layer:
            x = layer(x, seen)
        return x


def make_encoder(config: dict[str, Any], weights: dict[str, mx.array]) -> Encoder:
    """Raises ValueError when weights are missing or have another shape."""
    encoder = Encoder(config)
    named = {_our_name(name): array for name, array in weights.items()}
    wanted = [(name, array) for name, array in named.items() if name.startswith(("embeddings.", "layer."))]
    quantization = config.get("quantization")
    if isinstance(quantization, dict):
        sizes = cast("dict[str, int]", quantization)

        def is_quantized(path: str, _: nn.Module) -> bool:
            return f"{path}.scales" in named

        _untyped.quantize(encoder, sizes["group_size"], sizes["bits"], class_predicate=is_quantized)
    encoder.load_weights(wanted, strict=True)
    encoder.eval()
    return encoder


def _our_name(name: str) -> str:
    """`bert.encoder.layer.0.attention.self.query.weight` -> `layer.0.attention.query.weight`; what is no part
    of the encoder keeps a name that it does not have."""
    for prefix in ("bert.", "roberta."):
        name = name.removeprefix(prefix)
    if name.endswith((".position_ids", ".token_type_ids")):
        return f"unused.{name}"
    name = name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias")
    return name.removeprefix("encoder.").replace(".attention.self.", ".attention.")
