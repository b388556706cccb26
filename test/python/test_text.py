"""The text of a stream, token by token, on a vocabulary small enough to read."""

from __future__ import annotations

import sys

from runtime import ROOT

sys.path.insert(0, str(ROOT / "python"))

from mlx_mesh_runtime.text import TextStream
from mlx_mesh_runtime.vocabulary import Vocabulary

PIECES = [b"", b"Hello", b" wor", b"ld", b"\xf0\x9f", b"\x98", b"\x80", b"\xc3", b" a"]


def stream(*stops: str, trim: bool = False) -> TextStream:
    return TextStream(Vocabulary(PIECES, {0: "<end>"}, trim), stops, trim)


def test_a_character_split_over_tokens_is_shown_when_it_is_whole() -> None:
    text = stream()
    assert [text.add(token)[0] for token in (1, 4, 5, 6)] == ["Hello", "", "", "😀"]


def test_half_a_character_at_the_end_is_shown_as_a_replacement() -> None:
    text = stream()
    assert text.add(7) == ("", None)
    assert text.end() == ("�", None)


def test_special_tokens_have_no_text_but_a_name() -> None:
    assert stream().add(0) == ("", None)
    assert Vocabulary(PIECES, {0: "<end>"}, False).name_of(0) == "<end>"


def test_a_possible_beginning_of_a_stop_string_is_held_back_until_it_is_none() -> None:
    text = stream("world!")
    assert text.add(1) == ("Hello", None)
    assert text.add(2) == (" ", None)
    assert text.add(3) == ("", None)
    assert text.add(8) == ("world a", None)


def test_held_text_is_shown_at_the_end() -> None:
    text = stream("world!")
    text.add(2)
    assert text.end() == ("wor", None)


def test_the_space_that_a_tokenizer_puts_before_the_first_word_is_not_shown() -> None:
    text = stream(trim=True)
    assert [text.add(token)[0] for token in (2, 3, 8)] == ["wor", "ld", " a"]


def test_of_two_stop_strings_in_one_token_the_one_that_is_complete_first_wins() -> None:
    assert stream("Hello", "ell").add(1) == ("H", "ell")
    assert stream("ell", "Hello").add(1) == ("H", "ell")
    assert stream("ll", "ell").add(1) == ("H", "ell")
