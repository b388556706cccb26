"""What the reading threads hand to the engine loop, and the few numbers that the loop shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from queue import SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any

from .calls import Wanted
from .guided import GrammarRow
from .requests import Request

if TYPE_CHECKING:
    from .vision.model import Seen


@dataclass(eq=False)
class Arrival:
    """A `generate` or `embed` command on its way to the engine."""

    command: dict[str, Any]
    id: int
    cancelled: bool = False
    arrived_s: float = field(default_factory=monotonic)


@dataclass(frozen=True)
class Prepared:
    """A request that fits the model, with its prompt in tokens."""

    request: Request
    arrival: Arrival
    prompt: list[int]
    prompt_text: str
    max_tokens: int
    wanted: Wanted | None = None
    """The calls of tools that are looked for in the answer."""
    grammar: GrammarRow | None = None
    """It has read what is there of the answer."""
    seen: Seen | None = None
    """Present where the prompt has images."""


@dataclass(frozen=True)
class Cancel:
    id: int


class Stop:
    """End what runs and leave."""


class Drain:
    """Answer what was asked, then leave."""


Item = Prepared | Cancel | Stop | Drain
Inbox = SimpleQueue[Item]


@dataclass
class Status:
    """Written by one thread each, read by others: single attributes, so no lock is needed."""

    step: int = 0
    active: int = 0
    queued: int = 0
    cache_bytes: int = 0
    memory_limit_bytes: int | None = None
    live: set[int] = field(default_factory=set[int])
    """Ids that are still owed an end."""
    preparing: set[Arrival] = field(default_factory=set[Arrival])
    """Not by id: an id may be in use again before its last owner is taken out."""
