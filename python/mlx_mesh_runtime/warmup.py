"""One tiny generation, so that the first user does not pay for kernels that are built at first use."""

from __future__ import annotations

from .facade import new_generator
from .model import Model
from .requests import Sampling
from .sampling import row_sampler

_PROMPT = [0] * 16
_TOKENS = 4


def warm_up(model: Model) -> None:
    generator = new_generator(model.network, (), 2)
    samplers = [
        row_sampler(Sampling(temperature=0), model.vocab_tokens, False),
        row_sampler(Sampling(), model.vocab_tokens, False),
    ]
    uids = generator.insert_segments(
        [[_PROMPT], [_PROMPT[1:]]], [_TOKENS] * 2, [None] * 2, [[], []], samplers, [[], []]
    )
    ended = 0
    while ended < len(uids):
        _, generated = generator.next()
        ended += sum(one.finish_reason is not None for one in generated)
