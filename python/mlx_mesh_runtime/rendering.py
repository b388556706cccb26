"""Messages to the text that a model reads, by its own chat template. A model whose template knows nothing of
tools is told of them in words, and answers in the format that most others use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, cast

from .calls import tools_for_templates
from .conversation import Message, Thinking, Tool, ToolCall, Tools
from .facade import Templates
from .markers import DEFAULT_FORMAT, CallFormat, Markers
from .refused import Refused

Rendered = list[dict[str, Any]]
"""Messages as Hugging Face's templates take them."""
SpellId = Callable[[str], str]


def render(
    messages: Sequence[Message], tools: Tools, thinking: Thinking, tokenizer: Templates, markers: Markers
) -> str:
    """Raises Refused."""
    if not tokenizer.has_chat_template:
        raise Refused("the model has no chat template; use a prompt", "messages")
    options = _options(thinking)
    speaks_of_tools = bool(tools.offered) or any(_is_of_tools(message) for message in messages)
    try:
        if not speaks_of_tools:
            return _apply(tokenizer, [_as_template(message, str) for message in messages], options)
        if markers.calls is not None:
            spell_id = _id_speller(messages, markers.calls)
            if tools.offered:
                options["tools"] = tools_for_templates(tools.offered)
            return _apply(tokenizer, [_as_template(message, spell_id) for message in messages], options)
        return _apply_in_words(tokenizer, messages, tools.offered, options)
    except Exception as reason:  # a template is a program of the model's author and may raise anything
        raise Refused(f"the model's chat template refuses the messages: {reason}", "messages") from reason


def _options(thinking: Thinking) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if thinking.enabled is not None:
        options["enable_thinking"] = thinking.enabled
    if thinking.effort is not None:
        options["reasoning_effort"] = thinking.effort
    return options


def _apply(tokenizer: Templates, messages: Rendered, options: dict[str, Any]) -> str:
    def apply(options: dict[str, Any]) -> str:
        return cast(
            "str",
            tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False, **options),
        )

    try:
        return apply(options)
    except TypeError:
        # Renderers in Python take only arguments that they know; how hard to think need not be known.
        if "reasoning_effort" not in options:
            raise
    return apply({name: value for name, value in options.items() if name != "reasoning_effort"})


def _is_of_tools(message: Message) -> bool:
    return bool(message.tool_calls) or message.role == "tool"


def _as_template(message: Message, spell_id: SpellId) -> dict[str, Any]:
    # Templates know OpenAI's newer name for the system role only by its old one.
    role = "system" if message.role == "developer" else message.role
    rendered: dict[str, Any] = {"role": role, "content": message.content}
    if message.images:
        rendered["images"] = len(message.images)
    if message.reasoning is not None:
        rendered["reasoning_content"] = message.reasoning
    if message.name is not None:
        rendered["name"] = message.name
    if message.tool_call_id is not None:
        rendered["tool_call_id"] = spell_id(message.tool_call_id)
    if message.tool_calls:
        rendered["tool_calls"] = [
            {
                "type": "function",
                "id": spell_id(call.id),
                "function": {"name": call.name, "arguments": _arguments(call)},
            }
            for call in message.tool_calls
        ]
    return rendered


def _arguments(call: ToolCall) -> dict[str, Any] | str:
    """Templates want an object; what is none stays what the model wrote."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        return call.arguments
    return cast("dict[str, Any]", arguments) if isinstance(arguments, dict) else call.arguments


def _id_speller(messages: Sequence[Message], calls: CallFormat) -> SpellId:
    """Some models know only ids of a form of their own."""
    if calls.name == "mistral":
        return lambda id: hashlib.sha256(id.encode("utf-8")).hexdigest()[:9]
    if calls.name != "kimi_k2":
        return str
    made = [call for message in messages for call in message.tool_calls]
    spelled = {call.id: f"functions.{call.name}:{place}" for place, call in enumerate(made)}
    return lambda id: spelled.get(id, id)


# In words -----------------------------------------------------------------------------------

_INSTRUCTION = """\
You may call one or more of these functions to help the user:
<tools>
{tools}
</tools>

To call a function, answer with a JSON object of its name and arguments within {start}{end}:
{start}
{{"name": "the name of the function", "arguments": {{"the name of an argument": "its value"}}}}
{end}"""


def _apply_in_words(
    tokenizer: Templates, messages: Sequence[Message], tools: Sequence[Tool], options: dict[str, Any]
) -> str:
    worded = _merge_results([_as_words(message) for message in messages])
    if tools:
        worded = _with_instruction(worded, instruction(tools))
    try:
        return _apply(tokenizer, worded, options)
    except Exception:  # without a system role, or where user and assistant must alternate
        return _apply(tokenizer, _alternating(worded), options)


def instruction(tools: Sequence[Tool]) -> str:
    lines = "\n".join(json.dumps(tool, ensure_ascii=False) for tool in tools_for_templates(tools))
    return _INSTRUCTION.format(tools=lines, start=DEFAULT_FORMAT.start, end=DEFAULT_FORMAT.end)


def _as_words(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "user", "content": f"<tool_response>\n{message.content}\n</tool_response>"}
    rendered = _as_template(message, str)
    if rendered.pop("tool_calls", None):
        calls = [_call_in_words(call) for call in message.tool_calls]
        rendered["content"] = "\n".join([message.content, *calls] if message.content else calls)
    return rendered


def _call_in_words(call: ToolCall) -> str:
    written = json.dumps({"name": call.name, "arguments": _arguments(call)}, ensure_ascii=False)
    return f"{DEFAULT_FORMAT.start}\n{written}\n{DEFAULT_FORMAT.end}"


def _merge_results(messages: Rendered) -> Rendered:
    """The results of several calls are one message."""
    merged: Rendered = []
    for message in messages:
        if merged and _is_result(merged[-1]) and _is_result(message):
            merged[-1] = {**merged[-1], "content": f"{merged[-1]['content']}\n{message['content']}"}
        else:
            merged.append(message)
    return merged


def _is_result(message: dict[str, Any]) -> bool:
    return message["role"] == "user" and str(message["content"]).startswith("<tool_response>")


def _with_instruction(messages: Rendered, text: str) -> Rendered:
    if messages[0]["role"] != "system":
        return [{"role": "system", "content": text}, *messages]
    content = str(messages[0]["content"])
    return [{**messages[0], "content": f"{content}\n\n{text}" if content else text}, *messages[1:]]


def _alternating(messages: Rendered) -> Rendered:
    """Of users and assistants alone, in turns, a user first: the strictest templates want that."""
    turns: Rendered = []
    for message in messages:
        role = "assistant" if message["role"] == "assistant" else "user"
        if turns and turns[-1]["role"] == role:
            parts = [turns[-1]["content"], message["content"]]
            turns[-1] |= {"content": "\n\n".join(part for part in parts if part)}
        else:
            turns.append({"role": role, "content": message["content"]})
        if images := message.get("images", 0):
            turns[-1]["images"] = turns[-1].get("images", 0) + images
    return turns
