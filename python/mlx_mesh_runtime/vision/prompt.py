"""Takes a prompt with images in, without its last token, from which decoding begins."""

from __future__ import annotations

from collections.abc import Callable

import mlx.core as mx

from ..facade import Cache, compute
from .network import Features, VisionNetwork


class ImagePrompt:
    """A chunk a call; the first call also looks at the pictures."""

    def __init__(self, network: VisionNetwork, tokens: list[int], embed: Callable[[], Features]) -> None:
        self._network = network
        self._tokens = tokens
        self._embed = embed
        self._features: Features | None = None
        self._done_tokens = 0
        self.cache: list[Cache] = network.make_cache()

    def advance(self, chunk_tokens: int) -> bool:
        """True when all is done."""
        if self._features is None:
            self._features = self._embed()
        last = len(self._tokens) - 1
        end = last if self._network.reads_at_once else min(self._done_tokens + chunk_tokens, last)
        if end > self._done_tokens:
            tokens = mx.array([self._tokens[self._done_tokens : end]])
            self._network.read(tokens, self._features, self._done_tokens, self.cache)
            compute([layer.state for layer in self.cache])
            self._done_tokens = end
        if self._done_tokens < last:
            return False
        self._network.place(self._features, self.cache)
        return True
