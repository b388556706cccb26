"""The parts of mlx-lm that this package uses, with their types. Only batch.py imports mlx_lm too."""

from __future__ import annotations

import copy
import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

import mlx.core as mx

Cache = Any
"""One layer's key-value cache; which class it is depends on the model."""
LogitsProcessor = Callable[[mx.array, mx.array], mx.array]
"""Token ids so far, and logits of shape (1, vocabulary) -> logits."""
Network = Callable[..., mx.array]

_MOST_SECONDS_A_SEARCH = 0.2


class AddedToken(Protocol):
    content: str
    special: bool


class Tokenizer(Protocol):
    bos_token_id: int | None
    eos_token_id: int | None
    eos_token_ids: set[int]
    has_chat_template: bool
    all_special_ids: list[int]
    added_tokens_decoder: Mapping[int, AddedToken]
    think_start: str | None
    think_end: str | None
    think_start_tokens: tuple[int, ...] | None
    tool_call_start: str | None
    tool_call_end: str | None
    tool_parser: Callable[[str, Any], Any] | None
    structural_markers: tuple[str, ...]
    response_transitions: dict[str, list[tuple[str, str]]]
    response_initial_state: str | None

    def __len__(self) -> int: ...
    def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]: ...
    def decode(self, tokens: list[int]) -> str: ...
    def convert_ids_to_tokens(self, ids: list[int]) -> list[str | None]: ...
    def apply_chat_template(
        self, messages: list[dict[str, Any]], *, add_generation_prompt: bool, tokenize: bool, **options: Any
    ) -> Any: ...


class Templates(Protocol):
    """What renders messages: the tokenizer, or what stands before it."""

    has_chat_template: bool

    def apply_chat_template(
        self, messages: list[dict[str, Any]], *, add_generation_prompt: bool, tokenize: bool, **options: Any
    ) -> Any: ...


class PromptProgress(Protocol):
    uid: int
    progress: tuple[int, int]
    end_of_prompt: bool


class Generated(Protocol):
    uid: int
    token: int
    logprobs: mx.array | None
    finish_reason: str | None
    prompt_cache: list[Cache] | None
    all_tokens: list[int] | None


class Generator(Protocol):
    """mlx_lm.generate.BatchGenerator."""

    prefill_step_size: int

    def insert_segments(
        self,
        segments: list[list[list[int]]],
        max_tokens: list[int],
        caches: list[list[Cache] | None],
        all_tokens: list[list[int]],
        samplers: list[Any],
        logits_processors: list[list[LogitsProcessor]],
    ) -> list[int]: ...
    def next(self) -> tuple[list[PromptProgress], list[Generated]]: ...
    def remove(
        self, uids: list[int], return_prompt_caches: bool = False
    ) -> dict[int, tuple[list[Cache], list[int]]]: ...


def prepare_mlx() -> str:
    """Call before anything imports mlx_lm. Returns the device, `gpu` or `cpu`."""
    # Raising the limit of wired memory panics macOS kernels (mlx#3186), and BatchGenerator does it unasked.
    setattr(mx, "set_wired_limit", _leave_wired_limit)
    device = "gpu" if mx.default_device() == mx.Device(mx.gpu) else "cpu"
    if device == "cpu":
        # On a CPU compiling means a run of the C++ compiler: seconds for the first token.
        mx.disable_compile()
    return device


def _leave_wired_limit(_limit: int) -> int:
    return 0


def load(folder: Path) -> tuple[Network, Tokenizer, dict[str, Any]]:
    """Network, tokenizer and config.json. A model folder is data: code in it is refused (ValueError)."""
    mlx_lm = importlib.import_module("mlx_lm")
    return cast(
        "tuple[Network, Tokenizer, dict[str, Any]]",
        mlx_lm.load(str(folder), tokenizer_config={"trust_remote_code": False}, return_config=True),
    )


def load_tokenizer(folder: Path, config: dict[str, Any], chat_template: str | None) -> Tokenizer:
    """chat_template: used where the tokenizer's own files have none."""
    load = importlib.import_module("mlx_lm.utils").load_tokenizer
    options: dict[str, Any] = {"trust_remote_code": False}
    tokenizer = load(folder, options, eos_token_ids=config.get("eos_token_id"))
    if not tokenizer.has_chat_template and chat_template is not None:
        options["chat_template"] = chat_template
        tokenizer = load(folder, options, eos_token_ids=config.get("eos_token_id"))
    return cast("Tokenizer", tokenizer)


def new_generator(network: Network, end_tokens: Iterable[int], max_batch: int) -> Generator:
    batch = importlib.import_module(".batch", __package__)
    # The prompt batch makes its running batch by this name.
    setattr(importlib.import_module("mlx_lm.generate"), "GenerationBatch", batch.Batch)
    return cast(
        "Generator",
        batch.PromptsFirst(
            network,
            stop_tokens=[(token,) for token in end_tokens],
            completion_batch_size=max_batch,
            stream=mx.default_stream(mx.default_device()),
        ),
    )


def new_cache(network: Network) -> list[Cache]:
    return cast("list[Cache]", _caches().make_prompt_cache(network))


def first_tokens(cache: list[Cache], have: int, want: int) -> list[Cache] | None:
    """A cache of the first `want` of `have` tokens that shares nothing mutable with the given one; None where
    the model's caches cannot be cut."""
    caches = _caches()
    if all(isinstance(layer, caches.KVCache) for layer in cache):
        return [_cut(type(layer)(), layer, want) for layer in cache]
    if want < have and not can_cut(cache):
        return None
    copied = copy.deepcopy(cache)
    caches.trim_prompt_cache(copied, have - want)
    return copied


def can_cut(cache: list[Cache]) -> bool:
    return bool(_caches().can_trim_prompt_cache(cache))


def _cut(target: Cache, layer: Cache, tokens: int) -> Cache:
    # Slices are views: the batch copies just these tokens when it takes the cache in.
    target.keys = layer.keys[..., :tokens, :]
    target.values = layer.values[..., :tokens, :]
    target.offset = tokens
    return target


def compute(arrays: list[Any]) -> None:
    """Waits until the arrays (or trees of arrays) have their values."""
    cast("Any", mx.eval)(arrays)


def compute_soon(arrays: list[Any]) -> None:
    cast("Any", mx.async_eval)(arrays)


def to_list(array: mx.array) -> list[Any]:
    """Nested lists of numbers."""
    return cast("list[Any]", array.tolist())


def add_at(logits: mx.array, tokens: mx.array, values: mx.array) -> mx.array:
    """Adds to the columns of the tokens; a token that occurs twice is added to twice."""
    return cast("Any", logits.at)[:, tokens].add(values)


def _caches() -> Any:
    return importlib.import_module("mlx_lm.models.cache")


def filters() -> Any:
    """mlx_lm.sample_utils: apply_top_k, apply_top_p, apply_min_p."""
    return importlib.import_module("mlx_lm.sample_utils")


class _Hurried:
    """A compiled pattern that raises TimeoutError."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def __getattr__(self, name: str) -> Any:
        return partial(getattr(self._pattern, name), timeout=_MOST_SECONDS_A_SEARCH)


def hurry_parsers() -> None:
    """Bounds the searches of mlx-lm's parsers of calls, as far as they are loaded: some texts that a model
    can be made to write would keep their patterns busy for minutes, with Python's lock."""
    pattern = importlib.import_module("regex").Pattern
    for name in [name for name in sys.modules if name.startswith("mlx_lm.tool_parsers.")]:
        module = sys.modules[name]
        for variable, value in list(vars(module).items()):
            if isinstance(value, pattern):
                setattr(module, variable, _Hurried(value))
