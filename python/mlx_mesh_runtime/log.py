"""Structured log: one JSON object a line on standard error, never a prompt or generated text."""

from __future__ import annotations

import json
import os
import sys
import threading
import time

PROMPTS_MAY_BE_LOGGED = os.environ.get("MLX_MESH_LOG_PROMPTS") == "1"

_lock = threading.Lock()


def log(level: str, event: str, **fields: object) -> None:
    line = json.dumps({"time": round(time.time(), 3), "level": level, "event": event, **fields})
    with _lock:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
