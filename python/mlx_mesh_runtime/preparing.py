"""The preparing thread: checks requests against the model and makes tokens of them, so that a long prompt is
tokenized while the engine goes on (the tokenizer releases Python's lock)."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from .calls import Wanted, tools_for_templates
from .enforcing import is_bound, row_of_calls
from .formats import row_of
from .guided import GrammarRow
from .inbox import Arrival, Drain, Prepared, Status
from .log import PROMPTS_MAY_BE_LOGGED, log
from .markers import DEFAULT_FORMAT, Markers
from .model import Model
from .reading import Arrivals
from .refused import Refused, wrong
from .rendering import render
from .requests import Request, parse_request
from .vision.model import Seen
from .wire import Frames

# For each token of the context, in the beginning that tells whether a long text fits: few tokens are so long.
_BEGINNING_CHARACTERS = 16
_FAILED = "the model's tokenizer or chat template failed on this prompt"


def prepare_arrivals(
    arrivals: Arrivals,
    inbox: SimpleQueue[Any],
    frames: Frames,
    status: Status,
    prepare: Callable[[Arrival], object],
) -> None:
    """`prepare` raises Refused; what it returns goes to the engine."""
    while True:
        arrival = arrivals.get()
        if isinstance(arrival, Drain):
            inbox.put(arrival)
            return
        try:
            # In this order: whoever cancels in between finds the arrival here or the request there.
            inbox.put(prepare(arrival))
            status.preparing.discard(arrival)
        except Refused as reason:
            _refuse(arrival, reason, frames, status)
        except Exception as error:  # a tokenizer or a template may raise anything, and others still wait here
            _log_failure(arrival, error)
            _refuse(arrival, Refused(_FAILED, None, "ENGINE_FAILED"), frames, status)


def prepare(arrival: Arrival, model: Model) -> Prepared:
    """Raises Refused."""
    if arrival.command.get("op") != "generate":
        raise Refused("the model makes text, not embeddings", "model")
    request = parse_request(arrival.command, model.sampling_defaults)
    _check_token_ids(request, model)
    _refuse_images(request, model)
    text, prompt, seen = _prompt_of(request, model)
    log("info", "request", requestId=request.request_id, id=request.id, promptTokens=len(prompt))
    if PROMPTS_MAY_BE_LOGGED:
        log("debug", "prompt", requestId=request.request_id, text=text)
    max_tokens = _completion_tokens(request, len(prompt), model.context_tokens)
    if len(request.resume) > max_tokens:
        raise wrong("resume", f"has {len(request.resume)} tokens, but the answer may have {max_tokens}")
    return Prepared(
        request,
        arrival,
        prompt,
        text,
        max_tokens,
        _wanted_calls(request, model.markers),
        _grammar_of(request, text, model),
        seen,
    )


def _grammar_of(request: Request, prompt: str, model: Model) -> GrammarRow | None:
    thinking = None
    if request.messages is not None:
        thinking = model.markers.thinking_behind(prompt, request.thinking.enabled)

    if is_bound(request.tools, request.format, model.markers):
        row = row_of_calls(request.tools, request.format, model.vocabulary, model.grammars, thinking)
    elif request.format is not None:
        row = row_of(request.format, model.grammars, thinking)
    else:
        return None
    for token in request.resume:
        row.take(token)
    if row.failure is not None:
        raise wrong("resume", "holds tokens that do not fit the format of the answer")
    return row


def _check_token_ids(request: Request, model: Model) -> None:
    if request.tokens is not None and any(token >= model.vocab_tokens for token in request.tokens):
        raise wrong("tokens", f"must hold token ids below {model.vocab_tokens}, the size of the vocabulary")
    if any(token >= model.vocab_tokens for token in request.resume):
        raise wrong("resume", f"must hold token ids below {model.vocab_tokens}, the size of the vocabulary")
    if any(token >= model.vocab_tokens for token in request.sampling.logit_bias):
        raise wrong("logitBias", f"must name tokens below {model.vocab_tokens}")


def _prompt_of(request: Request, model: Model) -> tuple[str, list[int], Seen | None]:
    tokenizer, seen = model.tokenizer, None
    if request.tokens is not None:
        text, tokens = tokenizer.decode(request.tokens), request.tokens
    elif request.messages is not None:
        templates = tokenizer if model.vision is None else model.vision.templates
        text = render(request.messages, request.tools, request.thinking, templates, model.markers)
        _refuse_hopelessly_long(text, request, model)
        seen = _look(request, text, model)
        tokens = tokenizer.encode(text, add_special_tokens=False) if seen is None else seen.tokens
    else:
        text = request.prompt or ""
        _refuse_hopelessly_long(text, request, model)
        tokens = tokenizer.encode(text)
    if not tokens:
        start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        if start is None:
            raise Refused("the prompt is empty and the model has no token to begin with", "prompt")
        tokens = [start]
    return text, tokens, seen


def _look(request: Request, text: str, model: Model) -> Seen | None:
    if model.vision is None or not request.images:
        return None
    return model.vision.read(text, request.images, [message.content for message in request.messages or ()])


def _refuse_images(request: Request, model: Model) -> None:
    images = request.images
    if images and model.vision is None:
        place, _ = images[0]
        raise wrong(place, f"has images, and {model.why_blind}")
    if images and request.echo:
        raise wrong("echo", "cannot show a prompt with images")


def _wanted_calls(request: Request, markers: Markers) -> Wanted | None:
    tools = request.tools
    if not tools.offered:
        return None
    names = {tool.name for tool in tools.callable}
    own = None if is_bound(tools, request.format, markers) else markers.calls
    return Wanted(own or DEFAULT_FORMAT, names, tools_for_templates(tools.offered), tools.parallel)


def _refuse_hopelessly_long(text: str, request: Request, model: Model) -> None:
    """Without tokenizing all of it: a text of more bytes than the context's tokens can hold at the longest,
    or whose beginning alone has twice as many tokens as the context."""
    least_tokens = len(text.encode("utf-8")) // model.vocabulary.longest_bytes
    if least_tokens <= model.context_tokens:
        # All of 15 MB would take 13 s. A beginning may end within a word, which changes a few of its tokens.
        beginning = text[: _BEGINNING_CHARACTERS * model.context_tokens]
        if len(beginning) == len(text):
            return
        least_tokens = len(model.tokenizer.encode(beginning, add_special_tokens=False)) // 2
    if least_tokens > model.context_tokens:
        raise _too_long(f"at least {least_tokens}", request, model.context_tokens, prompt_alone=True)


def _completion_tokens(request: Request, prompt_tokens: int, context_tokens: int) -> int:
    room = context_tokens - prompt_tokens
    wanted = 1 if request.max_tokens is None else request.max_tokens
    if room < (min(wanted, 1) if request.fit_context else wanted):
        asked = f"{prompt_tokens} of the prompt and {wanted} of the completion"
        raise _too_long(asked, request, context_tokens, prompt_alone=room < 1)
    return room if request.max_tokens is None else min(request.max_tokens, room)


def _too_long(asked: str, request: Request, context_tokens: int, *, prompt_alone: bool) -> Refused:
    # In these words, because clients look for them: some shorten the conversation then by themselves.
    limit = f"this model's maximum context length is {context_tokens} tokens"
    message = f"{limit}, but the request asks for {asked}"
    if prompt_alone:
        message = f"the prompt is too long: {message}"
    return Refused(message, "prompt" if request.messages is None else "messages", "CONTEXT_LENGTH_EXCEEDED")


def _log_failure(arrival: Arrival, error: Exception) -> None:
    """Where it happened, but not the error's message, which may quote the prompt."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    log(
        "error",
        "preparing failed",
        requestId=arrival.command.get("requestId"),
        id=arrival.id,
        error=type(error).__name__,
        place=f"{place.filename}:{place.lineno}",
    )


def _refuse(arrival: Arrival, reason: Refused, frames: Frames, status: Status) -> None:
    request_id = arrival.command.get("requestId")
    log("info", "refused", requestId=request_id, id=arrival.id, code=reason.code, param=reason.param)
    status.preparing.discard(arrival)
    status.live.discard(arrival.id)
    frames.send(
        {
            "ev": "error",
            "id": arrival.id,
            "code": reason.code,
            "message": reason.message,
            "param": reason.param,
        }
    )
