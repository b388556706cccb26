from __future__ import annotations

from runtime import TINY, Runtime

SYSTEM = {"role": "system", "content": "You are a helpful assistant. " * 20}


def ask(runtime: Runtime, *turns: str, **fields: object):
    roles = ["user", "assistant"] * len(turns)
    messages = [SYSTEM, *({"role": role, "content": turn} for role, turn in zip(roles, turns, strict=False))]
    answer = runtime.run(messages=messages, maxTokens=8, **fields)
    assert answer.started is not None
    return answer


def test_the_next_turn_of_a_chat_is_computed_from_where_the_last_one_ended() -> None:
    with Runtime(TINY) as runtime:
        first = ask(runtime, "Hello")
        assert first.started["cachedTokens"] == 0
        second = ask(runtime, "Hello", first.text, "Go on")
        assert second.started["cachedTokens"] >= first.started["promptTokens"]
        assert runtime.ping()["cacheBytes"] > 0


def test_chats_share_their_system_message() -> None:
    with Runtime(TINY) as runtime:
        ask(runtime, "A first question")
        other = ask(runtime, "Something else entirely")
        assert other.started["cachedTokens"] > 100


def test_a_cached_beginning_changes_no_text() -> None:
    with Runtime(TINY) as runtime:
        fresh = ask(runtime, "Hello")
        again = ask(runtime, "Hello")
        assert again.started["cachedTokens"] == again.started["promptTokens"] - 1
        assert again.tokens == fresh.tokens
        seeded = [ask(runtime, "Hello", temperature=1, seed=3, presencePenalty=1).tokens for _ in range(2)]
        assert seeded[0] == seeded[1]


def test_the_cache_stays_within_its_budget() -> None:
    budget = 2_000_000
    with Runtime(TINY, "--prefix-cache-bytes", str(budget)) as runtime:
        used = []
        for n in range(12):
            runtime.run(prompt=f"{n} " * 400, maxTokens=2)
            used.append(runtime.ping()["cacheBytes"])
        assert max(used) <= budget
        assert used[-1] > budget / 2


def test_the_cache_can_be_switched_off() -> None:
    with Runtime(TINY, "--prefix-cache-bytes", "0") as runtime:
        ask(runtime, "Hello")
        assert ask(runtime, "Hello").started["cachedTokens"] == 0
        assert runtime.ping()["cacheBytes"] == 0


def test_a_cancelled_prompt_is_not_lost() -> None:
    with Runtime(TINY) as runtime:
        prompt = list(range(100, 4100))
        id = runtime.ask(tokens=prompt, maxTokens=5)
        done = runtime.wait_for("prefill", id)["doneTokens"]
        runtime.send(op="cancel", id=id)
        runtime.answer(id)
        again = runtime.run(tokens=prompt, maxTokens=5)
        assert again.started["cachedTokens"] >= done
