"""The bytes that each token stands for, so that no sequence is decoded again and again to stream its text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from .facade import Tokenizer

_SENTENCEPIECE_SPACE = "▁"


class Vocabulary:
    """Token id -> bytes. Special tokens have none: they are never shown."""

    def __init__(self, table: list[bytes], special: dict[int, str], strips_first_space: bool) -> None:
        self._table = table
        self._special = special
        self.strips_first_space = strips_first_space
        """The tokenizer writes a space before the first word of a text, which a chat answer must not show."""

        self.longest_bytes = max(map(len, table), default=1)

    def bytes_of(self, token: int) -> bytes:
        return self._table[token] if token < len(self._table) else b""

    def special_name(self, token: int) -> str | None:
        return self._special.get(token)

    def special_token(self, name: str) -> int | None:
        return next((token for token, special in self._special.items() if special == name), None)

    def name_of(self, token: int) -> str:
        """For lists of tokens: a special token by its name, part of a character as U+FFFD."""
        return self._special.get(token) or self.bytes_of(token).decode("utf-8", "replace")


def read_vocabulary(folder: Path, tokenizer: Tokenizer, size: int) -> Vocabulary:
    """Byte-level BPE and SentencePiece say how their pieces spell bytes; others are asked to decode."""
    decoder = _decoder_of(folder)
    kinds = {part.get("type") for part in decoder}
    if "ByteLevel" in kinds:
        spell = _spell_byte_level
    elif "ByteFallback" in kinds or "Metaspace" in kinds:
        spell = _spell_sentencepiece
    else:
        spell = None
    pieces = tokenizer.convert_ids_to_tokens(list(range(min(size, len(tokenizer)))))
    added = tokenizer.added_tokens_decoder
    special = set(tokenizer.all_special_ids)
    table: list[bytes] = []
    names: dict[int, str] = {}
    for token, piece in enumerate(pieces):
        if token in special or (token in added and added[token].special):
            table.append(b"")
            names[token] = piece or ""
        elif token in added:
            table.append(added[token].content.encode("utf-8"))
        elif piece is None:
            table.append(b"")
        elif spell is not None:
            table.append(spell(piece))
        else:
            table.append(tokenizer.decode([token]).encode("utf-8"))
    return Vocabulary(table, names, bool(kinds & {"Strip", "Metaspace"}))


def _decoder_of(folder: Path) -> list[dict[str, Any]]:
    """The steps of the decoder in tokenizer.json; none when the file does not exist."""
    path = folder / "tokenizer.json"
    if not path.exists():
        return []
    decoder = cast("dict[str, Any]", json.loads(path.read_text("utf-8")).get("decoder") or {})
    return cast("list[dict[str, Any]]", decoder.get("decoders", [decoder]))


def _byte_of_character() -> dict[str, int]:
    """GPT-2's alphabet: printable bytes stand for themselves, the others, in order, for U+0100 and up."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + n): byte for n, byte in enumerate(others)}


_BYTE_OF = _byte_of_character()


def _spell_byte_level(piece: str) -> bytes:
    return b"".join(bytes([_BYTE_OF[c]]) if c in _BYTE_OF else c.encode("utf-8") for c in piece)


def _spell_sentencepiece(piece: str) -> bytes:
    if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return bytes([int(piece[3:5], 16)])
    return piece.replace(_SENTENCEPIECE_SPACE, " ").encode("utf-8")
