#!/bin/sh
# Renews the lock files python/requirements*.txt from the .in files. For developers: needs `uv`.
set -eu
cd "$(dirname "$0")/../python"
for name in requirements requirements-dev requirements-clients; do
  uv pip compile --quiet --universal --generate-hashes --python-version 3.10 --upgrade \
    --custom-compile-command scripts/lock-python.sh "$name.in" --output-file "$name.txt"
done
# The program that `npm run bench -- side-by-side` compares with asks for a newer Python.
uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
  --custom-compile-command scripts/lock-python.sh requirements-herd.in --output-file requirements-herd.txt
# The layer for images, without what it needs for other things.
uv pip compile --quiet --no-deps --universal --generate-hashes --python-version 3.11 \
  --custom-compile-command scripts/lock-python.sh requirements-vision.in --output-file requirements-vision.txt
