"""The model called directly: reads lists of batches of texts, one a line, and says how long each took."""

import json
import sys
import time
from pathlib import Path

from mlx_mesh_runtime import facade

facade.prepare_mlx()

from mlx_mesh_runtime.embedding.model import load_embedding_model  # noqa: E402

model = load_embedding_model(Path(sys.argv[1]))
model.vectors_of(model.tokens_of(["warm", "up with padding"]))
print("ready", flush=True)
for line in sys.stdin:
    batches = json.loads(line)
    began = time.perf_counter()
    for batch in batches:
        model.vectors_of(model.tokens_of(batch))
    print(time.perf_counter() - began, flush=True)
