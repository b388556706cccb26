from __future__ import annotations

import pytest
from runtime import Runtime

PROMPT = {"prompt": "Stop strings are matched on text", "maxTokens": 30}


@pytest.fixture(scope="module")
def pieces(shared_tiny: Runtime) -> list[str]:
    """The texts of the tokens that the model answers with."""
    entries = shared_tiny.run(**PROMPT, logprobs=0).entries
    return [entry[0] for entry in entries]


def test_a_stop_string_holds_across_token_borders(tiny: Runtime, pieces: list[str]) -> None:
    text = "".join(pieces)
    border = len("".join(pieces[:10]))
    stop = text[border - 2 : border + 2]
    answer = tiny.run(**PROMPT, stop=[stop])
    assert (answer.finish, answer.stop) == ("stop", stop)
    assert answer.text == text[: text.index(stop)]


def test_a_stop_string_inside_a_token_cuts_the_token(tiny: Runtime, pieces: list[str]) -> None:
    text = "".join(pieces)
    long = next(piece for piece in pieces[3:] if len(piece) >= 4 and piece.isascii())
    answer = tiny.run(**PROMPT, stop=[long[1:3]])
    assert answer.text == text[: text.index(long[1:3])]


def test_the_stop_string_that_is_complete_first_wins(tiny: Runtime, pieces: list[str]) -> None:
    text = "".join(pieces)
    late, early = text[25:40], text[28:32]
    for stops in ([late, early], [early, late]):
        answer = tiny.run(**PROMPT, stop=stops)
        assert answer.stop == early
        assert answer.text == text[: text.index(early)]


def test_what_only_begins_like_a_stop_string_is_shown(tiny: Runtime, pieces: list[str]) -> None:
    text = "".join(pieces)
    answer = tiny.run(**PROMPT, stop=[text[20:26] + "\x00never", text[-3:] + "\x00never"])
    assert answer.finish == "length"
    assert answer.text == text


def test_after_a_stop_string_the_batch_goes_on(tiny: Runtime, pieces: list[str]) -> None:
    other = tiny.ask(prompt="Another", maxTokens=40)
    stopped = tiny.ask(**PROMPT, stop=["".join(pieces)[10:14]])
    assert tiny.answer(stopped).finish == "stop"
    assert len(tiny.answer(other).tokens) == 40
