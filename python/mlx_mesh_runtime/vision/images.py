"""Data URIs to pictures, which may be anything that a stranger sends."""

from __future__ import annotations

import base64
import binascii
import importlib
import io
import warnings
from collections.abc import Sequence
from typing import Any

from ..refused import Refused

MAX_IMAGES = 64
MAX_PIXELS = 50_000_000
"""Of all pictures of a request: unpacked they take 150 MB."""
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

Picture = Any
"""PIL.Image.Image, in RGB."""


def open_images(where: Sequence[tuple[str, str]]) -> list[Picture]:
    """where: the name of each picture's place in the request, and its data URI. Raises Refused."""
    if len(where) > MAX_IMAGES:
        raise Refused(f"the request has {len(where)} images, and {MAX_IMAGES} are allowed", "messages")
    pictures: list[Picture] = []
    left_pixels = MAX_PIXELS
    for place, uri in where:
        picture = _open(uri, place, left_pixels)
        left_pixels -= picture.width * picture.height
        pictures.append(picture)
    return pictures


def _open(uri: str, place: str, most_pixels: int) -> Picture:
    pil, operations = importlib.import_module("PIL.Image"), importlib.import_module("PIL.ImageOps")
    try:
        with warnings.catch_warnings():
            # Our own limit, looked at before anything is unpacked, is lower than the one that it warns of.
            warnings.simplefilter("ignore")
            data = base64.b64decode(uri.partition(",")[2], validate=True)
            picture = pil.open(io.BytesIO(data), formats=_FORMATS)
            if picture.width * picture.height > most_pixels:
                raise Refused(
                    f"{place}: the images of a request may have {MAX_PIXELS:,} pixels in all", place
                )
            # Photos lie on their side and say so.
            return operations.exif_transpose(picture).convert("RGB")
    except Refused:
        raise
    except Exception as reason:  # parsers of a dozen formats raise whatever they like
        kind = "is not valid Base64" if isinstance(reason, binascii.Error) else _UNREADABLE
        raise Refused(f"{place}: the image {kind}", place) from reason


_UNREADABLE = "cannot be read as PNG, JPEG, WebP or GIF"
