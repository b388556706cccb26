from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from models import with_template
from runtime import Answer, Runtime

QUESTION = [{"role": "user", "content": "How is the weather?"}]
TOOL: dict[str, Any] = {
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"enum": ["Zürich", "Paris"]}, "days": {"type": "integer", "maximum": 99}},
        "required": ["city", "days"],
    },
}
THINK = {"<repo_name>": "<think>", "<reponame>": "</think>"}
OPEN, CLOSE = "3", "4"
ENDS_SOON = {"temperature": 1, "seed": 5, "logitBias": {CLOSE: 9}, "maxTokens": 120}
"""A tenth of the tokens end the thinking."""
TEMPLATE = (
    "{{ messages[0].content }}\n[assistant]\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}"
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A model whose prompt ends within the thinking."""
    template = "{{ messages[0].content }}\n[assistant]\n<think>\n"
    with Runtime(with_template(tmp_path_factory.mktemp("opened"), template, THINK)) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def free(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A model that begins to think by itself, unless it is told not to."""
    with Runtime(with_template(tmp_path_factory.mktemp("free"), TEMPLATE, THINK)) as runtime:
        yield runtime


def merged(pieces: list[dict[str, str]]) -> list[list[str]]:
    """Pieces of a kind joined, as clients do, and calls by their names."""
    parts: list[list[str]] = []
    for piece in pieces:
        kind, text = piece["type"], piece.get("text") or piece.get("name") or ""
        if parts and parts[-1][0] == kind and kind != "call":
            parts[-1][1] += text
        else:
            parts.append([kind, text])
    return parts


def kinds(answer: Answer) -> list[str]:
    assert answer.error is None, answer.error
    return [kind for kind, _ in merged(answer.pieces)]


def test_thinking_that_the_template_has_opened_is_told_apart(opened: Runtime) -> None:
    answer = opened.run(messages=QUESTION, **ENDS_SOON)
    assert kinds(answer) == ["reasoning", "text"]
    assert "think>" not in str(answer.pieces)
    assert answer.finish == "length"
    assert len(answer.tokens) == 120


def test_thinking_that_the_model_opens_is_told_apart(free: Runtime) -> None:
    answer = free.run(messages=QUESTION, maxTokens=4, logitBias={OPEN: 100}, logprobs=0)
    assert answer.pieces == []
    assert [entry[0] for entry in answer.entries] == ["<think>"] * 4
    assert kinds(free.run(messages=QUESTION, maxTokens=4)) == ["text"]


def test_an_answer_that_ends_within_its_thinking_has_no_text(opened: Runtime) -> None:
    answer = opened.run(messages=QUESTION, maxTokens=5)
    assert (kinds(answer), answer.text, answer.finish) == (["reasoning"], "", "length")


def test_text_that_continues_a_raw_prompt_is_not_taken_apart(opened: Runtime) -> None:
    answer = opened.run(prompt="Hello <think>", maxTokens=6)
    assert kinds(answer) == ["text"]


def test_a_call_that_must_be_made_comes_behind_the_thinking(opened: Runtime) -> None:
    answer = opened.run(messages=QUESTION, tools=[TOOL], toolChoice="required", **ENDS_SOON)
    assert kinds(answer)[:3] == ["reasoning", "call", "arguments"]
    assert answer.finish == "tool_calls"


def test_a_format_is_for_what_comes_behind_the_thinking(opened: Runtime) -> None:
    answer = opened.run(messages=QUESTION, format={"type": "regex", "pattern": "\n[ab]{3}\n"}, **ENDS_SOON)
    assert kinds(answer) == ["reasoning", "text"]
    assert re.fullmatch("\n[ab]{3}\n", answer.text)
    assert answer.finish == "stop"


def test_a_bound_model_may_think_first_unless_it_is_told_not_to(free: Runtime) -> None:
    fields: dict[str, Any] = {"messages": QUESTION, "tools": [TOOL], "toolChoice": {"name": "get_weather"}}
    bias = {OPEN: 100, CLOSE: 9}
    first = {**fields, **ENDS_SOON, "logitBias": bias, "maxTokens": 60}
    free_answer = free.run(**first)
    assert free_answer.tokens[0] == int(OPEN)
    bound = free.run(**first, thinking={"enabled": False})
    assert kinds(bound) == ["call", "arguments"]


@pytest.mark.parametrize("name", ["thinking", "call"])
def test_an_answer_goes_on_where_it_was_lost(opened: Runtime, tiny: Runtime, name: str) -> None:
    runtime = opened if name == "thinking" else tiny
    fields: dict[str, Any] = {"messages": QUESTION, "tools": [TOOL], "toolChoice": "required", **ENDS_SOON}
    if name == "call":
        fields |= {"logitBias": None, "maxTokens": 300, "parallelToolCalls": False}
    id = runtime.ask(**fields)
    told: list[list[dict[str, str]]] = [[]]
    while runtime.so_far(id).finish is None:
        frame = runtime.next_frame()
        for owner, _, ids, *more in frame.get("t", []):
            if owner == id and ids:
                told.append([*told[-1], *((more[1] or []) if len(more) > 1 else [])])
    whole = runtime.answer(id)
    assert whole.finish == "tool_calls"
    for tokens in range(1, len(whole.tokens) + 1):
        rest = runtime.run(**fields, resume=whole.tokens[:tokens])
        assert rest.error is None, rest.error
        assert merged([*told[tokens], *rest.pieces]) == merged(whole.pieces)
        assert (rest.finish, rest.completion_tokens) == (whole.finish, whole.completion_tokens)
