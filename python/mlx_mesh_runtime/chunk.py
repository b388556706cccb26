"""How many tokens of each prompt one step reads. Whoever waits for a next token, or for a sign of life, waits
for the whole step."""

from __future__ import annotations

_ALONE = 512
_BESIDE = 128
"""Of all prompts together, while other requests wait for their next token."""
_LEAST = 32
_ON_CPU = 64
"""Of all prompts together. A CPU reads many tokens no faster than few: a slow one some 15 a second."""
_LEAST_ON_CPU = 8
"""mlx-lm reads up to 8 prompts at once."""


def chunk_tokens(prompts: int, others_wait: bool, on_gpu: bool) -> int:
    """prompts: those that are not read yet."""
    if not on_gpu:
        return max(_LEAST_ON_CPU, _ON_CPU // max(prompts, 1))
    return max(_LEAST, _BESIDE // max(prompts, 1)) if others_wait else _ALONE
