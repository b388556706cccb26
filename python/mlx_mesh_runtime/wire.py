"""Frames on standard output, one JSON object a line. Knows nothing of what the frames mean."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import BinaryIO

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Frames:
    """Whole lines to one stream, from any thread."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def send(self, frame: Mapping[str, object]) -> None:
        """Raises ValueError for a number that JSON cannot say; then nothing is written."""
        # A template or a tokenizer may make half of a surrogate pair, which UTF-8 cannot say.
        line = _encode(frame).encode("utf-8", "replace") + b"\n"
        try:
            with self._lock:
                self._out.write(line)
                self._out.flush()
        except OSError:
            # Nobody reads any more: the owner has died, and so must the process.
            os._exit(1)


def claim_stdout() -> BinaryIO:
    """Takes file descriptor 1 for the frames; what a library prints goes to standard error from now on."""
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return frames
