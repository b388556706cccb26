"""What a request says of its conversation: messages, the tools that the model may call, and thinking. Does
not know the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from .refused import Refused, boolean, text, wrong


@dataclass(frozen=True)
class ToolCall:
    id: str
    name: str
    arguments: str
    """JSON as a model wrote it, which may not be what it should."""


@dataclass(frozen=True)
class Message:
    role: str
    content: str
    reasoning: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    name: str | None = None
    images: tuple[str, ...] = ()
    """Data URIs. They come before the text."""


@dataclass(frozen=True)
class Tool:
    name: str
    description: str | None
    parameters: Mapping[str, Any] | None
    """The JSON schema of the arguments; None: any object."""
    strict: bool


@dataclass(frozen=True)
class Tools:
    """offered: as the request has them, none where `toolChoice` is `none`."""

    offered: tuple[Tool, ...] = ()
    required: bool = False
    """The answer must be a call."""
    named: str | None = None
    """The tool that it must be a call of; None: any."""
    parallel: bool = True

    @property
    def callable(self) -> tuple[Tool, ...]:
        if self.named is None:
            return self.offered
        return tuple(tool for tool in self.offered if tool.name == self.named)


@dataclass(frozen=True)
class Thinking:
    enabled: bool | None = None
    """None: as the model's template does by itself."""
    effort: str | None = None


_MESSAGE_KEYS = {"role", "content", "reasoning", "toolCalls", "toolCallId", "name", "images"}
_CALL_KEYS = {"id", "name", "arguments"}
_TOOL_KEYS = {"name", "description", "parameters", "strict"}


def messages_of(name: str, value: Any) -> tuple[Message, ...]:
    if not isinstance(value, list) or not value:
        raise wrong(name, "must be a list of at least one message")
    return tuple(_message(f"{name}[{index}]", one) for index, one in enumerate(cast("list[Any]", value)))


def _message(where: str, value: Any) -> Message:
    given = _present(where, value, _MESSAGE_KEYS)
    if not {"role", "content"} <= set(given):
        raise wrong(where, "must have role and content")
    images = given.get("images", [])
    if not isinstance(images, list):
        raise wrong(f"{where}.images", "must be a list of data URIs")
    calls = given.get("toolCalls", [])
    if not isinstance(calls, list):
        raise wrong(f"{where}.toolCalls", "must be a list of calls")
    return Message(
        role=text(f"{where}.role", given["role"]),
        content=text(f"{where}.content", given["content"]),
        reasoning=_optional_text(where, given, "reasoning"),
        tool_calls=tuple(
            _call(f"{where}.toolCalls[{index}]", call) for index, call in enumerate(cast("list[Any]", calls))
        ),
        tool_call_id=_optional_text(where, given, "toolCallId"),
        name=_optional_text(where, given, "name"),
        images=tuple(text(f"{where}.images", image) for image in cast("list[Any]", images)),
    )


def _call(where: str, value: Any) -> ToolCall:
    given = _present(where, value, _CALL_KEYS)
    if set(given) != _CALL_KEYS:
        raise wrong(where, "must have id, name and arguments")
    return ToolCall(
        id=text(f"{where}.id", given["id"]),
        name=text(f"{where}.function.name", given["name"]),
        arguments=text(f"{where}.function.arguments", given["arguments"]),
    )


def tools_of(values: Mapping[str, Any]) -> Tools:
    """From the checked fields `tools`, `toolChoice` and `parallelToolCalls`."""
    tools: tuple[Tool, ...] = values.get("tools", ())
    choice: str | dict[str, str] = values.get("toolChoice", "auto")
    parallel: bool = values.get("parallelToolCalls", True)
    if isinstance(choice, dict):
        name = choice["name"]
        if all(tool.name != name for tool in tools):
            raise Refused(f"tool_choice names {name!r}, which is none of the tools", "tool_choice")
        return Tools(tools, True, name, False)
    if choice == "none":
        return Tools()
    if choice == "required" and not tools:
        raise Refused("tool_choice is required, but there are no tools", "tool_choice")
    return Tools(tools, choice == "required", None, parallel)


def tool_list(name: str, value: Any) -> tuple[Tool, ...]:
    if not isinstance(value, list):
        raise wrong(name, "must be a list of tools")
    tools = tuple(_tool(f"{name}[{index}]", tool) for index, tool in enumerate(cast("list[Any]", value)))
    names: set[str] = set()
    for index, tool in enumerate(tools):
        if tool.name in names:
            raise wrong(f"{name}[{index}].function.name", f"is {tool.name!r}, as that of an earlier tool")
        names.add(tool.name)
    return tools


def _tool(where: str, value: Any) -> Tool:
    given = _present(where, value, _TOOL_KEYS)
    where = f"{where}.function"
    name = text(f"{where}.name", given.get("name"))
    if not name:
        raise wrong(f"{where}.name", "must not be empty")
    parameters = given.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise wrong(f"{where}.parameters", "must be a JSON schema, an object")
    _check_all_text(f"{where}.parameters", parameters)
    return Tool(
        name=name,
        description=_optional_text(where, given, "description"),
        parameters=cast("dict[str, Any] | None", parameters),
        strict=boolean(f"{where}.strict", given.get("strict", False)),
    )


def _check_all_text(where: str, value: Any) -> None:
    """It is shown to the model, so all of it must be text."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise wrong(where, "holds half of a surrogate pair, which is no text") from None
    except RecursionError:
        raise wrong(where, "is nested too deeply") from None


def tool_choice(name: str, value: Any) -> str | dict[str, str]:
    if value in ("auto", "none", "required"):
        return cast("str", value)
    if isinstance(value, dict) and set(cast("dict[str, Any]", value)) == {"name"}:
        return {"name": text(f"{name}.function.name", value["name"])}
    raise wrong(name, "must be auto, none, required, or the name of a tool")


def thinking_of(name: str, value: Any) -> Thinking:
    given = _present(name, value, {"enabled", "effort"})
    enabled = given.get("enabled")
    effort = _optional_text(name, given, "effort")
    if enabled is not None:
        enabled = boolean(f"{name}.enabled", enabled)
    elif effort == "none":
        enabled = False
    return Thinking(enabled, effort)


def _optional_text(where: str, given: Mapping[str, Any], key: str) -> str | None:
    return text(f"{where}.{key}", given[key]) if key in given else None


def _present(where: str, value: Any, known: set[str]) -> dict[str, Any]:
    """The keys of an object that have a value: null means absent."""
    if not isinstance(value, dict):
        raise wrong(where, "must be an object")
    given = {key: one for key, one in cast("dict[str, Any]", value).items() if one is not None}
    for key in given:
        if key not in known:
            raise wrong(where, f"has {key[:20]!r}, which the model runtime does not know")
    return given
