from __future__ import annotations

import itertools
import sys

import pytest
from runtime import ROOT, TINY, Runtime

sys.path.insert(0, str(ROOT / "python"))

from mlx_mesh_runtime.chunk import chunk_tokens

STORY = {"prompt": "Once upon a time there was a", "maxTokens": 24}


def test_requests_join_and_leave_a_running_batch(tiny: Runtime) -> None:
    long = tiny.ask(prompt="The long one", maxTokens=80)
    tiny.wait_for_token(long)
    shorts = [tiny.ask(prompt=f"Short number {n}", maxTokens=5 + n) for n in range(4)]
    for n, short in enumerate(shorts):
        assert len(tiny.answer(short).tokens) == 5 + n
        assert not tiny.so_far(long).ended
    assert len(tiny.answer(long).tokens) == 80


def test_a_late_arrival_gets_its_first_token_within_a_few_steps(tiny: Runtime) -> None:
    long = tiny.ask(prompt="The long one", maxTokens=60)
    tiny.wait_for_token(long)
    late = tiny.ask(prompt="The late one", maxTokens=2)
    asked_at = tiny.ping()["step"]
    first = tiny.answer(late).steps[0]
    tiny.answer(long)
    assert first - asked_at <= 4


def test_a_long_prompt_does_not_hold_up_the_others(tiny: Runtime) -> None:
    stream = tiny.ask(prompt="The stream", maxTokens=200)
    tiny.wait_for_token(stream)
    long = tiny.ask(tokens=[7] * 2000, maxTokens=1)
    answer = tiny.answer(long)
    chunks = [frame["doneTokens"] for frame in answer.frames if frame["ev"] == "prefill"]
    assert len(chunks) >= 2000 / 128 - 1
    assert max(later - earlier for earlier, later in itertools.pairwise(chunks)) <= 128
    # Every step of the long prompt also brought a token of the stream.
    steps = tiny.answer(stream).steps
    assert steps == list(range(steps[0], steps[0] + 200))


def test_a_seed_gives_the_same_text_alone_and_in_a_batch(tiny: Runtime) -> None:
    seeded = {**STORY, "temperature": 1, "topP": 0.9, "seed": 42}
    alone = tiny.run(**seeded)
    others = [tiny.ask(prompt=f"Noise {n}", maxTokens=40, temperature=1) for n in range(5)]
    tiny.wait_for_token(others[0])
    batched = tiny.run(**seeded)
    for other in others:
        tiny.answer(other)
    assert batched.tokens == alone.tokens
    assert tiny.run(**{**seeded, "seed": 43}).tokens != alone.tokens


def test_without_a_seed_two_answers_differ(tiny: Runtime) -> None:
    asked = [tiny.ask(**{**STORY, "temperature": 1}) for _ in range(2)]
    first, second = (tiny.answer(id) for id in asked)
    assert first.tokens != second.tokens


def test_greedy_text_is_the_same_alone_and_in_a_batch(tiny: Runtime) -> None:
    alone = tiny.run(**STORY)
    others = [tiny.ask(prompt=f"Noise {n} {'word ' * n}", maxTokens=40, temperature=n % 2) for n in range(6)]
    batched = tiny.run(**STORY)
    for other in others:
        tiny.answer(other)
    assert batched.tokens == alone.tokens


def test_more_requests_than_the_batch_takes_wait_their_turn() -> None:
    with Runtime(TINY, "--max-batch", "2") as runtime:
        asked = [runtime.ask(prompt=f"Number {n}", maxTokens=4) for n in range(12)]
        answers = [runtime.answer(id) for id in asked]
    assert all(answer.finish == "length" for answer in answers)
    steps = [step for answer in answers for step in answer.steps]
    assert max(steps.count(step) for step in steps) == 2


@pytest.mark.parametrize(
    ("prompts", "others_wait", "on_gpu", "tokens"),
    [
        (1, False, True, 512),
        (4, False, True, 512),
        (1, True, True, 128),
        (16, True, True, 32),
        (1, False, False, 64),
        (1, True, False, 64),
        (4, False, False, 16),
        (16, False, False, 8),
    ],
)
def test_on_a_cpu_all_prompts_together_are_read_in_small_steps(
    prompts: int, others_wait: bool, on_gpu: bool, tokens: int
) -> None:
    assert chunk_tokens(prompts, others_wait, on_gpu) == tokens
