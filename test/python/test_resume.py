from __future__ import annotations

from typing import Any

import pytest
from runtime import Answer, Runtime

PROMPT: dict[str, Any] = {"prompt": "An answer that was begun on another Mac", "maxTokens": 40}


def resumed(runtime: Runtime, whole: Answer, tokens: int, **fields: Any) -> Answer:
    return runtime.run(**{**PROMPT, **fields}, resume=whole.tokens[:tokens])


def told(runtime: Runtime, **fields: Any) -> list[str]:
    """The text that has been told with none, one, two … tokens: some of theirs may be held back."""
    id = runtime.ask(**{**PROMPT, **fields})
    texts = [""]
    while runtime.so_far(id).finish is None:
        frame = runtime.next_frame()
        for owner, text, ids, *_ in frame.get("t", []):
            if owner == id and ids:
                texts.append(texts[-1] + text)
    return texts


@pytest.mark.parametrize("tokens", [1, 2, 17, 39])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"temperature": 1, "seed": 11},
        {"temperature": 1.5, "seed": -3, "topK": 50, "topP": 0.9},
        {"presencePenalty": 1.5, "frequencyPenalty": 1},
        {"repetitionPenalty": 1.8},
        {"logprobs": 2},
    ],
    ids=["greedy", "seeded", "filtered", "penalties", "repetition", "logprobs"],
)
def test_an_answer_goes_on_as_if_nothing_had_happened(
    tiny: Runtime, fields: dict[str, Any], tokens: int
) -> None:
    whole = tiny.run(**PROMPT, **fields)
    rest = resumed(tiny, whole, tokens, **fields)
    assert rest.tokens == whole.tokens[tokens:]
    assert told(tiny, **fields)[tokens] + rest.text == whole.text
    assert (rest.finish, rest.completion_tokens) == ("length", 40)
    assert [entry[0] for entry in rest.entries] == [entry[0] for entry in whole.entries[tokens:]]
    assert rest.started is not None
    assert whole.started is not None
    assert rest.started["promptTokens"] == whole.started["promptTokens"]
    assert rest.started["cachedTokens"] <= rest.started["promptTokens"]


def test_a_stop_string_is_found_across_the_loss(tiny: Runtime) -> None:
    whole = tiny.run(**PROMPT)
    stop = whole.text[20:32]
    stopped = tiny.run(**PROMPT, stop=[stop])
    assert stopped.finish == "stop"
    texts = told(tiny, stop=[stop])
    for tokens in range(1, len(stopped.tokens) + 1):
        rest = resumed(tiny, stopped, tokens, stop=[stop])
        assert texts[tokens] + rest.text == stopped.text
        assert (rest.finish, rest.stop) == ("stop", stop)
        assert rest.completion_tokens == stopped.completion_tokens


def test_a_character_is_put_together_across_the_loss(tiny: Runtime) -> None:
    euro = [173, 220, 122]  # the three bytes of its sign
    rest = tiny.run(prompt="That costs", maxTokens=3, resume=euro[:2], logitBias={str(euro[2]): 100})
    assert (rest.tokens, rest.text) == (euro[2:], "€")


def test_nothing_is_generated_when_all_tokens_are_there(tiny: Runtime) -> None:
    whole = tiny.run(**PROMPT)
    rest = resumed(tiny, whole, 40)
    assert (rest.tokens, rest.text, rest.finish, rest.completion_tokens) == ([], "", "length", 40)


def test_the_prompt_is_not_said_twice(tiny: Runtime) -> None:
    for fields in ({"echo": True}, {"echo": True, "logprobs": 1}):
        whole = tiny.run(**PROMPT, **fields)
        rest = resumed(tiny, whole, 5, **fields)
        assert rest.echo is None
        assert rest.tokens == whole.tokens[5:]


def test_what_cannot_have_been_told_is_refused(tiny: Runtime) -> None:
    for resume in ([1] * 41, [10**9], [-1], ["a"], "text"):
        error = tiny.run(**PROMPT, resume=resume).error
        assert error is not None
        assert (error["code"], error["param"]) == ("INVALID_REQUEST", "resume")
    assert tiny.run(**PROMPT).finish == "length"
