from __future__ import annotations

import json
import re
from typing import Any

import pytest
from runtime import TINY, Runtime

PERSON: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 3},
        "home": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/place"}]},
    },
    "required": ["name", "age", "tags", "home"],
    "additionalProperties": False,
    "$defs": {
        "place": {
            "type": "object",
            "properties": {"zip": {"type": "string", "pattern": "^[0-9]{5}$"}},
            "required": ["zip"],
            "additionalProperties": False,
        }
    },
}
PROMPT: dict[str, Any] = {"prompt": "A person", "maxTokens": 200, "temperature": 1}


def of(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "schema": schema}


def is_person(text: str) -> bool:
    person = json.loads(text)
    assert list(person) == ["name", "age", "tags", "home"]
    assert isinstance(person["name"], str)
    assert 0 <= person["age"] <= 150
    assert set(person["tags"]) <= {"a", "b"}
    return person["home"] is None or re.fullmatch("[0-9]{5}", person["home"]["zip"]) is not None


def is_arithmetic(text: str) -> bool:
    return re.fullmatch(r"[0-9]([+*][0-9]){0,3}=yes|no", text) is not None


LARK = 'start: sum "=" "yes" | "no"\nsum: DIGIT (OP DIGIT){0,3}\nDIGIT: /[0-9]/\nOP: "+" | "*"\n'
FORMATS = [
    pytest.param(of(PERSON), is_person, id="json_schema"),
    pytest.param(
        of({"type": ["integer", "boolean"]}), lambda text: json.loads(text) is not None, id="no object"
    ),
    pytest.param(
        {"type": "regex", "pattern": "(yes|no), [a-f]{2,4}[.]"},
        re.compile("(yes|no), [a-f]{2,4}[.]").fullmatch,
        id="regex",
    ),
    pytest.param({"type": "lark", "grammar": LARK}, is_arithmetic, id="lark"),
]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("form", "fits"), FORMATS)
def test_an_answer_keeps_to_its_format(tiny: Runtime, form: dict[str, Any], fits: Any, seed: int) -> None:
    answer = tiny.run(**PROMPT, format=form, seed=seed)
    assert answer.finish == "stop"
    assert fits(answer.text)
    assert answer.completion_tokens == len(answer.tokens)


@pytest.mark.parametrize(
    "fields", [{"temperature": 0}, {"temperature": 2}, {"topP": 0.1}, {"minP": 0.9}, {"topK": 3}]
)
def test_filters_choose_among_what_fits(tiny: Runtime, fields: dict[str, Any]) -> None:
    answer = tiny.run(**{**PROMPT, **fields}, format=of(PERSON))
    assert answer.finish == "stop"
    assert is_person(answer.text)


def test_a_real_model_answers_as_its_format_says(starter: Runtime) -> None:
    messages = [{"role": "user", "content": "Describe Anna, who is 30, as JSON."}]
    answer = starter.run(messages=messages, maxTokens=120, format=of(PERSON))
    assert answer.finish == "stop"
    assert is_person(answer.text)


def test_an_object_is_json_as_far_as_it_goes(tiny: Runtime) -> None:
    for seed in range(8):
        answer = tiny.run(**{**PROMPT, "maxTokens": 60}, format={"type": "json_object"}, seed=seed)
        assert answer.text.startswith("{")
        assert "\n" not in answer.text
        if answer.finish == "stop":
            assert isinstance(json.loads(answer.text), dict)


def test_what_does_not_fit_the_limit_is_cut(tiny: Runtime) -> None:
    whole = tiny.run(**PROMPT, format=of(PERSON), seed=3)
    cut = tiny.run(**{**PROMPT, "maxTokens": 7}, format=of(PERSON), seed=3)
    assert (cut.finish, cut.completion_tokens) == ("length", 7)
    assert whole.text.startswith(cut.text)
    exact = tiny.run(**{**PROMPT, "maxTokens": whole.completion_tokens}, format=of(PERSON), seed=3)
    assert (exact.finish, exact.text) == ("stop", whole.text)


def test_a_stop_string_ends_it_before_its_grammar_does(tiny: Runtime) -> None:
    answer = tiny.run(**PROMPT, format=of(PERSON), stop=['"age"'], seed=3)
    assert (answer.finish, answer.stop) == ("stop", '"age"')
    assert answer.text.endswith(",")


def test_neither_bias_nor_penalties_reach_beyond_the_format(tiny: Runtime) -> None:
    wished = dict.fromkeys(map(str, range(300, 1300)), 100)
    form = {"type": "regex", "pattern": "[0-9]{8}"}
    answer = tiny.run(
        **PROMPT, format=form, logitBias=wished, presencePenalty=2, frequencyPenalty=2, repetitionPenalty=5
    )
    assert re.fullmatch("[0-9]{8}", answer.text)
    assert answer.finish == "stop"


def test_logprobs_are_those_among_what_fits(tiny: Runtime) -> None:
    answer = tiny.run(**PROMPT, format={"type": "regex", "pattern": "x|y"}, logprobs=3, seed=1)
    ((text, _, logprob, alternatives),) = answer.entries
    assert text in ("x", "y")
    assert -9999 < logprob < 0
    assert sorted(entry[0] for entry in alternatives[:2]) == ["x", "y"]
    assert alternatives[2][2] == -9999


def test_free_requests_beside_it_say_what_they_would_alone(tiny: Runtime) -> None:
    free = [
        {"prompt": "Once upon a time", "maxTokens": 40},
        {"prompt": "A seed", "maxTokens": 40, "temperature": 1, "seed": 9, "topP": 0.9},
        {"prompt": "A penalty", "maxTokens": 40, "frequencyPenalty": 1},
    ]
    alone = [tiny.run(**fields).tokens for fields in free]
    guided = [tiny.ask(**PROMPT, format=of(PERSON), seed=seed) for seed in range(4)]
    tiny.wait_for_token(guided[0])
    asked = [tiny.ask(**fields) for fields in free]
    assert [tiny.answer(id).tokens for id in asked] == alone
    assert all(is_person(tiny.answer(id).text) for id in guided)


def test_a_seed_gives_the_same_guided_answer_alone_and_in_a_batch(tiny: Runtime) -> None:
    seeded = {**PROMPT, "format": of(PERSON), "seed": 4}
    alone = tiny.run(**seeded)
    others = [tiny.ask(prompt=f"Noise {n}", maxTokens=60, temperature=1) for n in range(3)]
    tiny.wait_for_token(others[0])
    assert tiny.run(**seeded).tokens == alone.tokens
    for other in others:
        tiny.answer(other)


@pytest.mark.parametrize("tokens", [1, 3, 9, -1])
def test_an_answer_begun_elsewhere_goes_on_in_its_format(tiny: Runtime, tokens: int) -> None:
    fields = {**PROMPT, "format": of(PERSON), "seed": 6}
    whole = tiny.run(**fields)
    begun = whole.tokens[:tokens]
    rest = tiny.run(**fields, resume=begun)
    assert begun + rest.tokens == whole.tokens
    assert rest.finish == "stop"


def test_an_answer_whose_end_was_lost_is_at_its_end(tiny: Runtime) -> None:
    fields = {**PROMPT, "format": of(PERSON), "seed": 6}
    whole = tiny.run(**fields)
    rest = tiny.run(**fields, resume=whole.tokens)
    assert (rest.finish, rest.text, rest.completion_tokens) == ("stop", "", whole.completion_tokens)


def test_what_was_begun_must_fit_the_format(tiny: Runtime) -> None:
    error = tiny.run(**PROMPT, format=of(PERSON), resume=[5000, 5001]).error
    assert error is not None
    assert error["param"] == "resume"


def test_an_equal_schema_is_not_compiled_again() -> None:
    with Runtime(TINY) as runtime:
        for _ in range(3):
            assert is_person(runtime.run(**PROMPT, format=of(PERSON)).text)
        reworded = {**PERSON, "title": "Another title", "description": "that says nothing of what is valid"}
        assert is_person(runtime.run(**PROMPT, format=of(reworded)).text)
        assert compiled(runtime) == 1
        runtime.run(**PROMPT, format={"type": "json_object"})
        assert compiled(runtime) == 2


def compiled(runtime: Runtime) -> int:
    runtime.ping()
    return sum('"compiled a grammar"' in line for line in runtime.log)


def test_cancelling_a_guided_answer_leaves_the_others(tiny: Runtime) -> None:
    long = {"type": "regex", "pattern": "[a-z ]{5000}"}
    cancelled = tiny.ask(**{**PROMPT, "maxTokens": 2000}, format=long)
    other = tiny.ask(**PROMPT, format=of(PERSON))
    tiny.wait_for_token(cancelled)
    tiny.send(op="cancel", id=cancelled)
    assert tiny.answer(cancelled).finish == "cancelled"
    assert is_person(tiny.answer(other).text)
