"""Random Qwens that see, which count positions in two dimensions: made by mlx-vlm's own code. Their answers
mean nothing, and those of mlx-vlm itself must be the same."""

from __future__ import annotations

import base64
import importlib
import io
import json
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from runtime import TINY

MARKS = {
    "<file_sep>": "<|image_pad|>",
    "<filename>": "<|video_pad|>",
    "<gh_stars>": "<|vision_start|>",
    "<issue_start>": "<|vision_end|>",
}
TEMPLATE = """{%- for message in messages %}<|im_start|>{{ message['role'] }}
{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}
{%- if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>
{%- else %}{{ part['text'] }}{% endif %}
{%- endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
EYES: dict[str, dict[str, Any]] = {
    "qwen2_vl": {"depth": 2, "embed_dim": 64, "patch_size": 14, "mlp_ratio": 2, "image_size": 384},
    "qwen2_5_vl": {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "patch_size": 14,
        "image_size": 384,
        "window_size": 112,
        "fullatt_block_indexes": [1],
        "tokens_per_second": 2,
    },
    "qwen3_vl": {
        "depth": 3,
        "hidden_size": 64,
        "intermediate_size": 128,
        "patch_size": 16,
        "num_position_embeddings": 64,
        "deepstack_visual_indexes": [0, 1],
    },
}


def make(kind: str, folder: Path) -> Path:
    text = json.loads((TINY / "config.json").read_text())
    ids = _write_tokenizer(folder)
    width, head = text["hidden_size"], text["hidden_size"] // text["num_attention_heads"]
    third = head // 6
    scaling = {
        "type": "mrope",
        "rope_type": "default",
        "mrope_section": [head // 2 - 2 * third, third, third],
    }
    text |= {"rope_theta": 10000.0, "rope_scaling": scaling}
    eyes = {
        "model_type": kind,
        "in_channels": 3,
        "num_heads": 2,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }
    eyes |= (
        {**EYES[kind], "out_hidden_size": width}
        if kind != "qwen2_vl"
        else {**EYES[kind], "hidden_size": width}
    )
    names = {"image_token_id": "image_pad", "video_token_id": "video_pad", "vision_token_id": "image_pad"}
    names |= {"vision_start_token_id": "vision_start", "vision_end_token_id": "vision_end"}
    marks = {name: ids[f"<|{mark}|>"] for name, mark in names.items()}
    config = {**text, **marks, "model_type": kind, "vision_config": eyes}
    if kind == "qwen3_vl":
        own = {"model_type": "qwen3_vl_text", "head_dim": head}
        config["text_config"] = {**text, **own, "rope_scaling": {**scaling, "mrope_interleaved": True}}
    _write(folder, "config.json", config)
    _write_processor(folder, kind, eyes["patch_size"])
    mx.save_safetensors(str(folder / "model.safetensors"), _weights(config), {"format": "mlx"})
    return folder


def answers_of_mlx_vlm(folder: Path, messages: list[dict[str, Any]], tokens: int) -> list[list[int]]:
    """Greedy, of each prompt alone, with caches and positions of mlx-vlm's own."""
    utils = importlib.import_module("mlx_vlm.utils")
    whole = utils.load_model(folder)
    processor = utils.load_processor(folder, add_detokenizer=False, trust_remote_code=False)
    processor.tokenizer.chat_template = (folder / "chat_template.jinja").read_text()
    return [_answer(whole, processor, message, tokens) for message in messages]


def _answer(whole: Any, processor: Any, message: dict[str, Any], tokens: int) -> list[int]:
    pil = importlib.import_module("PIL.Image")
    data = [io.BytesIO(base64.b64decode(uri.partition(",")[2])) for uri in message["images"]]
    parts = [*({"type": "image"} for _ in data), {"type": "text", "text": message["content"]}]
    text = processor.tokenizer.apply_chat_template(
        [{"role": "user", "content": parts}], add_generation_prompt=True, tokenize=False
    )
    read = dict(processor(text=[text], images=[pil.open(one).convert("RGB") for one in data] or None))
    inputs = {name: mx.array(value) for name, value in read.items() if value is not None}
    ids, mask = inputs.pop("input_ids"), inputs.pop("attention_mask", None)
    made = whole.get_input_embeddings(ids, inputs.pop("pixel_values", None), mask=mask, **inputs)
    features = {name: value for name, value in made.to_dict().items() if value is not None}
    shift = {name: features[name] for name in ("rope_deltas",) if name in features}
    language = whole.language_model
    language._rope_deltas = language._position_ids = None
    cache = importlib.import_module("mlx_vlm.models.cache").make_prompt_cache(language)
    logits = language(ids, cache=cache, **features).logits
    answer: list[int] = []
    while len(answer) < tokens:
        answer.append(int(logits[0, -1].argmax().item()))
        logits = language(mx.array([answer[-1:]]), cache=cache, **shift).logits
    return answer


def _weights(config: dict[str, Any]) -> dict[str, mx.array]:
    utils = importlib.import_module("mlx_vlm.utils")
    kind, _ = utils.get_model_and_args(config)
    full = {"text_config": {}, **json.loads(json.dumps(config))}
    shaped = utils.update_module_configs(kind.ModelConfig.from_dict(full), kind, full, ["text", "vision"])
    mx.random.seed(3)
    return {
        name: value if value.ndim == 1 and "norm" in name else _drawn(value.shape)
        for name, value in tree_flatten(kind.Model(shaped).parameters())
    }


def _drawn(shape: tuple[int, ...]) -> mx.array:
    return mx.random.normal(shape, scale=shape[-1] ** -0.5 if len(shape) > 1 else 0.02)


def _write_tokenizer(folder: Path) -> dict[str, int]:
    tokenizer, settings = ((TINY / name).read_text() for name in ("tokenizer.json", "tokenizer_config.json"))
    for old, new in MARKS.items():
        tokenizer, settings = (one.replace(json.dumps(old), json.dumps(new)) for one in (tokenizer, settings))
    (folder / "tokenizer.json").write_text(tokenizer)
    _write(folder, "tokenizer_config.json", {**json.loads(settings), "chat_template": None})
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return {token["content"]: token["id"] for token in json.loads(tokenizer)["added_tokens"]}


def _write_processor(folder: Path, kind: str, patch_pixels: int) -> None:
    names = {
        "qwen2_vl": "Qwen2VLProcessor",
        "qwen2_5_vl": "Qwen2_5_VLProcessor",
        "qwen3_vl": "Qwen3VLProcessor",
    }
    _write(folder, "processor_config.json", {"processor_class": names[kind]})
    size = {"min_pixels": 3136, "max_pixels": 50176}
    if kind == "qwen3_vl":
        size = {"size": {"shortest_edge": 4096, "longest_edge": 50176}}
    patches = {"patch_size": patch_pixels, "temporal_patch_size": 2, "merge_size": 2}
    grey = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    known = {"image_processor_type": "Qwen2VLImageProcessor", "processor_class": names[kind]}
    _write(folder, "preprocessor_config.json", {**known, **patches, **size, **grey})


def _write(folder: Path, name: str, content: object) -> None:
    (folder / name).write_text(json.dumps(content))
