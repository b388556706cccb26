"""One tiny generation, greedy and as the model's authors recommend: the first user does not pay for kernels
that are built at first use, also those of the filters, and a model that cannot run fails while it loads."""

from __future__ import annotations

from contextlib import suppress

from .facade import new_generator
from .model import Model
from .requests import Sampling
from .sampling import processors_of, row_sampler

_PROMPT_AND_COMPLETION_TOKENS = {"gpu": (16, 4), "cpu": (2, 1)}
"""A CPU builds no kernels, but takes up to 0.1 s for each token even of a small model."""


def warm_up(model: Model, device: str) -> None:
    prompt_tokens, completion_tokens = _PROMPT_AND_COMPLETION_TOKENS[device]
    prompt = [0] * prompt_tokens
    generator = new_generator(model.network, (), 2)
    samplings = [Sampling(temperature=0), _recommended(model)]
    samplers = [row_sampler(sampling, model.vocab_tokens, False) for sampling in samplings]
    processors = [processors_of(sampling, 0) for sampling in samplings]
    uids = generator.insert_segments(
        [[prompt], [prompt[1:]]], [completion_tokens] * 2, [None] * 2, [[], []], samplers, processors
    )
    _render_something(model)
    ended = 0
    while ended < len(uids):
        _, generated = generator.next()
        ended += sum(one.finish_reason is not None for one in generated)


def _render_something(model: Model) -> None:
    """A template is compiled when it is first used."""
    if not model.tokenizer.has_chat_template:
        return
    # Whatever it refuses: whoever asks with messages is told.
    with suppress(Exception):
        model.tokenizer.apply_chat_template(
            [{"role": "user", "content": "Hello"}], add_generation_prompt=True, tokenize=False
        )


def _recommended(model: Model) -> Sampling:
    """What requests get that say nothing. Where it makes no sense they fail, and not the model."""
    try:
        row_sampler(model.sampling_defaults, model.vocab_tokens, False)
    except TypeError:
        return Sampling()
    return model.sampling_defaults
