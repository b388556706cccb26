"""Answers of models that see are those of mlx-vlm itself: alone, in a batch, and gone on with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
import tiny_qwen
from images import data_uri, png
from runtime import ROOT, Runtime
from runtime import VISION_LAYER as LAYER

LLAVA = ROOT / "resources/runtime/test-models/tiny-vision"
WIDE = data_uri(png((220, 10, 10), 200, 60))
TALL = data_uri(png((10, 20, 240), 70, 100))
TOKENS = 10
MESSAGES: list[dict[str, Any]] = [
    {"images": [WIDE], "content": "Hm"},
    {"images": [WIDE, TALL], "content": "What is the difference? " * 20},
    {"images": [], "content": "Just text"},
    {"images": [TALL], "content": "A long story, " * 60},
]


@pytest.mark.skipif(not (LAYER / "mlx_vlm").is_dir(), reason="the layer for images needs Python 3.11")
@pytest.mark.parametrize("kind", ["llava", *tiny_qwen.EYES])
def test_answers_are_those_of_mlx_vlm(kind: str, tmp_path: Path) -> None:
    mx.disable_compile()
    folder = LLAVA if kind == "llava" else tiny_qwen.make(kind, tmp_path)
    wanted = tiny_qwen.answers_of_mlx_vlm(folder, MESSAGES, TOKENS)
    requests = [{"messages": [{"role": "user", **one}], "maxTokens": TOKENS} for one in MESSAGES]
    with Runtime(folder, "--vision-packages", str(LAYER)) as runtime:
        assert runtime.ready["images"] is True
        assert [runtime.run(**request).tokens for request in requests] == wanted
        together = [runtime.ask(**request) for request in requests]
        assert [runtime.answer(id).tokens for id in together] == wanted
        for request, tokens in zip(requests, wanted, strict=True):
            assert runtime.run(**request, resume=tokens[:4]).tokens == tokens[4:]
