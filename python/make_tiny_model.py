"""Makes a two-layer llama with random weights, for tests and benchmarks that need no sense in the text.

    python make_tiny_model.py TOKENIZER_DIR OUT_DIR

The same seed gives the same bytes. The tokenizer and the chat template are copied from a real model.
"""

import json
import shutil
import sys
from pathlib import Path

import mlx.core as mx

SEED = 20
LAYERS = 2
HIDDEN = 128
INTERMEDIATE = 256
HEADS = 4
KV_HEADS = 2
CONTEXT = 8192
TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"]


def make(tokenizer_dir: Path, out: Path) -> None:
    for name in TOKENIZER_FILES:
        shutil.copyfile(tokenizer_dir / name, out / name)
    source = json.loads((tokenizer_dir / "config.json").read_text(encoding="utf-8"))
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "intermediate_size": INTERMEDIATE,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "max_position_embeddings": CONTEXT,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        # Tied to the embedding, random weights would only repeat the last token.
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        **{key: source[key] for key in ("vocab_size", "bos_token_id", "eos_token_id", "pad_token_id")},
    }
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    weights = random_weights(source["vocab_size"])
    # MLX declares no return type.
    mx.save_safetensors(str(out / "model.safetensors"), weights, {"format": "mlx"})  # pyright: ignore[reportUnknownMemberType]


def random_weights(vocabulary: int) -> dict[str, mx.array]:
    mx.random.seed(SEED)
    kv_width = HIDDEN // HEADS * KV_HEADS
    weights = {
        "model.embed_tokens.weight": mx.random.normal((vocabulary, HIDDEN)),
        "model.norm.weight": mx.ones((HIDDEN,)),
        "lm_head.weight": matrix(vocabulary, HIDDEN),
    }
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}"
        weights |= {
            f"{prefix}.self_attn.q_proj.weight": matrix(HIDDEN, HIDDEN),
            f"{prefix}.self_attn.k_proj.weight": matrix(kv_width, HIDDEN),
            f"{prefix}.self_attn.v_proj.weight": matrix(kv_width, HIDDEN),
            f"{prefix}.self_attn.o_proj.weight": matrix(HIDDEN, HIDDEN),
            f"{prefix}.mlp.gate_proj.weight": matrix(INTERMEDIATE, HIDDEN),
            f"{prefix}.mlp.up_proj.weight": matrix(INTERMEDIATE, HIDDEN),
            f"{prefix}.mlp.down_proj.weight": matrix(HIDDEN, INTERMEDIATE),
            f"{prefix}.input_layernorm.weight": mx.ones((HIDDEN,)),
            f"{prefix}.post_attention_layernorm.weight": mx.ones((HIDDEN,)),
        }
    return weights


def matrix(outputs: int, inputs: int) -> mx.array:
    return mx.random.normal((outputs, inputs), scale=inputs**-0.5)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python make_tiny_model.py TOKENIZER_DIR OUT_DIR")
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    make(Path(sys.argv[1]), target)
