from __future__ import annotations

import json
import subprocess
import sys

from runtime import ROOT, TINY, Runtime


def test_a_real_model_answers_a_chat_message(starter: Runtime) -> None:
    answer = starter.run(
        messages=[{"role": "user", "content": "What is the capital of France?"}], maxTokens=20
    )
    assert "Paris" in answer.text
    assert answer.finish == "stop"
    assert "<|im_end|>" not in answer.text
    assert answer.completion_tokens == len(answer.tokens)


def test_a_developer_message_is_a_system_message_to_the_model(starter: Runtime) -> None:
    prompts = [
        starter.run(messages=[{"role": role, "content": "Be brief."}], maxTokens=0, echo=True).echo
        for role in ("developer", "system")
    ]
    assert prompts[0] is not None
    assert prompts[1] is not None
    assert prompts[0]["text"] == prompts[1]["text"]


def test_each_step_brings_a_token(tiny: Runtime) -> None:
    answer = tiny.run(prompt="Once upon a time", maxTokens=12)
    assert answer.started == {
        "ev": "started",
        "id": answer.started["id"],
        "promptTokens": 4,
        "cachedTokens": 0,
    }
    assert len(answer.tokens) == 12
    assert answer.steps == list(range(answer.steps[0], answer.steps[0] + 12))
    assert (answer.finish, answer.completion_tokens, answer.stop) == ("length", 12, None)


def test_without_a_limit_a_completion_ends_with_the_context(tiny: Runtime) -> None:
    answer = tiny.run(tokens=[5] * 8185)
    assert answer.finish == "length"
    assert answer.completion_tokens == 8192 - 8185


def test_an_empty_prompt_begins_with_the_models_first_token(tiny: Runtime) -> None:
    answer = tiny.run(prompt="", maxTokens=2)
    assert answer.started is not None
    assert answer.started["promptTokens"] == 1
    assert len(answer.tokens) == 2


def test_zero_tokens_generate_nothing(tiny: Runtime) -> None:
    answer = tiny.run(prompt="Hello", maxTokens=0)
    assert (answer.text, answer.tokens, answer.finish, answer.completion_tokens) == ("", [], "length", 0)


def test_the_runtime_works_by_hand_with_a_pipe() -> None:
    command = {"op": "generate", "id": 1, "prompt": "Hello", "maxTokens": 3, "temperature": 0}
    done = subprocess.run(
        [sys.executable, "-m", "mlx_mesh_runtime", "--model", str(TINY), "--drain"],
        cwd=ROOT / "python",
        input=json.dumps(command).encode() + b"\n",
        capture_output=True,
        timeout=60,
        check=True,
    )
    frames = [json.loads(line) for line in done.stdout.splitlines()]
    phases = [frame.get("phase") for frame in frames if frame["ev"] == "loading"]
    assert phases == ["imports", "weights", "warmup"]
    ((*end, timings),) = frames[-1]["d"]
    assert end == [1, "length", 3, None]
    assert len(timings) == 3
    assert min(timings) >= 0
    assert timings[1] > 0


def test_special_tokens_are_counted_but_not_shown(tiny: Runtime) -> None:
    reponame = 4  # <reponame>: special, but no end of a text
    answer = tiny.run(prompt="Hello", maxTokens=2, logitBias={str(reponame): 100}, logprobs=0)
    assert (answer.tokens, answer.text) == ([reponame] * 2, "")
    assert [entry[:2] for entry in answer.entries] == [["<reponame>", []]] * 2
