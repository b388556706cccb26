from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from models import with_template
from runtime import Answer, Runtime

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"enum": ["Zürich", "Paris"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 9},
        },
        "required": ["city", "days"],
    },
}
NOW: dict[str, Any] = {"name": "now"}
QUESTION: list[dict[str, Any]] = [{"role": "user", "content": "How is the weather?"}]
TALK: list[dict[str, Any]] = [
    *QUESTION,
    {
        "role": "assistant",
        "content": "",
        "reasoning": "I look.",
        "toolCalls": [
            {"id": "call_1", "name": "get_weather", "arguments": '{"city": "Paris", "days": 2}'},
            {"id": "call_2", "name": "now", "arguments": "no JSON"},
        ],
    },
    {"role": "tool", "content": "rain", "toolCallId": "call_1", "name": "get_weather"},
    {"role": "tool", "content": "noon", "toolCallId": "call_2"},
]
MARK = {"<repo_name>": "<tool_call>", "<reponame>": "</tool_call>"}
MARK_ID = "3"
SHOWN = "{% if false %}<tool_call>{{ tool_call.name }}{% endif %}"
"""By this mlx-lm knows the template of a model that writes calls as JSON."""
DUMP = (
    SHOWN + "{{ {'messages': messages, 'tools': tools, 'thinks': enable_thinking,"
    " 'effort': reasoning_effort | default('')} | tojson }}"
)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """Its template shows what it was given, and the marker of its calls is a special token."""
    with Runtime(with_template(tmp_path_factory.mktemp("caller"), DUMP, MARK)) as runtime:
        yield runtime


def prompt(runtime: Runtime, **fields: Any) -> str:
    answer = runtime.run(maxTokens=0, echo=True, **fields)
    assert answer.error is None, answer.error
    assert answer.echo is not None
    return answer.echo["text"]


def calls(answer: Answer) -> list[tuple[str, Any]]:
    """Name and arguments of all calls of an answer that holds nothing else."""
    assert answer.error is None, answer.error
    found: list[tuple[str, str]] = []
    for piece in answer.pieces:
        if piece["type"] == "call":
            found.append((piece["name"], ""))
        else:
            assert piece["type"] == "arguments", answer.pieces
            found[-1] = (found[-1][0], found[-1][1] + piece["text"])
    return [(name, json.loads(arguments)) for name, arguments in found]


def is_weather(arguments: Any) -> bool:
    keys = set(arguments)
    return keys == {"city", "days"} and arguments["city"] in ("Zürich", "Paris") and arguments["days"] >= 1


def test_a_template_gets_messages_and_tools_as_hugging_face_writes_them(caller: Runtime) -> None:
    given = json.loads(prompt(caller, messages=TALK, tools=[WEATHER, NOW]))
    assert given["tools"] == [
        {"type": "function", "function": WEATHER},
        {
            "type": "function",
            "function": {
                "name": "now",
                "description": "",
                "parameters": {"type": "object", "properties": {}},
            },
        },
    ]
    _, assistant, rain, noon = given["messages"]
    assert assistant["reasoning_content"] == "I look."
    assert [call["id"] for call in assistant["tool_calls"]] == ["call_1", "call_2"]
    assert [call["type"] for call in assistant["tool_calls"]] == ["function", "function"]
    assert [call["function"] for call in assistant["tool_calls"]] == [
        {"name": "get_weather", "arguments": {"city": "Paris", "days": 2}},
        {"name": "now", "arguments": "no JSON"},
    ]
    assert rain == {"role": "tool", "content": "rain", "tool_call_id": "call_1", "name": "get_weather"}
    assert noon == {"role": "tool", "content": "noon", "tool_call_id": "call_2"}


def test_a_template_is_told_of_no_tools_that_must_not_be_called(caller: Runtime) -> None:
    given = json.loads(prompt(caller, messages=QUESTION, tools=[WEATHER], toolChoice="none"))
    assert given["tools"] is None


def test_thinking_reaches_the_template(caller: Runtime) -> None:
    for thinking, thinks, effort in (
        ({"enabled": True}, True, ""),
        ({"enabled": False, "effort": "low"}, False, "low"),
        ({"effort": "none"}, False, "none"),
        (None, False, ""),
    ):
        given = json.loads(prompt(caller, messages=QUESTION, thinking=thinking))
        assert (given["thinks"], given["effort"]) == (thinks, effort)


def test_a_model_whose_template_knows_no_tools_is_told_of_them_in_words(tiny: Runtime) -> None:
    text = prompt(tiny, messages=TALK, tools=[WEATHER])
    assert text.startswith("<|im_start|>system\nYou may call one or more of these functions")
    assert json.dumps(WEATHER["parameters"], ensure_ascii=False) in text
    call = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris", "days": 2}}\n</tool_call>'
    assert f"<|im_start|>assistant\n{call}\n<tool_call>" in text
    results = "<tool_response>\nrain\n</tool_response>\n<tool_response>\nnoon\n</tool_response>"
    assert f"<|im_start|>user\n{results}<|im_end|>" in text
    system = [{"role": "system", "content": "Be brief."}, *QUESTION]
    assert "system\nBe brief.\n\nYou may call" in prompt(tiny, messages=system, tools=[WEATHER])
    assert "You may call" not in prompt(tiny, messages=TALK)


def test_a_template_that_knows_users_and_assistants_in_turns_only_still_works(tmp_path: Path) -> None:
    template = (
        "{% for m in messages %}{% if m.role != ['user', 'assistant'][loop.index0 % 2] %}"
        "{{ raise_exception('in turns!') }}{% endif %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"
    )
    with Runtime(with_template(tmp_path, template)) as runtime:
        messages = [{"role": "system", "content": "Be brief."}, *TALK, {"role": "user", "content": "And?"}]
        text = prompt(runtime, messages=messages, tools=[WEATHER])
        assert text.startswith("[user]Be brief.\n\nYou may call")
        assert text.endswith("noon\n</tool_response>\n\nAnd?[assistant]")
        error = runtime.run(messages=[{"role": "system", "content": "Be brief."}]).error
        assert error is not None
        assert (error["code"], error["param"]) == ("INVALID_REQUEST", "messages")


@pytest.mark.parametrize("name", ["mistral", "kimi"])
def test_ids_of_calls_have_the_form_that_the_model_knows(tmp_path: Path, name: str) -> None:
    known = {"mistral": "[TOOL_CALLS]", "kimi": "<|tool_calls_section_begin|>"}[name]
    with Runtime(
        with_template(tmp_path, "{% if false %}" + known + "{% endif %}{{ messages | tojson }}")
    ) as runtime:
        _, assistant, *results = json.loads(prompt(runtime, messages=TALK))
        ids = [call["id"] for call in assistant["tool_calls"]]
        assert [result["tool_call_id"] for result in results] == ids
        if name == "kimi":
            assert ids == ["functions.get_weather:0", "functions.now:1"]
        else:
            assert all(len(id) == 9 and id.isalnum() for id in ids)
            assert ids[0] != ids[1]


@pytest.mark.parametrize("choice", ["required", {"name": "get_weather"}])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_call_that_must_be_made_is_valid_whatever_the_model_would_say(
    tiny: Runtime, choice: Any, seed: int | None
) -> None:
    fields = {} if seed is None else {"seed": seed, "temperature": 1}
    answer = tiny.run(messages=QUESTION, tools=[WEATHER], toolChoice=choice, maxTokens=600, **fields)
    assert answer.finish == "tool_calls"
    made = calls(answer)
    assert made
    assert all(name == "get_weather" and is_weather(arguments) for name, arguments in made)
    assert answer.text == ""
    ids = [piece["id"] for piece in answer.pieces if piece["type"] == "call"]
    assert len(set(ids)) == len(ids)
    assert all(id.startswith("call_") for id in ids)


def test_the_named_tool_is_called_once(tiny: Runtime) -> None:
    fields: dict[str, Any] = {"messages": QUESTION, "tools": [WEATHER, NOW], "maxTokens": 300}
    assert calls(tiny.run(**fields, toolChoice={"name": "now"})) == [("now", {})]
    one = calls(tiny.run(**fields, toolChoice="required", parallelToolCalls=False))
    assert len(one) == 1


def test_a_small_model_calls_the_tool_that_it_must(starter: Runtime) -> None:
    tool = {
        "name": "look",
        "parameters": {"properties": {"at": {"enum": ["sky", "sea"]}}, "required": ["at"]},
    }
    ((name, arguments),) = calls(starter.run(messages=QUESTION, tools=[tool], toolChoice={"name": "look"}))
    assert name == "look"
    assert arguments["at"] in ("sky", "sea")


def test_a_model_with_a_format_of_its_own_is_made_to_call_in_json(tmp_path: Path) -> None:
    template = "{% if false %}<tool_call>\n<function={% endif %}{{ messages[0].content }}"
    with Runtime(with_template(tmp_path, template)) as runtime:
        answer = runtime.run(messages=QUESTION, tools=[WEATHER], toolChoice={"name": "get_weather"})
        ((_, arguments),) = calls(answer)
        assert is_weather(arguments)


def test_arguments_come_in_pieces_behind_the_name(tiny: Runtime) -> None:
    answer = tiny.run(messages=QUESTION, tools=[WEATHER], toolChoice={"name": "get_weather"})
    kinds = [piece["type"] for piece in answer.pieces]
    assert kinds[0] == "call"
    assert kinds.count("arguments") >= 4


def test_log_probabilities_come_beside_pieces(tiny: Runtime) -> None:
    answer = tiny.run(messages=QUESTION, tools=[NOW], toolChoice={"name": "now"}, logprobs=1)
    assert calls(answer) == [("now", {})]
    assert len(answer.entries) == len(answer.tokens) == answer.completion_tokens


def test_arguments_of_a_strict_tool_keep_to_its_schema_once_it_is_called(caller: Runtime) -> None:
    answer = caller.run(
        messages=QUESTION,
        tools=[{**WEATHER, "strict": True}],
        parallelToolCalls=False,
        logitBias={MARK_ID: 100},
        maxTokens=200,
    )
    assert answer.finish == "tool_calls"
    ((_, arguments),) = calls(answer)
    assert is_weather(arguments)


def test_what_is_no_call_is_returned_as_it_was_generated(caller: Runtime) -> None:
    answer = caller.run(messages=QUESTION, tools=[WEATHER], maxTokens=4, logitBias={MARK_ID: 100})
    assert (answer.text, answer.finish) == ("<tool_call>" * 4, "length")
    without = caller.run(messages=QUESTION, maxTokens=4, logitBias={MARK_ID: 100})
    assert without.text == ""


def test_tools_beside_a_format_leave_the_choice_between_both(tiny: Runtime) -> None:
    schema = {"type": "object", "properties": {"a": {"enum": [1]}}, "required": ["a"]}
    form = {"type": "json_schema", "schema": {**schema, "additionalProperties": False}}
    ends: set[str | None] = set()
    for seed in range(8):
        answer = tiny.run(
            messages=QUESTION,
            tools=[NOW],
            format=form,
            seed=seed,
            temperature=1,
            maxTokens=60,
        )
        ends.add(answer.finish)
        if answer.finish == "stop":
            assert answer.text == '{"a":1}'
        else:
            assert answer.pieces[0]["type"] == "call"
    assert "stop" in ends
    assert len(ends) > 1


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({**NOW, "parameters": {"type": "array"}}, "tools[1].function.parameters"),
        ({**NOW, "parameters": {"properties": {"a": {"if": {}}}}}, "tools[1].function.parameters"),
    ],
)
def test_a_schema_that_cannot_be_kept_to_is_refused_by_its_place(
    tiny: Runtime, tool: dict[str, Any], param: str
) -> None:
    for fields in (
        {"tools": [WEATHER, tool], "toolChoice": "required"},
        {"tools": [WEATHER, {**tool, "strict": True}]},
    ):
        error = tiny.run(messages=QUESTION, **fields).error
        assert error is not None
        assert error["code"] == "INVALID_REQUEST"
        assert error["param"].startswith(param)
    assert tiny.run(messages=QUESTION, tools=[WEATHER, tool], maxTokens=1).finish == "length"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"messages": [{**QUESTION[0], "images": ["data:,"]}]}, "messages[0].content"),
    ({"messages": [{**QUESTION[0], "reasoning": 5}]}, "messages[0].reasoning"),
    ({"messages": [{**QUESTION[0], "toolCalls": {}}]}, "messages[0].tool_calls"),
    ({"messages": [{**QUESTION[0], "toolCalls": [{}]}]}, "messages[0].tool_calls[0]"),
    ({"messages": [{**QUESTION[0], "mood": "good"}]}, "messages[0]"),
    ({"tools": "now"}, "tools"),
    ({"tools": [5]}, "tools[0]"),
    ({"tools": [{}]}, "tools[0].function.name"),
    ({"tools": [NOW, NOW]}, "tools[1].function.name"),
    ({"tools": [{**NOW, "parameters": []}]}, "tools[0].function.parameters"),
    ({"tools": [{**NOW, "parameters": {"a": "\ud800"}}]}, "tools[0].function.parameters"),
    ({"tools": [{**NOW, "strict": "yes"}]}, "tools[0].function.strict"),
    ({"tools": [NOW], "toolChoice": "always"}, "tool_choice"),
    ({"tools": [NOW], "toolChoice": {"name": "then"}}, "tool_choice"),
    ({"toolChoice": "required"}, "tool_choice"),
    ({"parallelToolCalls": 1}, "parallel_tool_calls"),
    ({"thinking": True}, "thinking"),
    ({"thinking": {"effort": 5}}, "thinking.effort"),
    ({"messages": None, "prompt": "Hello", "tools": [NOW]}, "tools"),
]


@pytest.mark.parametrize(("fields", "param"), BAD, ids=[f"{n}-{param}" for n, (_, param) in enumerate(BAD)])
def test_a_bad_field_is_refused_as_users_name_it(tiny: Runtime, fields: dict[str, Any], param: str) -> None:
    error = tiny.run(**{"messages": QUESTION, "maxTokens": 1, **fields}).error
    assert error is not None
    assert (error["code"], error["param"]) == ("INVALID_REQUEST", param)
    assert param in error["message"]
