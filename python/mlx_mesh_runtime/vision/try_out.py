"""One tiny picture, seen beside a prompt of text: a model whose images cannot be batched says so at once."""

from __future__ import annotations

import importlib

from ..facade import new_generator
from ..requests import Sampling
from ..sampling import row_sampler
from .model import Vision
from .network import VisionNetwork

_PIXELS = 64
_TOKENS = 2


def try_out(network: VisionNetwork, vision: Vision) -> None:
    """Raises whatever the model's code raises."""
    messages = [{"role": "user", "content": "Hello", "images": 1}]
    text = vision.templates.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    picture = importlib.import_module("PIL.Image").new("RGB", (_PIXELS, _PIXELS), (128, 128, 128))
    seen = vision.look(text, [picture])
    prompt = vision.prompt(seen)
    while not prompt.advance(len(seen.tokens)):
        pass
    generator = new_generator(network, (), 2)
    sampler = row_sampler(Sampling(temperature=0), 0, False)
    last, other = seen.tokens[-1], [seen.tokens[-1]] * 2
    uids = generator.insert_segments(
        [[[last]], [other]],
        [_TOKENS] * 2,
        [prompt.cache, None],
        [seen.tokens[:-1], []],
        [sampler] * 2,
        [[], []],
    )
    ended = 0
    while ended < len(uids):
        _, generated = generator.next()
        ended += sum(one.finish_reason is not None for one in generated)
