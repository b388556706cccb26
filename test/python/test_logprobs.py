from __future__ import annotations

import math
from pathlib import Path

import mlx.core as mx
import pytest
from models import changed_copy
from runtime import TINY, Runtime

PROMPT = {"prompt": "The quick brown fox jumps over the lazy dog", "maxTokens": 6}


def test_entries_list_the_token_its_bytes_and_its_alternatives(starter: Runtime) -> None:
    answer = starter.run(**PROMPT, logprobs=3)
    assert "".join(entry[0] for entry in answer.entries) == answer.text
    for text, spelled, logprob, alternatives in answer.entries:
        assert bytes(spelled).decode() == text
        assert logprob <= 0
        assert len(alternatives) == 3
        # Greedy: the token is its own best alternative, and they come in falling order.
        assert alternatives[0] == [text, spelled, logprob]
        assert [other[2] for other in alternatives] == sorted(
            (other[2] for other in alternatives), reverse=True
        )
        assert sum(math.exp(other[2]) for other in alternatives) <= 1.001


def test_zero_alternatives_still_give_the_tokens_own_logprob(tiny: Runtime) -> None:
    answer = tiny.run(**PROMPT, logprobs=0)
    assert [entry[3] for entry in answer.entries] == [[]] * 6
    assert all(entry[2] < 0 for entry in answer.entries)


def test_only_who_asks_gets_logprobs_and_asking_changes_no_text(tiny: Runtime) -> None:
    plain, asked = tiny.ask(**PROMPT), tiny.ask(**PROMPT, logprobs=2)
    assert tiny.answer(plain).entries == []
    assert len(tiny.answer(asked).entries) == 6
    assert tiny.so_far(plain).text == tiny.so_far(asked).text


def test_echo_repeats_the_prompt(tiny: Runtime) -> None:
    answer = tiny.run(**PROMPT, echo=True)
    assert answer.echo is not None
    assert answer.echo["text"] == PROMPT["prompt"]
    assert "tokens" not in answer.echo
    assert len(answer.tokens) == 6


def test_echo_with_logprobs_scores_the_prompt_as_generation_would(starter: Runtime) -> None:
    """What the model generates scores the same when it is given back as a prompt."""
    tokens = [504, 3575, 282, 4649, 314]
    generated = starter.run(tokens=tokens, maxTokens=6, logprobs=2)
    echoed = starter.run(tokens=tokens + generated.tokens, maxTokens=0, echo=True, logprobs=2)
    assert echoed.echo is not None
    entries = echoed.echo["tokens"]
    assert len(entries) == len(tokens) + 6
    assert entries[0][2:] == [None, []]
    for scored, made in zip(entries[len(tokens) :], generated.entries, strict=True):
        assert scored[:2] == made[:2]
        assert scored[2] == pytest.approx(made[2], abs=0.05)


def test_generation_goes_on_from_an_echoed_prompt(tiny: Runtime) -> None:
    plain = tiny.run(**PROMPT)
    echoed = tiny.run(**PROMPT, echo=True, logprobs=0)
    assert echoed.tokens == plain.tokens


def test_a_long_echoed_prompt_does_not_hold_up_the_others(tiny: Runtime) -> None:
    stream = tiny.ask(prompt="The stream", maxTokens=100)
    tiny.wait_for_token(stream)
    first = tiny.step
    echoed = tiny.ask(tokens=[11] * 1000, maxTokens=0, echo=True, logprobs=1)
    answer = tiny.answer(echoed)
    assert answer.echo is not None
    assert len(answer.echo["tokens"]) == 1000
    assert tiny.step - first >= 7
    tiny.answer(stream)
    assert tiny.so_far(stream).steps == list(range(first, first + 100))


def test_what_a_broken_model_computes_instead_of_numbers_costs_nobody_else_an_answer(tmp_path: Path) -> None:
    folder = changed_copy(tmp_path, "model.safetensors", "")
    weights = mx.load(str(TINY / "model.safetensors"))
    norm = weights["model.norm.weight"]
    weights["model.norm.weight"] = mx.full(norm.shape, math.nan, norm.dtype)
    mx.save_safetensors(str(folder / "model.safetensors"), weights)
    with Runtime(folder) as runtime:
        beside = runtime.ask(prompt="Beside", maxTokens=30)
        answer = runtime.run(**PROMPT, logprobs=2, echo=True)
        assert [entry[2] for entry in answer.entries] == [-9999] * len(answer.tokens)
        assert runtime.answer(beside).finish is not None
