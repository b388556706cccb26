from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from models import changed_copy, with_settings
from runtime import DEADLINE_SECONDS, TINY, Runtime

FAILING = Path(__file__).parent / "fixtures/failing"


@pytest.fixture
def order(tmp_path: Path) -> Path:
    return tmp_path / "order"


def give(order: Path, what: str) -> None:
    """Returns when a step has taken the order."""
    whole = order.with_suffix(".whole")
    whole.write_text(what)
    whole.rename(order)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while order.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def frail(order: Path) -> Iterator[Runtime]:
    """A runtime whose steps fail when the order is written."""
    with Runtime(TINY, env={"PYTHONPATH": str(FAILING), "FAILING_STEP": str(order)}) as runtime:
        yield runtime


def test_a_step_that_throws_fails_its_batch_and_the_next_request_is_served(
    frail: Runtime, order: Path
) -> None:
    asked = [frail.ask(prompt=f"Number {n}", maxTokens=5000) for n in range(3)]
    for id in asked:
        frail.wait_for_token(id)
    give(order, "throw")
    for id in asked:
        error = frail.answer(id).error
        assert error is not None
        assert error["code"] == "ENGINE_FAILED"
    assert frail.ping()["active"] == 0
    assert len(frail.run(prompt="Next", maxTokens=5).tokens) == 5
    assert frail.ping()["active"] == 0
    assert any("step failed" in line for line in frail.log)


def test_what_waits_survives_a_step_that_throws(order: Path) -> None:
    env = {"PYTHONPATH": str(FAILING), "FAILING_STEP": str(order)}
    with Runtime(TINY, "--max-batch", "1", env=env) as runtime:
        runs, waits = runtime.ask(prompt="Runs", maxTokens=5000), runtime.ask(prompt="Waits", maxTokens=5)
        runtime.wait_for_token(runs)
        give(order, "throw")
        assert runtime.answer(runs).error is not None
        assert len(runtime.answer(waits).tokens) == 5


def test_a_step_that_cannot_be_told_fails_its_batch_and_whom_it_ended(frail: Runtime, order: Path) -> None:
    stays = frail.ask(prompt="Stays", maxTokens=5000)
    frail.wait_for_token(stays)
    give(order, "nonsense")
    for id in (frail.ask(prompt="Ends", maxTokens=3), stays):
        error = frail.answer(id).error
        assert error is not None
        assert error["code"] == "ENGINE_FAILED"
    assert frail.ping()["active"] == 0
    assert len(frail.run(prompt="Next", maxTokens=5).tokens) == 5


@pytest.mark.parametrize("how", ["cancel", "stop string"])
def test_a_sequence_whose_cache_cannot_be_kept_ends_all_the_same(
    frail: Runtime, order: Path, how: str
) -> None:
    text = frail.run(prompt="Ends before its time", maxTokens=40).text
    stops = [text[-4:]] if how == "stop string" else []
    ends = frail.ask(prompt="Ends before its time", maxTokens=5000, stop=stops)
    give(order, "keep nothing")
    if how == "cancel":
        frail.send(op="cancel", id=ends)
    assert frail.answer(ends).finish == ("cancelled" if how == "cancel" else "stop")
    assert frail.ping()["active"] == 0


def test_a_request_that_cannot_start_fails_alone(tmp_path: Path) -> None:
    folder = with_settings(tmp_path, "generation_config.json", temperature="warm")
    with Runtime(folder) as runtime:
        runs = runtime.ask(prompt="Runs", maxTokens=100)
        runtime.wait_for_token(runs)
        error = runtime.run(prompt="Cannot start", temperature=None).error
        assert error is not None
        assert error["code"] == "ENGINE_FAILED"
        assert len(runtime.answer(runs).tokens) == 100


def test_a_prompt_that_cannot_be_prepared_fails_alone_and_is_not_logged(tmp_path: Path) -> None:
    folder = changed_copy(tmp_path, "chat_template.jinja", "{{ '\\ud800' }}{{ messages[0].content }}")
    with Runtime(folder) as runtime:
        error = runtime.run(messages=[{"role": "user", "content": "A secret"}], requestId="req-9").error
        assert error is not None
        assert error["code"] == "ENGINE_FAILED"
        assert runtime.ping()["queued"] == 0
        assert runtime.run(prompt="Next", maxTokens=1).finish == "length"
    assert any("preparing failed" in line and "req-9" in line for line in runtime.log)
    assert not any("secret" in line for line in runtime.log)


def test_a_prompt_that_memory_cannot_hold_fails_alone() -> None:
    with Runtime(TINY, "--memory-limit-bytes", "1") as runtime:
        error = runtime.run(prompt="Too much").error
        assert error is not None
        assert error["code"] == "INSUFFICIENT_MEMORY"
        assert "memory" in error["message"]
        assert runtime.run(prompt="Nothing to compute", maxTokens=0).finish == "length"


def test_a_hanging_step_answers_pings_with_a_counter_that_stands_still(frail: Runtime, order: Path) -> None:
    id = frail.ask(prompt="Hang", maxTokens=5000)
    frail.wait_for_token(id)
    give(order, "hang")
    standing_at = frail.ping()["step"]
    assert [frail.ping()["step"] for _ in range(100)] == [standing_at] * 100
    assert frail.ping()["active"] == 1


def test_the_end_of_input_ends_the_process_also_while_a_step_hangs(frail: Runtime, order: Path) -> None:
    id = frail.ask(prompt="Hang", maxTokens=5000)
    frail.wait_for_token(id)
    give(order, "hang")
    frail.process.stdin.close()
    assert frail.exit_code() == 0


def test_the_end_of_input_ends_the_process_while_it_loads() -> None:
    runtime = Runtime(TINY)
    runtime.wait_for("loading")
    runtime.process.stdin.close()
    assert runtime.exit_code() == 0


@pytest.mark.parametrize("how", ["shutdown", "SIGTERM", "SIGINT"])
def test_an_orderly_end_tells_every_request(how: str) -> None:
    with Runtime(TINY, "--max-batch", "1") as runtime:
        asked = [runtime.ask(prompt=f"Number {n}", maxTokens=5000) for n in range(3)]
        runtime.wait_for_token(asked[0])
        if how == "shutdown":
            runtime.send(op="shutdown")
        else:
            runtime.process.send_signal(getattr(signal, how))
        errors = [runtime.answer(id).error for id in asked]
        assert [error["code"] for error in errors if error] == ["SHUTTING_DOWN"] * 3
        assert runtime.exit_code() == 0


def test_an_idle_runtime_ends_on_sigterm() -> None:
    with Runtime(TINY) as runtime:
        runtime.process.send_signal(signal.SIGTERM)
        assert runtime.exit_code() == 0


def test_a_reader_that_has_gone_ends_the_process() -> None:
    with Runtime(TINY) as runtime:
        runtime.ask(prompt="Nobody listens", maxTokens=5000)
        runtime.stop_reading()
        assert runtime.exit_code() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_file": "evil.py"}, "evil.py"),
        ({"model_type": "no_such_architecture"}, "no_such_architecture"),
        ({"hidden_size": 64}, "shape"),
    ],
)
def test_a_folder_that_cannot_be_loaded_is_fatal(
    tmp_path: Path, changes: dict[str, object], said: str
) -> None:
    folder = with_settings(tmp_path, "config.json", **changes)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')")
    runtime = Runtime(folder)
    fatal = runtime.wait_for("fatal")
    assert fatal["code"] == "LOAD_FAILED"
    assert said in fatal["message"]
    assert runtime.exit_code() == 1
    assert not (tmp_path / "executed").exists()


def test_a_tokenizer_of_code_is_not_executed(tmp_path: Path) -> None:
    evil = {"tokenizer_class": "Evil", "auto_map": {"AutoTokenizer": ["evil.Evil", None]}}
    folder = with_settings(tmp_path, "tokenizer_config.json", **evil)
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\nclass Evil: pass")
    runtime = Runtime(folder)
    while runtime.next_frame()["ev"] not in ("fatal", "ready"):
        pass
    assert not (tmp_path / "executed").exists()
    runtime.process.kill()


def test_a_missing_folder_is_fatal_and_nobody_looks_for_it_on_a_hub(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path / "nothing")
    assert "config.json" in runtime.wait_for("fatal")["message"]
    assert runtime.exit_code() == 1


def test_the_log_names_requests_and_holds_no_text() -> None:
    with Runtime(TINY) as runtime:
        answer = runtime.run(prompt="A secret prompt", requestId="req-7", maxTokens=8)
        runtime.run(prompt="A secret prompt", requestId="req-8", temperature=9)
        runtime.send(op="shutdown")
        runtime.exit_code()
    lines = [json.loads(line) for line in runtime.log]
    assert {line["event"] for line in lines if line.get("requestId") == "req-7"} == {"request", "ended"}
    assert not any("secret" in line or answer.text in line for line in runtime.log)
