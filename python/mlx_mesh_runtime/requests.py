"""What a `generate` command may say: every field, its type and range. Does not know the model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from .conversation import (
    Message,
    Thinking,
    Tools,
    messages_of,
    thinking_of,
    tool_choice,
    tool_list,
    tools_of,
)
from .formats import Format, format_of
from .refused import Refused, boolean, text, wrong

MAX_STOPS = 16
MAX_STOP_CHARS = 1024
MAX_LOGIT_BIASES = 1024


@dataclass(frozen=True)
class Sampling:
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.0
    seed: int | None = None
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    repetition_penalty: float = 1.0
    logit_bias: Mapping[int, float] = field(default_factory=dict[int, float])


@dataclass(frozen=True)
class Request:
    """One valid `generate` command. Exactly one of messages, prompt and tokens is present."""

    id: int
    request_id: str | None
    messages: tuple[Message, ...] | None
    prompt: str | None
    tokens: list[int] | None
    max_tokens: int | None
    """None: up to the end of the context."""
    fit_context: bool
    """Fewer tokens than that where the context has no room for them, rather than a refusal."""
    stop: tuple[str, ...]
    logprobs: int | None
    """How many alternatives each token entry lists; None: no entries."""
    echo: bool
    resume: list[int]
    """Tokens of the answer that were generated and told elsewhere: it goes on behind them."""
    format: Format | None
    sampling: Sampling
    tools: Tools
    thinking: Thinking

    @property
    def images(self) -> list[tuple[str, str]]:
        """The name of each image's place in the request, and its data URI."""
        return [
            (f"messages[{index}].content", image)
            for index, message in enumerate(self.messages or ())
            for image in message.images
        ]

    @property
    def answers_in_format(self) -> bool:
        return self.format is not None and not self.tools.required

    @property
    def bound_by(self) -> str | None:
        """What the user calls that which the answer has to keep to."""
        if self.format is not None and self.answers_in_format:
            return self.format.param
        return "tools" if self.tools.offered else None


def parse_request(command: Mapping[str, Any], defaults: Sampling) -> Request:
    """Raises Refused, which names the first wrong field. null means absent; defaults are the model's."""
    given = {name: value for name, value in command.items() if value is not None and name != "op"}
    for name in given:
        if name not in _FIELDS:
            raise wrong(name, "is no parameter of the model runtime")
    values = {name: _FIELDS[name](name, value) for name, value in given.items()}
    if "id" not in values:
        raise wrong("id", "is required")
    sources = [name for name in ("messages", "prompt", "tokens") if name in values]
    if len(sources) != 1:
        raise Refused("exactly one of messages, prompt and tokens is required", "prompt")
    tools = tools_of(values)
    if tools.offered and "messages" not in values:
        raise wrong("tools", "need messages")
    return Request(
        id=values["id"],
        request_id=values.get("requestId"),
        messages=values.get("messages"),
        prompt=values.get("prompt"),
        tokens=values.get("tokens"),
        max_tokens=values.get("maxTokens"),
        fit_context=values.get("fitContext", False),
        stop=values.get("stop", ()),
        logprobs=values.get("logprobs"),
        echo=values.get("echo", False),
        resume=values.get("resume", []),
        format=values.get("format"),
        sampling=Sampling(
            temperature=values.get("temperature", defaults.temperature),
            top_p=values.get("topP", defaults.top_p),
            top_k=values.get("topK", defaults.top_k),
            min_p=values.get("minP", defaults.min_p),
            seed=values.get("seed"),
            presence_penalty=values.get("presencePenalty", 0.0),
            frequency_penalty=values.get("frequencyPenalty", 0.0),
            repetition_penalty=values.get("repetitionPenalty", defaults.repetition_penalty),
            logit_bias=values.get("logitBias", {}),
        ),
        tools=tools,
        thinking=values.get("thinking", Thinking()),
    )


Check = Callable[[str, Any], Any]


def _integer(low: int, high: int) -> Check:
    def check(name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise wrong(name, f"must be an integer between {low} and {high}")
        return value

    return check


def _number(low: float, high: float) -> Check:
    def check(name: str, value: Any) -> float:
        if not _is_number(value) or not low <= value <= high:
            raise wrong(name, f"must be a number between {low:g} and {high:g}")
        return float(value)

    return check


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _tokens(name: str, value: Any) -> list[int]:
    if not isinstance(value, list):
        raise wrong(name, "must be a list of token ids")
    tokens = cast("list[Any]", value)
    if not all(type(token) is int and token >= 0 for token in tokens):
        raise wrong(name, "must hold non-negative integers only")
    return tokens


def _stop(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(cast("list[Any]", value)) > MAX_STOPS:
        raise wrong(name, f"must be a list of at most {MAX_STOPS} strings")
    stops = tuple(text(f"{name}[{index}]", stop) for index, stop in enumerate(cast("list[Any]", value)))
    if any(not 0 < len(stop) <= MAX_STOP_CHARS for stop in stops):
        raise wrong(name, f"must hold strings of 1 to {MAX_STOP_CHARS} characters")
    return stops


def _logit_bias(name: str, value: Any) -> dict[int, float]:
    if not isinstance(value, dict) or len(cast("dict[str, Any]", value)) > MAX_LOGIT_BIASES:
        raise wrong(name, f"must map at most {MAX_LOGIT_BIASES} token ids to biases")
    biases: dict[int, float] = {}
    for token, bias in cast("dict[str, Any]", value).items():
        if not (token.isascii() and token.isdigit() and len(token) < 10):
            raise wrong(name, f"has {token[:20]!r}, which is no token id")
        if not _is_number(bias) or not -100 <= bias <= 100:
            raise wrong(name, f"must give token {token} a number between -100 and 100")
        biases[int(token)] = float(bias)
    return biases


_FIELDS: dict[str, Check] = {
    "id": _integer(0, 2**53 - 1),
    "requestId": text,
    "messages": messages_of,
    "prompt": text,
    "tokens": _tokens,
    "maxTokens": _integer(0, 2**31 - 1),
    "fitContext": boolean,
    "temperature": _number(0, 2),
    "topP": _number(0, 1),
    "topK": _integer(0, 2**31 - 1),
    "minP": _number(0, 1),
    "seed": _integer(-(2**63), 2**63 - 1),
    "stop": _stop,
    "presencePenalty": _number(-2, 2),
    "frequencyPenalty": _number(-2, 2),
    "repetitionPenalty": _number(0.01, 10),
    "logitBias": _logit_bias,
    "logprobs": _integer(0, 20),
    "echo": boolean,
    "resume": _tokens,
    "tools": tool_list,
    "toolChoice": tool_choice,
    "parallelToolCalls": boolean,
    "thinking": thinking_of,
    "format": format_of,
}
