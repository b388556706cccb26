from __future__ import annotations

import json
from pathlib import Path

from models import with_settings
from runtime import TINY, Runtime

PROMPT = {"prompt": "Sampling settings", "maxTokens": 16}


def test_top_k_of_one_and_top_p_of_zero_are_greedy(tiny: Runtime) -> None:
    greedy = tiny.run(**PROMPT).tokens
    assert tiny.run(**PROMPT, temperature=1.5, topK=1).tokens == greedy
    assert tiny.run(**PROMPT, temperature=1.5, topP=0).tokens == greedy
    assert tiny.run(**PROMPT, temperature=1e-9).tokens == greedy
    assert tiny.run(**PROMPT, temperature=1, minP=1).tokens == greedy


def test_a_top_k_beyond_the_vocabulary_keeps_every_token(tiny: Runtime) -> None:
    everything = tiny.run(**PROMPT, temperature=1, seed=5).tokens
    assert tiny.run(**PROMPT, temperature=1, seed=5, topK=60_000).tokens == everything


def test_a_low_top_k_draws_from_the_most_probable_only(tiny: Runtime) -> None:
    answer = tiny.run(**PROMPT, temperature=2, topK=3, logprobs=3)
    for text, _, _, alternatives in answer.entries:
        assert text in [other[0] for other in alternatives]


def test_logit_bias_forces_and_forbids_tokens(tiny: Runtime) -> None:
    greedy = tiny.run(**PROMPT).tokens
    assert tiny.run(**PROMPT, logitBias={"100": 100}).tokens == [100] * 16
    assert greedy[0] not in tiny.run(**PROMPT, logitBias={str(greedy[0]): -100}).tokens


def test_penalties_look_at_the_completion_and_break_a_loop(tiny: Runtime) -> None:
    loop = {**PROMPT, "logitBias": {"100": 100, "101": 99, "102": 98.5}}
    assert set(tiny.run(**loop).tokens) == {100}
    assert tiny.run(**loop, presencePenalty=2).tokens[:3] == [100, 101, 102]
    frequent = tiny.run(**loop, frequencyPenalty=2).tokens
    assert frequent[:3] == [100, 101, 102]
    assert frequent.count(101) >= 4
    # A token of the prompt is no repetition to OpenAI's penalties, but to the repetition penalty it is.
    seen = {**PROMPT, "prompt": None, "tokens": [100, 100, 100, 100, 6], "logitBias": {"100": 100, "101": 94}}
    assert tiny.run(**seen, presencePenalty=2, frequencyPenalty=2).tokens[0] == 100
    assert tiny.run(**seen, repetitionPenalty=2).tokens[0] == 101


def test_rows_with_different_settings_share_a_batch(tiny: Runtime) -> None:
    settings = [
        {},
        {"temperature": 1},
        {"temperature": 1, "seed": 1},
        {"temperature": 0.5, "topK": 5, "topP": 0.8, "minP": 0.05},
        {"frequencyPenalty": 1, "logitBias": {"7": 5}},
        {"temperature": 1, "logprobs": 2},
    ]
    alone = tiny.run(**PROMPT)
    asked = [tiny.ask(**{**PROMPT, **each}) for each in settings]
    assert all(len(tiny.answer(id).tokens) == 16 for id in asked)
    assert tiny.so_far(asked[0]).tokens == alone.tokens


def test_what_a_request_leaves_open_is_as_the_models_authors_recommend(tiny: Runtime, tmp_path: Path) -> None:
    greedy = tiny.run(**PROMPT).tokens
    for file in TINY.iterdir():
        if file.name != "generation_config.json":
            (tmp_path / file.name).symlink_to(file)
    recommended = json.loads((TINY / "generation_config.json").read_text())
    (tmp_path / "generation_config.json").write_text(json.dumps({**recommended, "top_k": 1}))
    with Runtime(tmp_path) as runtime:
        assert runtime.run(**PROMPT, temperature=None).tokens == greedy
        assert runtime.run(**PROMPT, temperature=2, topK=0, seed=1).tokens != greedy


def test_a_model_is_warmed_up_with_all_that_its_authors_recommend(tmp_path: Path) -> None:
    recommended = {"temperature": 0.7, "top_p": 0.8, "top_k": 20, "min_p": 0.05, "repetition_penalty": 1.1}
    with Runtime(with_settings(tmp_path, "generation_config.json", **recommended)) as runtime:
        assert len(runtime.run(prompt="Warm", maxTokens=5, temperature=None).tokens) == 5


def test_the_field_with_a_prompt_that_is_too_long_is_named(tiny: Runtime) -> None:
    words = "word " * 9000
    messages = [{"role": "user", "content": words}]
    asked = [
        ("messages", {"messages": messages}),
        ("prompt", {"prompt": words}),
        ("prompt", {"tokens": [1] * 9000}),
    ]
    for param, fields in asked:
        error = tiny.run(**fields).error
        assert error is not None
        assert (error["code"], error["param"]) == ("CONTEXT_LENGTH_EXCEEDED", param)
