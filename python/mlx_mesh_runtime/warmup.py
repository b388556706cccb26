"""One tiny generation: the first user does not pay for kernels that are built at first use, and a model that
cannot run fails while it loads."""

from __future__ import annotations

from .facade import new_generator
from .model import Model
from .requests import Sampling
from .sampling import row_sampler

_PROMPT_AND_COMPLETION_TOKENS = {"gpu": (16, 4), "cpu": (2, 1)}
"""A CPU builds no kernels, but takes up to 0.1 s for each token even of a small model."""


def warm_up(model: Model, device: str) -> None:
    prompt_tokens, completion_tokens = _PROMPT_AND_COMPLETION_TOKENS[device]
    prompt = [0] * prompt_tokens
    generator = new_generator(model.network, (), 2)
    samplers = [
        row_sampler(Sampling(temperature=0), model.vocab_tokens, False),
        row_sampler(Sampling(), model.vocab_tokens, False),
    ]
    uids = generator.insert_segments(
        [[prompt], [prompt[1:]]], [completion_tokens] * 2, [None] * 2, [[], []], samplers, [[], []]
    )
    ended = 0
    while ended < len(uids):
        _, generated = generator.next()
        ended += sum(one.finish_reason is not None for one in generated)
