"""Writes the part of a lock file that a Mac with Apple silicon installs, as requirements without markers.

pip can download for another platform, but judges markers by the one it runs on.
Usage: wheels_for_mac.py LOCK PYTHON_VERSION
"""

import re
import sys
from pathlib import Path

from packaging.requirements import Requirement


def main() -> None:
    lock, version = sys.argv[1], sys.argv[2]
    environment = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "arm64",
        "platform_python_implementation": "CPython",
        "platform_system": "Darwin",
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
        "sys_platform": "darwin",
    }
    text = re.sub(r"^ *#.*\n", "", Path(lock).read_text(), flags=re.MULTILINE)
    for entry in text.replace("\\\n", " ").splitlines():
        name, *hashes = entry.split(" --hash=")
        requirement = Requirement(name.strip())
        if requirement.marker is not None and not requirement.marker.evaluate(environment):
            continue
        pinned = f"{requirement.name}{requirement.specifier}"
        print(" \\\n    ".join([pinned, *(f"--hash={digest.strip()}" for digest in hashes)]))


if __name__ == "__main__":
    main()
