"""Milliseconds to compile each schema of schemas.json, by its name: as JSON on standard output."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from mlx_mesh_runtime import facade
from mlx_mesh_runtime.formats import Format, row_of
from mlx_mesh_runtime.grammar import Grammars
from mlx_mesh_runtime.vocabulary import read_vocabulary


def main(folder: Path, rounds: int) -> None:
    facade.prepare_mlx()
    _, tokenizer, config = facade.load(folder)
    vocabulary = read_vocabulary(folder, tokenizer, config["vocab_size"])
    schemas = json.loads(Path(__file__).with_name("schemas.json").read_text("utf-8"))
    found: dict[str, dict[str, list[float]]] = {name: {"firstMs": [], "againMs": []} for name in schemas}
    for _ in range(rounds):
        # Each round knows nothing of the one before; what is built once for a model is not counted.
        grammars = Grammars(vocabulary, tokenizer, config["vocab_size"])
        grammars.row("start: /./", None)
        for name, schema in schemas.items():
            form = Format("json_schema", schema, "schema")
            for which in ("firstMs", "againMs"):
                started = time.perf_counter()
                row_of(form, grammars)
                found[name][which].append((time.perf_counter() - started) * 1e3)
    print(json.dumps(found))


main(Path(sys.argv[1]), int(sys.argv[2]))
