"""Makes a LLaVA with random weights, which sees images of 28 pixels in four patches: for tests that
need no sense.

    python make_tiny_vision_model.py TINY_MODEL_DIR OUT_DIR

The language model, its tokenizer and its chat template are those of the tiny model; a special token that the
tokenizer has and nobody says stands for an image.
"""

import json
import shutil
import sys
from pathlib import Path

import mlx.core as mx

SEED = 21
HIDDEN = 64
INTERMEDIATE = 128
LAYERS = 2
PATCH_PIXELS = 14
IMAGE_PIXELS = 28
IMAGE_TOKEN = "<file_sep>"
TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "generation_config.json"]
CHAT_TEMPLATE = """{%- for message in messages %}
{{- '<|im_start|>' + message['role'] + '\\n' }}
{%- if message['content'] is string %}{{ message['content'] }}
{%- else %}
{%- for part in message['content'] %}
{%- if part['type'] == 'image' %}<file_sep>{% else %}{{ part['text'] }}{% endif %}
{%- endfor %}
{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""


def make(tiny: Path, out: Path) -> None:
    for name in TOKENIZER_FILES:
        shutil.copyfile(tiny / name, out / name)
    (out / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")
    text = json.loads((tiny / "config.json").read_text(encoding="utf-8"))
    tokens = json.loads((tiny / "tokenizer.json").read_text(encoding="utf-8"))["added_tokens"]
    image_token = next(token["id"] for token in tokens if token["content"] == IMAGE_TOKEN)
    config = {
        "architectures": ["LlavaForConditionalGeneration"],
        "model_type": "llava",
        "image_token_index": image_token,
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "default",
        "eos_token_id": text["eos_token_id"],
        "text_config": text,
        "vision_config": {
            "model_type": "clip_vision_model",
            "hidden_size": HIDDEN,
            "intermediate_size": INTERMEDIATE,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": 2,
            "image_size": IMAGE_PIXELS,
            "patch_size": PATCH_PIXELS,
        },
    }
    size = {"height": IMAGE_PIXELS, "width": IMAGE_PIXELS}
    preprocessor = {
        "image_processor_type": "CLIPImageProcessor",
        "size": size,
        "crop_size": size,
        "do_center_crop": True,
        "do_resize": True,
        "do_convert_rgb": True,
    }
    processor = {
        "processor_class": "LlavaProcessor",
        "patch_size": PATCH_PIXELS,
        "vision_feature_select_strategy": "default",
        "image_token": IMAGE_TOKEN,
        "num_additional_image_tokens": 1,
    }
    for name, content in (
        ("config.json", config),
        ("preprocessor_config.json", preprocessor),
        ("processor_config.json", processor),
    ):
        (out / name).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    # MLX declares no return type.
    language = mx.load(str(tiny / "model.safetensors"))  # pyright: ignore[reportUnknownMemberType]
    assert isinstance(language, dict)
    weights = {f"language_model.{name}": value for name, value in language.items()}
    weights |= vision_weights(text["hidden_size"])
    mx.save_safetensors(str(out / "model.safetensors"), weights, {"format": "mlx"})  # pyright: ignore[reportUnknownMemberType]


def vision_weights(text_hidden: int) -> dict[str, mx.array]:
    mx.random.seed(SEED)
    tower = "vision_tower.vision_model"
    patches = (IMAGE_PIXELS // PATCH_PIXELS) ** 2
    weights = {
        f"{tower}.embeddings.class_embedding": mx.random.normal((HIDDEN,)),
        f"{tower}.embeddings.patch_embedding.weight": mx.random.normal(
            (HIDDEN, PATCH_PIXELS, PATCH_PIXELS, 3), scale=1 / PATCH_PIXELS
        ),
        f"{tower}.embeddings.position_embedding.weight": mx.random.normal((patches + 1, HIDDEN)),
        **linear("multi_modal_projector.linear_1", text_hidden, HIDDEN),
        **linear("multi_modal_projector.linear_2", text_hidden, text_hidden),
    }
    for name in ("pre_layrnorm", "post_layernorm"):
        weights |= norm(f"{tower}.{name}")
    for layer in range(LAYERS):
        prefix = f"{tower}.encoder.layers.{layer}"
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            weights |= linear(f"{prefix}.self_attn.{name}", HIDDEN, HIDDEN)
        weights |= linear(f"{prefix}.mlp.fc1", INTERMEDIATE, HIDDEN)
        weights |= linear(f"{prefix}.mlp.fc2", HIDDEN, INTERMEDIATE)
        weights |= norm(f"{prefix}.layer_norm1") | norm(f"{prefix}.layer_norm2")
    return weights


def linear(name: str, outputs: int, inputs: int) -> dict[str, mx.array]:
    weight = mx.random.normal((outputs, inputs), scale=inputs**-0.5)
    return {f"{name}.weight": weight, f"{name}.bias": mx.zeros((outputs,))}


def norm(name: str) -> dict[str, mx.array]:
    return {f"{name}.weight": mx.ones((HIDDEN,)), f"{name}.bias": mx.zeros((HIDDEN,))}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python make_tiny_vision_model.py TINY_MODEL_DIR OUT_DIR")
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    make(Path(sys.argv[1]), target)
