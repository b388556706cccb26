"""How a model marks its thinking and its calls of tools, as mlx-lm reads it off tokenizer and template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .facade import Tokenizer, hurry_parsers
from .guided import AfterThinking

Parse = Callable[[str, Any], Any]
"""The text between the markers and the tools as in OpenAI's API -> `{name, arguments}` or a list of them."""
Edges = Mapping[str, Sequence[tuple[str, str]]]
"""State of an answer -> the texts that end it, with the states that they begin. The states are `text`,
`reasoning`, `call`, and `header`, which nobody is shown."""


@dataclass(frozen=True)
class CallFormat:
    name: str
    """mlx-lm's name of the parser."""
    start: str
    end: str
    """Empty: calls go on to the end of the answer."""
    parse: Parse | None
    """None: a JSON object with name and arguments, which can be told while it is generated."""


DEFAULT_FORMAT = CallFormat("json_tools", "<tool_call>", "</tool_call>", None)
"""Of models whose template knows nothing of tools, which are told it in the prompt."""


@dataclass(frozen=True)
class Markers:
    think_start: str | None
    think_end: str | None
    calls: CallFormat | None
    """The model's own; None: its template knows of no tools."""
    initial: str
    structure: Edges
    """More than thinking and calls: the headers of messages within one answer."""
    think_token: int | None = None
    """That with which a model begins to think."""

    @property
    def split_text(self) -> bool:
        """Also the answer of a request without tools consists of more than text."""
        return self.think_start is not None or bool(self.structure)

    def edges(self, calls: CallFormat | None) -> dict[str, list[tuple[str, str]]]:
        """calls: those looked for; None: they stay text."""
        edges: dict[str, list[tuple[str, str]]] = {"text": [], "reasoning": [], "header": []}
        if self.think_start is not None and self.think_end is not None:
            edges["text"].append((self.think_start, "reasoning"))
            edges["reasoning"].append((self.think_end, "text"))
        for state, more in self.structure.items():
            edges[state] += [(marker, to) for marker, to in more if to != "call"]
        if calls is not None:
            for state in edges.values():
                state.append((calls.start, "call"))
        return edges

    def state_behind(self, prompt: str, is_bound: bool) -> str:
        """is_bound: a grammar begins there, or behind the thinking."""
        if self._opens_thinking(prompt):
            return "reasoning"
        return "text" if is_bound else self.initial

    def thinking_behind(self, prompt: str, thinks: bool | None) -> AfterThinking | None:
        """Of an answer bound by a grammar. thinks: as the request has it; None leaves it to the model."""
        if self.think_end is None:
            return None
        if self._opens_thinking(prompt):
            return AfterThinking(self.think_end)
        if thinks is False or prompt.rstrip().endswith(self.think_end):
            return None
        return AfterThinking(self.think_end, self.think_token)

    def _opens_thinking(self, prompt: str) -> bool:
        """Templates of models that always think do it for them."""
        return self.think_start is not None and prompt.rstrip().endswith(self.think_start)


def read_markers(tokenizer: Tokenizer) -> Markers:
    structure: dict[str, list[tuple[str, str]]] = {
        _STATES[state]: [(marker, _STATES[to]) for marker, to in edges]
        for state, edges in tokenizer.response_transitions.items()
        if state in _STATES
    }
    if tokenizer.structural_markers:
        structure.setdefault("text", []).extend((marker, "text") for marker in tokenizer.structural_markers)
    return Markers(
        think_start=tokenizer.think_start,
        think_end=tokenizer.think_end,
        calls=_call_format(tokenizer),
        initial=_STATES[tokenizer.response_initial_state or "normal"],
        structure=structure,
        think_token=tokenizer.think_start_tokens[0] if tokenizer.think_start_tokens else None,
    )


_STATES = {"normal": "text", "reasoning": "reasoning", "tool": "call", "header": "header"}


def _call_format(tokenizer: Tokenizer) -> CallFormat | None:
    start, end, parse = tokenizer.tool_call_start, tokenizer.tool_call_end, tokenizer.tool_parser
    if start is None or parse is None:
        return None
    hurry_parsers()
    name = parse.__module__.rpartition(".")[2]
    return CallFormat(name, start, end or "", None if name == "json_tools" else parse)
