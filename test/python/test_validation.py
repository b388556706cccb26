from __future__ import annotations

from typing import Any

import pytest
from runtime import Runtime

BAD: list[tuple[dict[str, Any], str]] = [
    ({"prompt": 5}, "prompt"),
    ({"prompt": None}, "prompt"),
    ({"tokens": [1]}, "prompt"),
    ({"prompt": "\ud800"}, "prompt"),
    ({"prompt": None, "tokens": "abc"}, "prompt"),
    ({"prompt": None, "tokens": [1, -1]}, "prompt"),
    ({"prompt": None, "tokens": [1, True]}, "prompt"),
    ({"prompt": None, "tokens": [49_152]}, "prompt"),
    ({"prompt": None, "messages": []}, "messages"),
    ({"prompt": None, "messages": [{"role": "user"}]}, "messages[0]"),
    ({"prompt": None, "messages": [{"role": "user", "content": ["parts"]}]}, "messages[0].content"),
    ({"maxTokens": -1}, "max_tokens"),
    ({"maxTokens": 1.5}, "max_tokens"),
    ({"maxTokens": True}, "max_tokens"),
    ({"temperature": -0.1}, "temperature"),
    ({"temperature": 2.1}, "temperature"),
    ({"temperature": "hot"}, "temperature"),
    ({"temperature": float("nan")}, "temperature"),
    ({"temperature": float("inf")}, "temperature"),
    ({"temperature": 10**400}, "temperature"),
    ({"topP": 1.01}, "top_p"),
    ({"topK": -1}, "top_k"),
    ({"topK": 0.5}, "top_k"),
    ({"minP": 2}, "min_p"),
    ({"seed": 2**63}, "seed"),
    ({"seed": "lucky"}, "seed"),
    ({"stop": "text"}, "stop"),
    ({"stop": [""]}, "stop"),
    ({"stop": [7]}, "stop[0]"),
    ({"stop": ["x"] * 17}, "stop"),
    ({"presencePenalty": 3}, "presence_penalty"),
    ({"frequencyPenalty": -3}, "frequency_penalty"),
    ({"repetitionPenalty": 0}, "repetition_penalty"),
    ({"logitBias": []}, "logit_bias"),
    ({"logitBias": {"a": 1}}, "logit_bias"),
    ({"logitBias": {"49152": 1}}, "logit_bias"),
    ({"logitBias": {"5": 101}}, "logit_bias"),
    ({"logprobs": 21}, "logprobs"),
    ({"logprobs": True}, "logprobs"),
    ({"echo": 1}, "echo"),
    ({"requestId": 5}, "request_id"),
    ({"bestOf": 2}, "best_of"),
    ({"\ud800": 2}, "?"),
]


@pytest.mark.parametrize(("fields", "param"), BAD, ids=[f"{n}-{param}" for n, (_, param) in enumerate(BAD)])
def test_a_bad_field_is_refused_as_users_name_it(tiny: Runtime, fields: dict[str, Any], param: str) -> None:
    error = tiny.run(**{"prompt": "Hello", "maxTokens": 1, **fields}).error
    assert error is not None
    assert error["code"] == "INVALID_REQUEST"
    assert error["param"] == param
    assert param in error["message"]


def test_a_bad_request_fails_alone(tiny: Runtime) -> None:
    good = tiny.ask(prompt="Good", maxTokens=40)
    tiny.wait_for_token(good)
    bad = [tiny.ask(**{"prompt": "Bad", **fields}) for fields, _ in BAD]
    assert len(tiny.answer(good).tokens) == 40
    assert all(tiny.answer(id).error for id in bad)


def test_null_means_absent(tiny: Runtime) -> None:
    names = ("messages", "tokens", "stop", "seed", "topK", "logprobs", "logitBias", "echo", "requestId")
    assert tiny.run(prompt="Hello", maxTokens=2, **dict.fromkeys(names)).finish == "length"


@pytest.mark.parametrize(("prompt_tokens", "max_tokens"), [(8193, 0), (8192, None), (8192, 1), (8000, 193)])
def test_what_does_not_fit_the_context_is_refused(
    tiny: Runtime, prompt_tokens: int, max_tokens: int | None
) -> None:
    error = tiny.run(tokens=[5] * prompt_tokens, maxTokens=max_tokens).error
    assert error is not None
    assert error["code"] == "CONTEXT_LENGTH_EXCEEDED"
    # Some clients shorten a conversation by themselves when they find these words.
    assert "this model's maximum context length is 8192 tokens" in error["message"]
    assert ("the prompt is too long" in error["message"]) == (prompt_tokens >= 8192)


def test_an_answer_is_shortened_to_the_context_where_its_length_is_only_a_bound(tiny: Runtime) -> None:
    fitted = tiny.run(tokens=[5] * 8189, maxTokens=32_000, fitContext=True, logitBias={"0": -100, "2": -100})
    assert (len(fitted.tokens), fitted.finish) == (3, "length")
    for prompt_tokens, max_tokens in [(8192, 32_000), (8192, None), (8193, 0)]:
        error = tiny.run(tokens=[5] * prompt_tokens, maxTokens=max_tokens, fitContext=True).error
        assert error is not None
        assert error["code"] == "CONTEXT_LENGTH_EXCEEDED"


def test_a_huge_text_is_refused_without_being_tokenized(tiny: Runtime) -> None:
    stream = tiny.ask(prompt="The stream", maxTokens=5000)
    tiny.wait_for_token(stream)
    error = tiny.run(prompt="many words " * 2_000_000).error
    assert error is not None
    assert error["code"] == "CONTEXT_LENGTH_EXCEEDED"
    assert "at least" in error["message"]
    assert not tiny.so_far(stream).ended
    tiny.send(op="cancel", id=stream)
    tiny.answer(stream)


def test_a_long_text_is_refused_when_its_beginning_alone_is_too_long(tiny: Runtime) -> None:
    error = tiny.run(prompt="many words " * 30_000).error
    assert error is not None
    assert error["code"] == "CONTEXT_LENGTH_EXCEEDED"
    assert "at least" in error["message"]


def test_a_long_text_of_few_tokens_fits_the_context(tiny: Runtime) -> None:
    assert tiny.run(prompt=" " * 200_000, maxTokens=1).error is None


@pytest.mark.parametrize(
    "line",
    [
        b"{not json",
        b"[1, 2]",
        b"\xff\xfe",
        b"",
        b"[" * 100_000,
        b'{"op":"dance"}',
        b'{"op":"generate"}',
        b'{"op":"generate","id":"one"}',
        b'{"op":"generate","id":true,"prompt":"x"}',
        b'{"op":"ping","n":NaN}',
    ],
)
def test_a_line_that_belongs_to_no_request_is_answered_without_an_id(tiny: Runtime, line: bytes) -> None:
    tiny.send_line(line)
    error = tiny.wait_for("error")
    assert error["id"] is None
    assert error["code"] == "INVALID_REQUEST"
    assert tiny.run(prompt="Next", maxTokens=1).finish == "length"


def test_an_id_in_use_does_not_disturb_its_owner(tiny: Runtime) -> None:
    id = tiny.ask(prompt="The owner", maxTokens=30)
    tiny.send(op="generate", id=id, prompt="The intruder")
    assert tiny.wait_for("error")["param"] == "id"
    assert len(tiny.answer(id).tokens) == 30
