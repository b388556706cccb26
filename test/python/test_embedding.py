from __future__ import annotations

import base64
import json
from math import erf
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from runtime import ROOT, Answer, Runtime
from tokenizers import Tokenizer

MINILM = ROOT / "resources/runtime/test-models/all-MiniLM-L6-v2"
SENTENCES = ["This is an example sentence", "Each sentence is converted"]


class Embedder(Runtime):
    def __init__(self, model: Path = MINILM, *options: str) -> None:
        super().__init__(model, *options)

    def ask_for(self, inputs: list[Any], **fields: Any) -> int:
        id = next(self._ids)
        self._answers[id] = Answer()
        self.send(op="embed", id=id, inputs=inputs, **fields)
        return id

    def vectors(self, inputs: list[Any], **fields: Any) -> np.ndarray:
        return self.vectors_of(self.ask_for(inputs, **fields))

    def vectors_of(self, id: int) -> np.ndarray:
        answer = self.answer(id)
        assert answer.finish == "stop", answer.error
        frames = [frame for frame in answer.frames if frame["ev"] == "vectors"]
        data = base64.b64decode("".join(frame["data"] for frame in frames))
        return np.frombuffer(data, "<f4")

    def refusal(self, inputs: list[Any], **fields: Any) -> tuple[str, str | None]:
        answer = self.answer(self.ask_for(inputs, **fields))
        assert answer.error is not None
        return answer.error["code"], answer.error["param"]


@pytest.fixture(scope="session")
def shared_minilm() -> Any:
    with Embedder() as runtime:
        yield runtime


@pytest.fixture
def minilm(shared_minilm: Embedder) -> Embedder:
    assert shared_minilm.ping()["active"] == 0, "an earlier test left a request behind"
    return shared_minilm


def rows(vectors: np.ndarray, width: int = 384) -> np.ndarray:
    return vectors.reshape(-1, width)


def small_bert(parent: Path, pooling: str = "mean_tokens", normalizes: bool = True, **config: Any) -> Path:
    """Random weights, two layers, the words of MiniLM."""
    folder = parent / "model"
    (folder / "1_Pooling").mkdir(parents=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "sentence_bert_config.json"):
        (folder / name).symlink_to(MINILM / name)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{pooling}": True}))
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), *[("2_Normalize", "Normalize")][:normalizes]]
    prefix = "sentence_transformers.models"
    (folder / "modules.json").write_text(
        json.dumps([{"path": path, "type": f"{prefix}.{kind}"} for path, kind in modules])
    )
    small = {"hidden_size": 24, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2}
    settings = {**json.loads((MINILM / "config.json").read_text()), **small, **config}
    (folder / "config.json").write_text(json.dumps(settings))
    mx.random.seed(7)
    shapes = {
        name: [{384: 24, 1536: 48}.get(size, size) for size in array.shape]
        for name, array in mx.load(str(MINILM / "model.safetensors")).items()
        if ".layer." not in name or int(name.split(".layer.")[1].split(".")[0]) < 2
    }
    weights = {
        name: mx.random.normal(shape) * 0.3 for name, shape in shapes.items() if "position_ids" not in name
    }
    mx.save_safetensors(str(folder / "model.safetensors"), weights)
    return folder


def by_numpy(folder: Path, text: str, pooling: str = "mean", normalizes: bool = True) -> np.ndarray:
    """BERT as its paper has it, in 64 bits, one text at a time."""
    config = json.loads((folder / "config.json").read_text())
    loaded = mx.load(str(folder / "model.safetensors"))
    w = {name: np.array(array).astype(np.float64) for name, array in loaded.items()}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    heads, width = config["num_attention_heads"], config["hidden_size"]

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + config["layer_norm_eps"])
        return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]

    def split(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(ids), heads, width // heads).transpose(1, 0, 2)

    e = "embeddings"
    x = w[f"{e}.word_embeddings.weight"][ids] + w[f"{e}.position_embeddings.weight"][: len(ids)]
    x = norm(x + w[f"{e}.token_type_embeddings.weight"][0], f"{e}.LayerNorm")
    for n in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{n}"
        q, k, v = (split(linear(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(width // heads)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True)) @ v
        mixed = mixed.transpose(1, 0, 2).reshape(len(ids), width)
        attended = linear(mixed, f"{layer}.attention.output.dense")
        x = norm(x + attended, f"{layer}.attention.output.LayerNorm")
        inner = linear(x, f"{layer}.intermediate.dense")
        inner = inner * 0.5 * (1 + np.vectorize(erf)(inner / np.sqrt(2)))
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    vector = {"mean": x.mean(0), "cls": x[0], "max": x.max(0)}[pooling]
    return vector / np.linalg.norm(vector) if normalizes else vector


def test_vectors_are_those_of_an_independent_computation(minilm: Embedder) -> None:
    vectors = rows(minilm.vectors(SENTENCES))
    expected = np.stack([by_numpy(MINILM, sentence) for sentence in SENTENCES])
    np.testing.assert_allclose(vectors, expected, atol=2e-6)


def test_what_means_the_same_lies_near(minilm: Embedder) -> None:
    texts = ["A cat sits on the mat", "A kitten rests on a rug", "Interest rates rose again"]
    cat, kitten, rates = rows(minilm.vectors(texts))
    assert cat @ kitten > 0.5
    assert cat @ rates < 0.2
    np.testing.assert_allclose([cat @ cat, rates @ rates], 1, atol=1e-5)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
@pytest.mark.parametrize("normalizes", [True, False])
def test_a_model_pools_and_normalizes_as_its_folder_says(
    tmp_path: Path, pooling: str, normalizes: bool
) -> None:
    mode = {"mean": "mean_tokens", "cls": "cls_token", "max": "max_tokens"}[pooling]
    folder = small_bert(tmp_path, mode, normalizes)
    with Embedder(folder) as runtime:
        vectors = rows(runtime.vectors([*SENTENCES, "short"]), 24)
    expected = [by_numpy(folder, text, pooling, normalizes) for text in [*SENTENCES, "short"]]
    np.testing.assert_allclose(vectors, np.stack(expected), rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Embedder(small_bert(tmp_path_factory.mktemp("small"))) as runtime:
        yield runtime


def test_a_text_has_the_same_vector_alone_and_among_longer_ones(small: Embedder) -> None:
    texts = ["one", "two words " * 3, "many more words " * 40, "four", "a sentence of some length " * 5] * 30
    together = rows(small.vectors(texts), 24)
    alone = np.stack([small.vectors([text]) for text in texts[:5]] * 30)
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_tokens_are_taken_as_they_are(small: Embedder) -> None:
    ids = Tokenizer.from_file(str(MINILM / "tokenizer.json")).encode("Hello world").ids[:4]
    text, tokens = rows(small.vectors(["Hello world", ids]), 24)
    np.testing.assert_allclose(tokens, text, atol=1e-6)


def test_fewer_dimensions_are_the_first_ones_at_length_one(small: Embedder) -> None:
    whole = rows(small.vectors(SENTENCES), 24)
    short = rows(small.vectors(SENTENCES, dimensions=8), 8)
    cut = whole[:, :8] / np.linalg.norm(whole[:, :8], axis=1, keepdims=True)
    np.testing.assert_allclose(short, cut, atol=1e-6)
    assert small.refusal(SENTENCES, dimensions=25) == ("INVALID_REQUEST", "dimensions")
    assert small.refusal(SENTENCES, dimensions=0) == ("INVALID_REQUEST", "dimensions")


def test_requests_that_wait_together_are_computed_together_and_each_gets_its_own(small: Embedder) -> None:
    texts = [f"text number {n} " * (n % 7 + 1) for n in range(40)]
    alone = [small.vectors([text]) for text in texts]
    small.vectors(["idle"])
    before = small.ping()["step"]
    ids = [small.ask_for([text]) for text in texts]
    together = [small.vectors_of(id) for id in ids]
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert small.ping()["step"] - before < len(texts)


def test_a_bad_request_fails_alone(small: Embedder) -> None:
    good = small.ask_for(["good " * 100] * 50)
    assert small.refusal(["fine", "word " * 300], first=256) == ("CONTEXT_LENGTH_EXCEEDED", "input[257]")
    assert small.refusal(["word " * 100_000]) == ("CONTEXT_LENGTH_EXCEEDED", "input[0]")
    assert small.refusal(["fine", [1, 30_522]]) == ("INVALID_REQUEST", "input[1]")
    assert small.refusal(["fine", []]) == ("INVALID_REQUEST", "input[1]")
    assert small.refusal([7]) == ("INVALID_REQUEST", "input[0]")
    assert small.refusal([]) == ("INVALID_REQUEST", "input")
    assert small.refusal(["\ud800"]) == ("INVALID_REQUEST", "input[0]")
    assert small.refusal(["fine"], temperature=1) == ("INVALID_REQUEST", "temperature")
    assert len(small.vectors_of(good)) == 50 * 24


def test_a_long_list_holds_up_nobody_for_more_than_a_batch_and_can_be_cancelled(small: Embedder) -> None:
    long = small.ask_for(["word " * 200] * 1500)
    small.wait_for("started", long)
    begun = small.ping()["step"]
    short = small.ask_for(["short"])
    small.vectors_of(short)
    assert not small.so_far(long).ended
    assert small.step - begun <= 4
    small.send(op="cancel", id=long)
    assert small.answer(long).finish == "cancelled"
    assert small.ping()["active"] == 0


def test_pings_are_answered_while_a_batch_is_computed(minilm: Embedder) -> None:
    id = minilm.ask_for(["word " * 200] * 2)
    minilm.wait_for("started", id)
    assert minilm.ping()["active"] == 1
    assert not minilm.so_far(id).ended
    assert len(minilm.vectors_of(id)) == 2 * 384


def test_large_answers_come_in_several_frames(small: Embedder) -> None:
    id = small.ask_for(["a"] * 2048)
    assert len(small.vectors_of(id)) == 2048 * 24
    frames = [frame for frame in small.so_far(id).frames if frame["ev"] == "vectors"]
    assert [len(frame["data"]) for frame in frames] == [131_072, 131_072]


def test_it_makes_no_text_and_a_model_of_text_makes_no_vectors(small: Embedder, tiny: Runtime) -> None:
    answer = small.answer(small.ask(prompt="Hello"))
    assert answer.error is not None
    assert answer.error["param"] == "model"
    tiny.send(op="embed", id=77_777, inputs=["Hello"])
    assert tiny.wait_for("error", 77_777)["param"] == "model"


def test_what_runs_is_given_an_end_when_the_model_is_unloaded(tmp_path: Path) -> None:
    with Embedder(small_bert(tmp_path)) as runtime:
        id = runtime.ask_for(["word " * 200] * 1500)
        runtime.wait_for("started", id)
        runtime.send(op="shutdown")
        answer = runtime.answer(id)
        assert answer.error is not None
        assert answer.error["code"] == "SHUTTING_DOWN"
        assert runtime.exit_code() == 0


def test_a_process_with_too_little_memory_says_so_and_lives(tmp_path: Path) -> None:
    with Embedder(small_bert(tmp_path), "--memory-limit-bytes", "1000") as runtime:
        assert runtime.refusal(["Hello"])[0] == "INSUFFICIENT_MEMORY"
        runtime.send(op="limit", memoryBytes=2**40)
        assert len(runtime.vectors(["Hello"])) == 24


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"model_type": "mpnet"}, "'mpnet'"),
        ({"position_embedding_type": "relative_key"}, "'relative_key'"),
        ({"hidden_act": "swish2"}, "'swish2'"),
        ({"num_hidden_layers": 3}, "Missing"),
    ],
)
def test_what_cannot_run_is_refused_at_load_with_the_reason(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    runtime = Embedder(small_bert(tmp_path, **change))
    assert reason in runtime.wait_for("fatal")["message"]
    assert runtime.exit_code() == 1


def test_poolings_and_modules_that_are_not_built_are_refused_at_load(tmp_path: Path) -> None:
    folder = small_bert(tmp_path, "lasttoken")
    assert "lasttoken" in Embedder(folder).wait_for("fatal")["message"]
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"path": "3_Dense", "type": "sentence_transformers.models.Dense"})
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": true}')
    (folder / "modules.json").write_text(json.dumps(modules))
    assert "3_Dense" in Embedder(folder).wait_for("fatal")["message"]


def test_an_encoder_of_the_roberta_kind_counts_positions_behind_its_padding(tmp_path: Path) -> None:
    plain = small_bert(tmp_path)
    weights = mx.load(str(plain / "model.safetensors"))
    other = small_bert(tmp_path / "r", model_type="xlm-roberta", pad_token_id=1, max_position_embeddings=514)
    position = "embeddings.position_embeddings.weight"
    moved = {f"roberta.{name}": array for name, array in weights.items()}
    moved[f"roberta.{position}"] = mx.concatenate([mx.zeros((2, 24)), weights[position]])
    mx.save_safetensors(str(other / "model.safetensors"), moved)
    with Embedder(plain) as one, Embedder(other) as two:
        np.testing.assert_allclose(two.vectors(SENTENCES), one.vectors(SENTENCES), atol=1e-6)
