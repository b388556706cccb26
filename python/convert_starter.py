"""Turns the GGUF file of SmolLM2 into a model folder that mlx-lm loads.

    python convert_starter.py GGUF_FILE OUT_DIR

MLX reads GGUF weights straight into its own quantized layout, so nothing is computed here: tensors get the
names that mlx-lm's llama expects, and the metadata becomes config.json and a tokenizer.
"""

import json
import re
import sys
from pathlib import Path
from typing import cast

import mlx.core as mx
from tokenizers import AddedToken, Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE

SPECIAL = 3  # the value of tokenizer.ggml.token_type that marks a control token
GROUP_SIZE = 32  # Q4_1 and Q8_0 both store one scale for 32 weights

LAYER_NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "ffn_norm": "post_attention_layernorm",
}
OUTER_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}

# What its authors use on the model's card: at OpenAI's default of 1 so small a model talks nonsense.
SAMPLING = {"do_sample": True, "temperature": 0.2, "top_p": 0.9}

Metadata = dict[str, mx.array | str | list[str]]


def convert(gguf: Path, out: Path) -> None:
    weights, metadata = cast(tuple[dict[str, mx.array], Metadata], mx.load(str(gguf), return_metadata=True))
    renamed = {rename(name): single(array) for name, array in weights.items()}
    # MLX declares no return type.
    mx.save_safetensors(str(out / "model.safetensors"), renamed, {"format": "mlx"})  # pyright: ignore[reportUnknownMemberType]
    write_json(out / "config.json", model_config(metadata))
    write_json(out / "generation_config.json", {**special_ids(metadata), **SAMPLING})
    write_tokenizer(metadata, out)


def rename(gguf_name: str) -> str:
    """`blk.3.attn_q.weight` → `model.layers.3.self_attn.q_proj.weight`; KeyError for an unknown name."""
    layer = re.fullmatch(r"blk\.(\d+)\.(\w+)\.(\w+)", gguf_name)
    if layer:
        return f"model.layers.{layer[1]}.{LAYER_NAMES[layer[2]]}.{layer[3]}"
    module, kind = gguf_name.rsplit(".", 1)
    return f"{OUTER_NAMES[module]}.{kind}"


def single(array: mx.array) -> mx.array:
    """Scales in float32, like the norms: in float16 a CPU is 40 times slower and the text becomes noise."""
    return array.astype(mx.float32) if array.dtype == mx.float16 else array


def model_config(metadata: Metadata) -> dict[str, object]:
    quantization = {
        "group_size": GROUP_SIZE,
        "bits": 4,
        "model.embed_tokens": {"group_size": GROUP_SIZE, "bits": 8},
    }
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": integer(metadata, "llama.embedding_length"),
        "intermediate_size": integer(metadata, "llama.feed_forward_length"),
        "num_hidden_layers": integer(metadata, "llama.block_count"),
        "num_attention_heads": integer(metadata, "llama.attention.head_count"),
        "num_key_value_heads": integer(metadata, "llama.attention.head_count_kv"),
        "max_position_embeddings": integer(metadata, "llama.context_length"),
        "vocab_size": integer(metadata, "llama.vocab_size"),
        "rms_norm_eps": 1e-5,
        "rope_theta": number(metadata, "llama.rope.freq_base"),
        # GGUF stores q and k permuted for rotation in neighbouring pairs, which MLX calls traditional.
        "rope_traditional": True,
        "tie_word_embeddings": True,
        "torch_dtype": "float32",
        **special_ids(metadata),
        "quantization": quantization,
        "quantization_config": quantization,
    }


def special_ids(metadata: Metadata) -> dict[str, object]:
    return {
        "bos_token_id": integer(metadata, "tokenizer.ggml.bos_token_id"),
        "eos_token_id": integer(metadata, "tokenizer.ggml.eos_token_id"),
        "pad_token_id": integer(metadata, "tokenizer.ggml.padding_token_id"),
    }


def write_tokenizer(metadata: Metadata, out: Path) -> None:
    tokens = cast(list[str], metadata["tokenizer.ggml.tokens"])
    merges = [tuple(merge.split(" ")) for merge in cast(list[str], metadata["tokenizer.ggml.merges"])]
    kinds = cast(list[int], cast(mx.array, metadata["tokenizer.ggml.token_type"]).tolist())

    tokenizer = Tokenizer(
        BPE(
            vocab={token: index for index, token in enumerate(tokens)},
            merges=cast(list[tuple[str, str]], merges),
        )
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    specials = [token for token, kind in zip(tokens, kinds, strict=True) if kind == SPECIAL]
    control = [AddedToken(token, special=True, normalized=False) for token in specials]
    tokenizer.add_special_tokens(control)  # pyright: ignore[reportUnknownMemberType]
    tokenizer.save(str(out / "tokenizer.json"))

    template = cast(str, metadata["tokenizer.chat_template"])
    (out / "chat_template.jinja").write_text(template, encoding="utf-8")
    write_json(
        out / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "bos_token": tokens[integer(metadata, "tokenizer.ggml.bos_token_id")],
            "eos_token": tokens[integer(metadata, "tokenizer.ggml.eos_token_id")],
            "unk_token": tokens[integer(metadata, "tokenizer.ggml.unknown_token_id")],
            "pad_token": tokens[integer(metadata, "tokenizer.ggml.padding_token_id")],
            "add_bos_token": False,
            "clean_up_tokenization_spaces": False,
            "model_max_length": integer(metadata, "llama.context_length"),
            "chat_template": template,
        },
    )


def integer(metadata: Metadata, key: str) -> int:
    return int(number(metadata, key))


def number(metadata: Metadata, key: str) -> float:
    return cast(float, cast(mx.array, metadata[key]).item())


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python convert_starter.py GGUF_FILE OUT_DIR")
    target = Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    convert(Path(sys.argv[1]), target)
