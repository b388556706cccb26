"""Why a request cannot run, in words for the user of the endpoint; and the checks of single values."""

from __future__ import annotations

import re
from typing import Any


class Refused(Exception):  # noqa: N818 - it is a verdict, not a fault
    """A request that cannot run; becomes an `error` frame, which the user of the endpoint reads."""

    def __init__(self, message: str, param: str | None = None, code: str = "INVALID_REQUEST") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param


def wrong(field: str, what: str) -> Refused:
    """Names the field as users of the endpoint write it: `topP` is `top_p`, `tokens` is `prompt`."""
    written = "prompt" if field == "tokens" else re.sub("[A-Z]", _after_underscore, field)
    return Refused(f"{written} {what}", written)


def _after_underscore(capital: re.Match[str]) -> str:
    return f"_{capital[0].lower()}"


def text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise wrong(name, "must be a string")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise wrong(name, "holds half of a surrogate pair, which is no text") from None
    return value


def boolean(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong(name, "must be true or false")
    return value
