from __future__ import annotations

from runtime import TINY, Runtime


def test_a_cancelled_answer_ends_within_a_step(tiny: Runtime) -> None:
    id = tiny.ask(prompt="Cancel me", maxTokens=1000)
    tiny.wait_for_token(id)
    asked_at = tiny.ping()["step"]
    tiny.send(op="cancel", id=id)
    answer = tiny.answer(id)
    assert answer.finish == "cancelled"
    assert answer.completion_tokens == len(answer.tokens)
    assert answer.steps[-1] <= asked_at + 2


def test_a_long_prompt_can_be_cancelled_between_its_chunks(tiny: Runtime) -> None:
    id = tiny.ask(tokens=[9] * 8000, maxTokens=5)
    tiny.wait_for("prefill", id)
    asked_at = tiny.ping()["step"]
    tiny.send(op="cancel", id=id)
    answer = tiny.answer(id)
    assert answer.finish == "cancelled"
    assert answer.tokens == []
    assert tiny.step <= asked_at + 2
    assert answer.frames[-1]["doneTokens"] < 8000


def test_the_others_do_not_notice_a_cancellation(tiny: Runtime) -> None:
    alone = tiny.run(prompt="The one that stays", maxTokens=30)
    stays, goes = tiny.ask(prompt="The one that stays", maxTokens=30), tiny.ask(prompt="Goes", maxTokens=30)
    tiny.wait_for_token(goes)
    tiny.send(op="cancel", id=goes)
    assert tiny.answer(stays).tokens == alone.tokens
    assert tiny.answer(goes).finish == "cancelled"


def test_a_request_that_waits_can_be_cancelled() -> None:
    with Runtime(TINY, "--max-batch", "1") as runtime:
        runs = runtime.ask(prompt="This one runs", maxTokens=30)
        waits = runtime.ask(prompt="This one waits", maxTokens=30)
        runtime.wait_for_token(runs)
        runtime.send(op="cancel", id=waits)
        assert runtime.answer(waits).finish == "cancelled"
        assert runtime.so_far(waits).started is None
        assert len(runtime.answer(runs).tokens) == 30


def test_a_cancellation_right_behind_the_request_is_obeyed(tiny: Runtime) -> None:
    for _ in range(20):
        id = tiny.ask(prompt="word " * 2000, maxTokens=4000)
        tiny.send(op="cancel", id=id)
        assert tiny.answer(id).finish == "cancelled"


def test_cancelling_what_has_ended_does_nothing(tiny: Runtime) -> None:
    id = tiny.ask(prompt="Short", maxTokens=1)
    tiny.answer(id)
    tiny.send(op="cancel", id=id)
    tiny.send(op="cancel", id=999_999)
    assert tiny.run(prompt="Next", maxTokens=1).finish == "length"
