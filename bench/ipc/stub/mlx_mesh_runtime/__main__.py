"""A runtime without a model: the real reading thread and the real frames around steps that only wait.

Each prompt is a script: {"streams": how many requests make the batch, "steps", "stepMicroseconds", "says": whether the
steps are sent}. The last token's text is the CPU time of this process over the steps, in nanoseconds; the text of each
other one is when it was made, in microseconds of the monotonic clock.
"""

from __future__ import annotations

import json
import os
import time
from queue import SimpleQueue
from threading import Thread

from .inbox import Inbox, Status
from .reading import Arrivals, read_commands
from .wire import Frames, claim_stdout


def main() -> None:
    frames = Frames(claim_stdout())
    inbox: Inbox = SimpleQueue()
    arrivals: Arrivals = SimpleQueue()
    status = Status()
    commands = os.fdopen(0, "rb", closefd=False)
    Thread(
        target=read_commands, args=(commands, arrivals, inbox, frames, status, False), daemon=True
    ).start()
    Thread(target=serve, args=(arrivals, frames, status), daemon=True).start()
    frames.send(
        {
            "ev": "ready",
            "contextTokens": 1 << 20,
            "vocabTokens": 1,
            "weightBytes": 0,
            "loadMs": 0,
            "mlx": "none",
            "mlxLm": "none",
            "device": "cpu",
        }
    )
    inbox.get()  # the order to shut down
    os._exit(0)


def serve(arrivals: Arrivals, frames: Frames, status: Status) -> None:
    batch: list[int] = []
    while True:
        arrival = arrivals.get()
        script = json.loads(arrival.command["prompt"])
        frames.send({"ev": "started", "id": arrival.id, "promptTokens": 1, "cachedTokens": 0})
        batch.append(arrival.id)
        if len(batch) == script["streams"]:
            run_steps(batch, script, frames, status)
            status.live.difference_update(batch)
            batch = []


def run_steps(batch: list[int], script: dict[str, int], frames: Frames, status: Status) -> None:
    seconds = script["stepMicroseconds"] / 1e6
    cpu = time.process_time_ns()
    due = time.monotonic()
    for _ in range(script["steps"]):
        due += seconds
        wait = due - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        status.step += 1
        if script["says"]:
            text = str(time.monotonic_ns() // 1000)
            frames.send({"ev": "step", "n": status.step, "t": [[id, text, [status.step]] for id in batch], "d": []})
    spent = str(time.process_time_ns() - cpu)
    frames.send(
        {
            "ev": "step",
            "n": status.step,
            "t": [[id, spent, [0]] for id in batch],
            "d": [[id, "length", script["steps"] + 1, None] for id in batch],
        }
    )


main()
