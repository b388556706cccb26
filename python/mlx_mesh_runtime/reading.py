"""The reading thread: parses commands, answers pings also while a step runs, and sees the owner die."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from queue import SimpleQueue
from typing import Any, cast

from .footprint import footprint_bytes
from .inbox import Arrival, Cancel, Drain, Inbox, Status, Stop
from .log import log
from .wire import Frames

Arrivals = SimpleQueue[Arrival | Drain]


def read_commands(
    lines: Iterable[bytes], arrivals: Arrivals, inbox: Inbox, frames: Frames, status: Status, drain: bool
) -> None:
    """Returns at the end of the input when draining; otherwise that end is the end of the process."""
    for line in lines:
        command = _parse(line)
        if command is None:
            log("error", "unreadable command", bytes=len(line))
            _refuse(frames, "the line is no JSON object", None)
            continue
        match command.get("op"):
            case "generate" | "embed":
                _take(command, arrivals, frames, status)
            case "cancel":
                _cancel(command.get("id"), inbox, status)
            case "ping":
                _answer_ping(command.get("n"), frames, status)
            case "limit":
                _limit(command.get("memoryBytes"), frames, status)
            case "shutdown":
                inbox.put(Stop())
            case _:
                _refuse(frames, "op must be generate, embed, cancel, ping, limit or shutdown", "op")
    if not drain:
        # The owner has died. A step may hang, so nothing is asked of the other threads.
        os._exit(0)
    arrivals.put(Drain())


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        command = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", command) if isinstance(command, dict) else None


def _take(command: dict[str, Any], arrivals: Arrivals, frames: Frames, status: Status) -> None:
    id = command.get("id")
    if type(id) is not int or id in status.live:
        # An error frame with this id would end another request.
        _refuse(frames, "id must be an integer that no live request has", "id")
        return
    arrival = Arrival(command, id)
    status.live.add(id)
    status.preparing.add(arrival)
    arrivals.put(arrival)


def _cancel(id: Any, inbox: Inbox, status: Status) -> None:
    if type(id) is not int:
        return
    for arrival in list(status.preparing):
        if arrival.id == id:
            arrival.cancelled = True
    inbox.put(Cancel(id))


def _answer_ping(n: Any, frames: Frames, status: Status) -> None:
    if type(n) is not int:
        _refuse(frames, "n must be an integer", "n")
        return
    frames.send(
        {
            "ev": "pong",
            "n": n,
            "step": status.step,
            "active": status.active,
            "queued": status.queued + len(status.preparing),
            "memoryBytes": footprint_bytes(),
            "cacheBytes": status.cache_bytes,
        }
    )


def _limit(memory_bytes: Any, frames: Frames, status: Status) -> None:
    if type(memory_bytes) is not int or memory_bytes < 1:
        _refuse(frames, "memoryBytes must be a positive integer", "memoryBytes")
        return
    status.memory_limit_bytes = memory_bytes


def _refuse(frames: Frames, message: str, param: str | None) -> None:
    frames.send({"ev": "error", "id": None, "code": "INVALID_REQUEST", "message": message, "param": param})
