"""What an `embed` command may say, and its texts in tokens. Runs in the preparing thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from ..inbox import Arrival
from ..log import PROMPTS_MAY_BE_LOGGED, log
from ..requests import Refused
from .model import EmbeddingModel

MAX_INPUTS = 2048
_FIELDS = ("op", "id", "requestId", "inputs", "first", "dimensions")
_BEGINNING_CHARACTERS = 16
"""For each token that a text may have, in the beginning that tells whether a long text fits."""


@dataclass(frozen=True)
class Texts:
    """A request that fits the model."""

    arrival: Arrival
    request_id: str | None
    inputs: list[list[int]]
    dimensions: int | None


def prepare_texts(arrival: Arrival, model: EmbeddingModel) -> Texts:
    """Raises Refused, which names the input as users of the endpoint write it: `input[3]`."""
    command = {name: value for name, value in arrival.command.items() if value is not None}
    if command.get("op") != "embed":
        raise Refused("the model makes embeddings, not text", "model")
    for name in command:
        if name not in _FIELDS:
            raise Refused(f"{name} is no parameter of an embedding model", name)
    first = command.get("first", 0)
    if type(first) is not int:
        raise Refused("first must be an integer", "first")
    inputs = _inputs(command.get("inputs"), first, model)
    request_id = command.get("requestId")
    tokens = sum(map(len, inputs))
    log("info", "request", requestId=request_id, id=arrival.id, inputs=len(inputs), promptTokens=tokens)
    if PROMPTS_MAY_BE_LOGGED:
        log("debug", "inputs", requestId=request_id, inputs=command["inputs"])
    return Texts(arrival, request_id, inputs, _dimensions(command, model))


def _dimensions(command: Mapping[str, Any], model: EmbeddingModel) -> int | None:
    wanted = command.get("dimensions")
    if wanted is None:
        return None
    if type(wanted) is not int or not 1 <= wanted <= model.dimensions:
        size = f"{model.dimensions}, the size of this model's vectors"
        raise Refused(f"dimensions must be an integer between 1 and {size}", "dimensions")
    return wanted


def _inputs(value: Any, first: int, model: EmbeddingModel) -> list[list[int]]:
    if not isinstance(value, list) or not 0 < len(cast("list[Any]", value)) <= MAX_INPUTS:
        raise Refused(f"input must be a list of 1 to {MAX_INPUTS} texts or lists of token ids", "input")
    given = cast("list[Any]", value)
    for place, one in enumerate(given, first):
        if isinstance(one, str):
            _check_text(one, place, model)
        elif isinstance(one, list):
            _check_tokens(cast("list[Any]", one), place, model)
        else:
            raise Refused(f"input[{place}] must be a text or a list of token ids", f"input[{place}]")
    texts = model.tokens_of([one for one in given if isinstance(one, str)])
    ready = iter(texts)
    inputs = [next(ready) if isinstance(one, str) else cast("list[int]", one) for one in given]
    for place, tokens in enumerate(inputs, first):
        if not tokens:
            raise Refused(f"input[{place}] is empty", f"input[{place}]")
        if len(tokens) > model.recipe.max_tokens:
            raise _too_long(str(len(tokens)), place, model)
    return inputs


def _check_text(text: str, place: int, model: EmbeddingModel) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused(
            f"input[{place}] holds half of a surrogate pair, which is no text", f"input[{place}]"
        ) from None
    # All of 15 MB would take seconds. A beginning may end within a word, which changes a few of its tokens.
    beginning = _BEGINNING_CHARACTERS * model.recipe.max_tokens
    if len(text) > beginning:
        least_tokens = len(model.tokens_of([text[:beginning]])[0]) // 2
        if least_tokens > model.recipe.max_tokens:
            raise _too_long(f"at least {least_tokens}", place, model)


def _check_tokens(tokens: list[Any], place: int, model: EmbeddingModel) -> None:
    if not all(type(token) is int and 0 <= token < model.vocab_tokens for token in tokens):
        message = f"input[{place}] must hold token ids below {model.vocab_tokens}, the size of the vocabulary"
        raise Refused(message, f"input[{place}]")


def _too_long(tokens: str, place: int, model: EmbeddingModel) -> Refused:
    message = f"input[{place}] has {tokens} tokens, but the model takes at most {model.recipe.max_tokens}"
    return Refused(message, f"input[{place}]", "CONTEXT_LENGTH_EXCEEDED")
