"""How much memory this process takes, as the operating system counts it against the machine."""

from __future__ import annotations

import ctypes
import os
import sys

_PHYS_FOOTPRINT_OFFSET = 72
"""In struct rusage_info_v0 of <sys/resource.h>: a 16-byte uuid and seven 8-byte fields come before it."""


def footprint_bytes() -> int:
    """phys_footprint on macOS (what Activity Monitor shows, with the GPU's share), resident set on Linux."""
    if sys.platform == "darwin":
        return _phys_footprint()
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _phys_footprint() -> int:
    info = ctypes.create_string_buffer(512)
    if ctypes.CDLL("libproc.dylib").proc_pid_rusage(os.getpid(), 0, info) != 0:
        return 0
    return int.from_bytes(info.raw[_PHYS_FOOTPRINT_OFFSET : _PHYS_FOOTPRINT_OFFSET + 8], sys.byteorder)
