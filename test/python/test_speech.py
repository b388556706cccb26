"""Answers taken apart into text, thinking and calls, for every format that mlx-lm has a parser for, cut into
tokens at every place."""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import pytest
from runtime import ROOT

sys.path.insert(0, str(ROOT / "python"))

from mlx_mesh_runtime.calls import Wanted
from mlx_mesh_runtime.facade import hurry_parsers
from mlx_mesh_runtime.markers import DEFAULT_FORMAT, CallFormat, Markers
from mlx_mesh_runtime.speech import Speech
from mlx_mesh_runtime.vocabulary import Vocabulary

TOOLS: list[dict[str, Any]] = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            },
        },
    }
    for name in ("get_weather", "get_time")
]
CITY = {"city": "Zürich 😀"}


def format_of(name: str) -> CallFormat:
    if name == "json_tools":
        return DEFAULT_FORMAT
    module = importlib.import_module(f"mlx_lm.tool_parsers.{name}")
    return CallFormat(name, module.tool_call_start, module.tool_call_end, module.parse_tool_call)


def markers_of(calls: CallFormat | None) -> Markers:
    return Markers("<think>", "</think>", calls, "text", {})


class Told:
    def __init__(self) -> None:
        self.parts: list[list[str]] = []
        self.stop: str | None = None

    def take(self, said: Any, stop: str | None) -> None:
        """Joins pieces of a kind, as clients do."""
        for piece in [{"type": "text", "text": said}] if isinstance(said, str) else said:
            kind = piece["type"]
            if kind == "call":
                assert piece["id"].startswith("call_")
                self.parts.append(["call", piece["name"]])
            elif piece["text"] and self.parts and self.parts[-1][0] == kind:
                self.parts[-1][1] += piece["text"]
            elif piece["text"]:
                self.parts.append([kind, piece["text"]])
        self.stop = stop or self.stop

    def meaning(self) -> list[Any]:
        return [json.loads(text) if kind == "arguments" else text for kind, text in self.parts]


def told(
    tokens: list[str],
    calls: CallFormat | None = DEFAULT_FORMAT,
    *,
    stops: tuple[str, ...] = (),
    special: tuple[str, ...] = (),
    parallel: bool = True,
    state: str = "text",
    by_itself: bool = True,
    keeps_newlines: bool = False,
) -> Told:
    table = [b"" if token in special else token.encode() for token in tokens]
    vocabulary = Vocabulary(table, {n: t for n, t in enumerate(tokens) if t in special}, False)
    wanted = None if calls is None else Wanted(calls, {"get_weather", "get_time"}, TOOLS, parallel)
    speech = Speech(vocabulary, stops, markers_of(calls), wanted, state, keeps_newlines)
    return read_all(speech, len(tokens), by_itself)


def read_all(speech: Speech, tokens: int, by_itself: bool = True) -> Told:
    result = Told()
    for token in range(tokens):
        result.take(*speech.add(token))
        if result.stop is not None or speech.is_complete:
            return result
    result.take(*speech.end(by_itself))
    return result


CALLS: dict[str, str] = {
    "json_tools": '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Zürich 😀"}}\n</tool_call>',
    "function_gemma": "<start_function_call>call:get_weather{city:<escape>Zürich 😀<escape>}"
    "<end_function_call>",
    "gemma4": '<|tool_call>call:get_weather{city:<|"|>Zürich 😀<|"|>}<tool_call|>',
    "glm47": "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Zürich 😀</arg_value>\n"
    "</tool_call>",
    "laguna": "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Zürich 😀</arg_value></tool_call>",
    "kimi_k2": "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0"
    '<|tool_call_argument_begin|>{"city": "Zürich 😀"}<|tool_call_end|><|tool_calls_section_end|>',
    "kimi_k3": '<|open|>tools<|sep|><|open|>call tool="get_weather" index="1"<|sep|>'
    '<|open|>argument key="city" type="string"<|sep|>Zürich 😀<|close|>argument<|sep|>'
    "<|close|>call<|sep|><|close|>tools<|sep|>",
    "longcat": "<longcat_tool_call>get_weather\n<longcat_arg_key>city</longcat_arg_key>\n"
    "<longcat_arg_value>Zürich 😀</longcat_arg_value>\n</longcat_tool_call>",
    "minicpm5": '<function name="get_weather"><param name="city">Zürich 😀</param></function>',
    "minimax_m2": '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Zürich 😀'
    "</parameter>\n</invoke>\n</minimax:tool_call>",
    "mistral": '[TOOL_CALLS]get_weather[ARGS]{"city": "Zürich 😀"}',
    "muse_spark": '<atem:function_calls>\n<atem:invoke name="get_weather">\n<atem:parameter name="city">'
    '"Zürich 😀"'
    "</atem:parameter>\n</atem:invoke>\n</atem:function_calls>",
    "pythonic": '<|tool_call_start|>[get_weather(city="Zürich 😀")]<|tool_call_end|>',
    "qwen3_coder": "<tool_call>\n<function=get_weather>\n<parameter=city>\nZürich 😀\n</parameter>\n"
    "</function>\n</tool_call>",
}


def test_every_parser_of_mlx_lm_is_tried_here() -> None:
    folder = (ROOT / "resources/runtime/python/lib").glob("python3*/site-packages/mlx_lm/tool_parsers/*.py")
    assert {path.stem for path in folder} - {"__init__"} == set(CALLS)


def splits(text: str) -> list[list[str]]:
    """In two at every place, and character by character."""
    return [[text], list(text), *([text[:at], text[at:]] for at in range(1, len(text)))]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_the_same_wherever_tokens_end(name: str) -> None:
    answer = f"<think>\nHm, the weather.\n</think>\n\nI look. {CALLS[name]}"
    whole = told([answer], format_of(name))
    assert [kind for kind, _ in whole.parts] == ["reasoning", "text", "call", "arguments"]
    assert whole.meaning() == ["Hm, the weather.", "I look. ", "get_weather", CITY]
    for tokens in splits(answer):
        assert told(tokens, format_of(name)).parts == whole.parts


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"mistral"}))
def test_calls_and_text_follow_each_other(name: str) -> None:
    answer = f"{CALLS[name]}\n{CALLS[name]}\nThat was all."
    for tokens in splits(answer):
        meaning = told(tokens, format_of(name)).meaning()
        assert meaning == ["get_weather", CITY, "get_weather", CITY, "That was all."]


@pytest.mark.parametrize("name", CALLS)
def test_what_names_no_known_tool_stays_text_as_it_was_generated(name: str) -> None:
    answer = "Here: " + CALLS[name].replace("get_weather", "get_rich")
    for tokens in splits(answer):
        assert told(tokens, format_of(name)).parts == [["text", answer]]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_is_cut_off_is_text_or_told_as_far_as_it_goes(name: str) -> None:
    call = CALLS[name]
    for end in range(1, len(call)):
        result = told(list(call[:end]), format_of(name), by_itself=False)
        if result.parts[0][0] == "call":
            assert name in ("json_tools", "mistral")
            assert result.parts[0] == ["call", "get_weather"]
            assert '{"city": "Zürich 😀"}'.startswith(result.parts[1][1])
        else:
            assert result.parts == [["text", call[:end]]]


@pytest.mark.parametrize("name", CALLS)
def test_without_tools_a_call_is_text(name: str) -> None:
    assert told(list(CALLS[name]), None).parts == [["text", CALLS[name]]]


def test_arguments_are_told_while_they_are_generated() -> None:
    tokens = list(CALLS["json_tools"])
    vocabulary = Vocabulary([token.encode() for token in tokens], {}, False)
    wanted = Wanted(DEFAULT_FORMAT, {"get_weather"}, TOOLS, True)
    speech = Speech(vocabulary, (), markers_of(DEFAULT_FORMAT), wanted, "text", False)
    frames = [said for n in range(len(tokens)) if (said := speech.add(n)[0])]
    assert [piece["type"] for piece in frames[0]] == ["call", "arguments"]
    assert frames[0][1]["text"] == '{"'
    assert len(frames) == len('{"city": "Zürich 😀"}') - 1


JSON_CALLS: dict[str, tuple[str, list[Any]]] = {
    "arguments before the name": (
        '{"arguments": {"city": "x", "n": [1, {"a": "}"}]}, "name": "get_time"}',
        ["get_time", {"city": "x", "n": [1, {"a": "}"}]}],
    ),
    "other keys": ('{"id": 7, "name": "get_time", "more": [{}], "arguments": {}}', ["get_time", {}]),
    "no arguments": ('{"name": "get_time"}', ["get_time", {}]),
    "null": ('{"name": "get_time", "arguments": null}', ["get_time", {}]),
    "JSON in a string": ('{"name": "get_time", "arguments": "{\\"a\\": 1}"}', ["get_time", {"a": 1}]),
    "parameters": ('{"name": "get_time", "parameters": {"a": 1}}', ["get_time", {"a": 1}]),
    "the end's marker in a string": (
        '{"name": "get_time", "arguments": {"a": "</tool_call>\\""}}',
        ["get_time", {"a": '</tool_call>"'}],
    ),
    "a brace too many": ('{"name": "get_time", "arguments": {"a": 1}}}', ["get_time", {"a": 1}]),
    "a brace too few": ('{"name": "get_time", "arguments": {"a": 1}', ["get_time", {"a": 1}]),
    "two in one": (
        '{"name": "get_time", "arguments": {}}\n{"name": "get_weather", "arguments": {}}',
        ["get_time", {}, "get_weather", {}],
    ),
}


@pytest.mark.parametrize("name", JSON_CALLS)
def test_json_calls_are_understood_as_models_write_them(name: str) -> None:
    body, meaning = JSON_CALLS[name]
    for tokens in splits(f"<tool_call>{body}</tool_call>\nDone."):
        assert told(tokens).meaning() == [*meaning, "Done."]


@pytest.mark.parametrize(
    "body",
    [
        "not JSON",
        "{}",
        "[1]",
        '{"name": 5, "arguments": {}}',
        '{"name": "get_time", "arguments": 5}',
        '{"name": "get_time", "arguments": "no object"}',
        '{"name": "get_time", "arguments": {city: 1}}',
        '{"name": "get_time" "arguments": {}}',
        '{"arguments": {}}',
        '{"name": "get\\qtime", "arguments": {}}',
    ],
)
def test_json_that_is_no_call_stays_text(body: str) -> None:
    answer = f"Look: \n<tool_call>{body}</tool_call> and <think>more</think>"
    for tokens in splits(answer):
        result = told(tokens)
        assert result.parts[0] == ["text", f"Look: \n<tool_call>{body}</tool_call> and "]
        assert result.parts[1] == ["reasoning", "more"]


def test_an_unfinished_call_keeps_what_was_told_of_it() -> None:
    cut = '<tool_call>{"name": "get_time", "arguments": {"a": "b'
    for tokens in splits(cut):
        assert told(tokens).parts == [["call", "get_time"], ["arguments", '{"a": "b']]


def test_markers_that_are_special_tokens_are_seen_and_others_stay_unseen() -> None:
    special = ("<think>", "</think>", "<tool_call>", "</tool_call>", "<|other|>")
    body = '{"name": "get_time", "arguments": {}}'
    tokens = ["<think>", "So", "</think>", "A", "<|other|>", "B", "<tool_call>", body, "</tool_call>"]
    result = told(tokens, special=special)
    assert result.parts == [["reasoning", "So"], ["text", "AB"], ["call", "get_time"], ["arguments", "{}"]]


def test_special_tokens_within_a_call_belong_to_it() -> None:
    special = ("<|tool_call>", "<tool_call|>", '<|"|>')
    tokens = ["<|tool_call>", "call:get_weather{city:", '<|"|>', "Zürich 😀", '<|"|>', "}", "<tool_call|>"]
    assert told(tokens, format_of("gemma4"), special=special).meaning() == ["get_weather", CITY]


def test_thinking_that_the_prompt_has_opened_comes_first() -> None:
    for tokens in splits("Well.\n</think>\n\nYes."):
        assert told(tokens, state="reasoning").parts == [["reasoning", "Well."], ["text", "Yes."]]


def test_what_looks_like_a_marker_and_is_none_is_text() -> None:
    for text in ("a <b> </think> <thin", "1 < 2 <tool_", "\n\n<t\n\n"):
        for tokens in splits(text):
            assert told(tokens).parts == [["text", text]]


def test_stop_strings_are_for_text_alone() -> None:
    call = '<tool_call>{"name": "get_time", "arguments": {"a": "STOP"}}</tool_call>'
    answer = f"<think>STOP</think>Go{call}on STOP it"
    for tokens in splits(answer):
        result = told(tokens, stops=("STOP", "GoS"))
        assert result.parts == [
            ["reasoning", "STOP"],
            ["text", "Go"],
            ["call", "get_time"],
            ["arguments", '{"a": "STOP"}'],
            ["text", "on "],
        ]
        assert result.stop == "STOP"


def test_a_stop_string_is_found_in_what_turned_out_to_be_text() -> None:
    for tokens in splits("a<tool_call>no STOP </tool_call>"):
        result = told(tokens, stops=("STOP",))
        assert (result.parts, result.stop) == ([["text", "a<tool_call>no "]], "STOP")


@pytest.mark.parametrize("name", CALLS)
def test_one_call_is_enough_where_calls_may_not_be_parallel(name: str) -> None:
    for tokens in splits(CALLS[name] + "\n" + CALLS[name]):
        assert told(tokens, format_of(name), parallel=False).meaning()[:2] == ["get_weather", CITY]
        assert len(told(tokens, format_of(name), parallel=False).parts) == 2


def test_newlines_of_a_text_that_must_fit_a_format_are_kept() -> None:
    for tokens in splits("<think>a\n</think>\n[1]\n"):
        result = told(tokens, None, keeps_newlines=True)
        assert result.parts == [["reasoning", "a"], ["text", "\n[1]\n"]]


def test_headers_of_messages_within_an_answer_are_not_shown() -> None:
    structure = {
        "header": [("to=self<|message|>", "reasoning"), ("to=user<|message|>", "text")],
        "reasoning": [("<|eom|>", "header")],
        "text": [("<|eot|>", "text")],
    }
    markers = Markers(None, None, format_of("muse_spark"), "header", structure)
    wanted = Wanted(format_of("muse_spark"), {"get_weather"}, TOOLS, True)
    call = f"to=self<|message|>Hm<|eom|><|start|>to=x<|message|>{CALLS['muse_spark']}"
    reply = "to=self<|message|>Hm<|eom|><|start|>assistant to=user<|message|>Hi<|eot|>"
    for answer, meaning in ((call, ["Hm", "get_weather", CITY]), (reply, ["Hm", "Hi"])):
        for tokens in splits(answer):
            vocabulary = Vocabulary([token.encode() for token in tokens], {}, False)
            result = read_all(Speech(vocabulary, (), markers, wanted, "header", False), len(tokens))
            assert result.meaning() == meaning


@pytest.mark.parametrize("value", ["", ",", ":", "]", "<"])
@pytest.mark.parametrize("key", ["name", "arguments", "parameters"])
def test_a_call_with_a_key_without_a_value_is_text(key: str, value: str) -> None:
    text = f'<tool_call>{{"{key}": {value}}}</tool_call>'
    assert told([text]).parts == [["text", text]]


def test_a_parser_that_would_search_for_long_gives_up_and_what_was_written_is_text() -> None:
    calls = format_of("gemma4")
    hurry_parsers()
    text = calls.start + "call:a{" * 4000 + calls.end
    began = time.thread_time()
    assert told([text], calls).parts == [["text", text]]
    assert time.thread_time() - began < 2
    # An ordinary call is read as before.
    assert told([CALLS["gemma4"]], calls).parts[0] == ["call", "get_weather"]
