"""Start-up sequence of the runtime: `python -m mlx_mesh_runtime --model PATH` (see ../README.md)."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from .inbox import Status, Stop
from .log import log
from .reading import Arrivals, read_commands
from .wire import Frames, claim_stdout

_PREPARING_STACK_BYTES = 64 * 1024 * 1024


def main() -> int:
    options = _options()
    started = time.monotonic()
    frames = Frames(claim_stdout())
    inbox: SimpleQueue[Any] = SimpleQueue()
    arrivals: Arrivals = SimpleQueue()
    status = Status(memory_limit_bytes=options.memory_limit_bytes)

    # 1. Read from the beginning: the owner may die, or ask, while a large model loads.
    commands = os.fdopen(0, "rb", closefd=False)
    _start(read_commands, commands, arrivals, inbox, frames, status, options.drain)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: inbox.put(Stop()))

    # 2. Load. Nothing may reach the network, and a model folder is data, not code.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    if options.vision_packages is not None:
        # Last: nothing in it takes the place of what is installed.
        sys.path.append(str(options.vision_packages))
    frames.send({"ev": "loading", "phase": "imports"})
    try:
        from . import facade

        device = facade.prepare_mlx()
        from .preparing import prepare_arrivals
        from .serving import load
        from .versions import versions

        served = load(options, inbox, frames, status, device)
    except Exception as error:  # whatever is wrong with the folder or the installation, the owner is told
        message = f"{type(error).__name__}: {error}"
        log("error", "load failed", error=message)
        frames.send({"ev": "fatal", "code": "LOAD_FAILED", "message": message})
        return 1

    # 3. Serve.
    load_ms = round((time.monotonic() - started) * 1000)
    frames.send({"ev": "ready", **served.figures, "loadMs": load_ms, **versions(), "device": device})
    # References in a schema are followed by recursion: as deep as schemas may be takes some 20 MB.
    threading.stack_size(_PREPARING_STACK_BYTES)
    _start(prepare_arrivals, arrivals, inbox, frames, status, served.prepare)
    threading.stack_size(0)
    served.run()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mlx_mesh_runtime", allow_abbrev=False)
    parser.add_argument("--model", type=Path, required=True, help="folder with config.json and safetensors")
    parser.add_argument("--vision-packages", type=Path, default=None, help="folder of the layer for images")
    parser.add_argument("--drain", action="store_true", help="answer all of standard input, then exit")
    parser.add_argument("--max-batch", type=int, default=32, help="sequences that run together; others wait")
    parser.add_argument("--prefix-cache-bytes", type=int, default=1 << 30, help="0 switches it off")
    parser.add_argument("--memory-limit-bytes", type=int, default=None, help="until `limit` says otherwise")
    return parser.parse_args()


def _start(work: Callable[..., None], *arguments: object) -> None:
    threading.Thread(target=work, args=arguments, daemon=True).start()


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # The threads wait in reads that nothing can interrupt, so Python's own way out would not end.
    os._exit(code)
