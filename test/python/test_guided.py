"""Grammars behind the thinking: a real tokenizer and llguidance, but the tests choose the tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from mlx_mesh_runtime import facade
from mlx_mesh_runtime.grammar import Grammars
from mlx_mesh_runtime.guided import AfterThinking, GrammarRow, mask_of
from mlx_mesh_runtime.vocabulary import read_vocabulary
from runtime import TINY

SIZE = 49_152
END = 2
START = 14  # any special token will do


class Model:
    def __init__(self, folder: Path) -> None:
        _, self.tokenizer, _ = facade.load(folder)
        self.vocabulary = read_vocabulary(folder, self.tokenizer, SIZE)
        self.grammars = Grammars(self.vocabulary, self.tokenizer, SIZE)

    def row(self, thinking: AfterThinking | None) -> GrammarRow:
        return self.grammars.row('start: "yes" | "no"', None, thinking)

    def feed(self, row: GrammarRow, text: str) -> None:
        for token in self.tokenizer.encode(text, add_special_tokens=False):
            row.take(token)

    def allowed(self, row: GrammarRow) -> set[int]:
        return set(np.flatnonzero(np.array(mask_of([row], SIZE))[0]).tolist())

    def texts(self, row: GrammarRow) -> set[bytes]:
        return {self.vocabulary.bytes_of(token) for token in self.allowed(row)}


@pytest.fixture(scope="module")
def model() -> Model:
    facade.prepare_mlx()
    return Model(TINY)


def test_thinking_is_free_but_does_not_end_the_answer(model: Model) -> None:
    row = model.row(AfterThinking("</think>"))
    model.feed(row, "Is it no? </thin or </thinking>")
    assert model.allowed(row) == set(range(SIZE)) - {END}
    assert not row.ended


def test_the_grammar_begins_behind_the_thinking(model: Model) -> None:
    row = model.row(AfterThinking("</think>"))
    model.feed(row, "no no no </think>")
    assert model.texts(row) <= {b"y", b"ye", b"yes", b"n", b"no"}
    model.feed(row, "yes")
    assert row.ended
    assert model.allowed(row) == {END}


def test_a_model_that_may_think_chooses(model: Model) -> None:
    row = model.row(AfterThinking("</think>", may_open=START))
    assert START in model.allowed(row)
    assert END not in model.allowed(row)
    row.take(START)
    assert len(model.allowed(row)) == SIZE - 1
    model.feed(row, "well</think>no")
    assert row.ended


def test_a_model_that_does_not_think_keeps_to_the_grammar_at_once(model: Model) -> None:
    row = model.row(AfterThinking("</think>", may_open=START))
    model.feed(row, "no")
    assert row.ended


def test_a_free_row_beside_it_may_say_anything(model: Model) -> None:
    mask = np.array(mask_of([None, model.row(None)], SIZE))
    assert mask[0].all()
    assert mask[1].sum() < 10
