"""Models that see: images in a conversation, through mlx-vlm and a tiny random model with eyes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from images import claims, data_uri, png
from models import copy_with
from runtime import ROOT, TINY, Answer, Runtime
from runtime import VISION_LAYER as LAYER

SEEING = ROOT / "resources/runtime/test-models/tiny-vision"
RED = data_uri(png((220, 10, 10)))
BLUE = data_uri(png((10, 20, 240), 30, 90))

needs_layer = pytest.mark.skipif(
    not (LAYER / "mlx_vlm").is_dir(), reason="the layer for images needs Python 3.11"
)


@pytest.fixture(scope="module")
def seeing() -> Iterator[Runtime]:
    with Runtime(SEEING, "--vision-packages", str(LAYER)) as runtime:
        yield runtime


def asked(*images: str, text: str = "What is in the picture?") -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text, "images": list(images)}], "maxTokens": 12}


def answer_to(runtime: Runtime, *images: str, **more: Any) -> Answer:
    answer = runtime.run(**{**asked(*images), **more})
    assert answer.error is None
    return answer


@needs_layer
def test_a_model_that_sees_says_so_when_it_is_ready() -> None:
    with Runtime(SEEING, "--vision-packages", str(LAYER)) as runtime:
        assert runtime.ready["images"] is True
    with Runtime(TINY, "--vision-packages", str(LAYER)) as runtime:
        assert runtime.ready["images"] is False


@needs_layer
def test_two_pictures_are_told_apart_and_the_same_one_is_seen_the_same(seeing: Runtime) -> None:
    red, blue, none = answer_to(seeing, RED), answer_to(seeing, BLUE), answer_to(seeing)
    assert red.tokens != blue.tokens
    assert red.tokens != none.tokens
    assert answer_to(seeing, RED).tokens == red.tokens


@needs_layer
def test_several_pictures_are_seen_in_their_order(seeing: Runtime) -> None:
    one, other = answer_to(seeing, RED, BLUE), answer_to(seeing, BLUE, RED)
    assert one.tokens != other.tokens
    assert one.started is not None
    single = answer_to(seeing, RED).started
    assert single is not None
    # Each picture takes the places of four tokens, one of which its mark has without it.
    assert one.started["promptTokens"] - single["promptTokens"] == 4


@needs_layer
def test_pictures_of_earlier_messages_are_still_there(seeing: Runtime) -> None:
    def conversation(image: str) -> list[dict[str, Any]]:
        first = {"role": "user", "content": "Look", "images": [image]}
        return [first, {"role": "assistant", "content": "Yes"}, {"role": "user", "content": "What is it?"}]

    answers = [seeing.run(messages=conversation(image), maxTokens=12).tokens for image in (RED, BLUE)]
    assert answers[0] != answers[1]


@needs_layer
def test_pictures_and_text_are_answered_together_as_alone(seeing: Runtime) -> None:
    requests = [
        asked(RED),
        asked(BLUE, text="Hm"),
        asked(),
        asked(RED, BLUE),
        asked(text="A long story, " * 40),
    ]
    alone = [seeing.run(**request).tokens for request in requests]
    together = [seeing.ask(**request) for request in requests]
    assert [seeing.answer(id).tokens for id in together] == alone


@needs_layer
def test_an_answer_goes_on_where_another_process_left_it(seeing: Runtime) -> None:
    whole = answer_to(seeing, RED)
    rest = answer_to(seeing, RED, resume=whole.tokens[:5])
    assert rest.tokens == whole.tokens[5:]


@needs_layer
def test_an_answer_to_a_picture_keeps_to_a_format(seeing: Runtime) -> None:
    schema = {"type": "object", "properties": {"red": {"type": "boolean"}}, "required": ["red"]}
    format = {"type": "json_schema", "schema": {**schema, "additionalProperties": False}}
    answer = answer_to(seeing, RED, format=format, maxTokens=60)
    assert set(json.loads(answer.text)) == {"red"}


@needs_layer
def test_pictures_leave_nothing_behind_that_another_picture_would_be_answered_from(seeing: Runtime) -> None:
    text = "The same text for both of them, and long enough to be kept for the next time"
    first = answer_to(seeing, RED, messages=asked(RED, text=text)["messages"])
    second = answer_to(seeing, BLUE, messages=asked(BLUE, text=text)["messages"])
    assert first.started is not None
    assert second.started is not None
    assert second.started["cachedTokens"] == 0
    assert first.tokens != second.tokens


@needs_layer
def test_text_for_a_model_that_sees_is_remembered_as_ever(seeing: Runtime) -> None:
    for _ in range(2):
        answer = answer_to(seeing, messages=[{"role": "user", "content": "Once upon a time there was " * 3}])
    assert answer.started is not None
    assert answer.started["cachedTokens"] > 0


HOSTILE = {
    "no base64": "data:image/png;base64,%%%%",
    "no picture": data_uri(b"this is no picture"),
    "nothing": data_uri(b""),
    "cut off": data_uri(png((1, 2, 3))[:-40]),
    "no pixels": data_uri(claims(0, 10)),
    "far too large": data_uri(claims(60_000, 60_000)),
    "larger than its data": data_uri(claims(4000, 4000)),
    "another format": data_uri(b"BM" + bytes(60)),
}


@needs_layer
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_refused_by_its_place(seeing: Runtime, name: str) -> None:
    messages = [{"role": "system", "content": "Be kind"}, *asked(RED, HOSTILE[name])["messages"]]
    error = seeing.run(messages=messages, maxTokens=4).error
    assert error is not None
    assert (error["code"], error["param"]) == ("INVALID_REQUEST", "messages[1].content")
    assert answer_to(seeing, RED).completion_tokens == 12


@needs_layer
def test_too_many_pictures_are_refused(seeing: Runtime) -> None:
    error = seeing.run(**asked(*[RED] * 65)).error
    assert error is not None
    assert "64 are allowed" in error["message"]


@needs_layer
def test_pictures_that_are_too_large_together_are_refused(seeing: Runtime) -> None:
    large = data_uri(png((9, 9, 9), 5000, 4000))
    error = seeing.run(**asked(large, large, large)).error
    assert error is not None
    assert "50,000,000 pixels in all" in error["message"]


@needs_layer
def test_nobody_writes_the_mark_of_a_picture_into_a_text(seeing: Runtime) -> None:
    error = seeing.run(**asked(RED, text="One more: <file_sep>")).error
    assert error is not None
    assert (error["code"], error["param"]) == ("INVALID_REQUEST", "messages")


def test_a_model_of_text_refuses_pictures() -> None:
    with Runtime(TINY) as runtime:
        error = runtime.run(**asked(RED)).error
        assert error is not None
        assert (error["code"], error["param"]) == ("INVALID_REQUEST", "messages[0].content")
        assert "takes no images" in error["message"]


def test_a_model_that_sees_makes_text_where_its_layer_is_missing_and_says_what_to_do_for_more() -> None:
    with Runtime(SEEING) as runtime:
        assert runtime.ready["images"] is False
        assert runtime.run(**asked()).completion_tokens == 12
        error = runtime.run(**asked(RED)).error
        assert error is not None
        assert (error["code"], error["param"]) == ("INVALID_REQUEST", "messages[0].content")
        assert "mlx-mesh vision install" in error["message"]


def test_a_model_that_nothing_but_its_missing_layer_knows_does_not_load(tmp_path: Path) -> None:
    runtime = Runtime(copy_with(SEEING, tmp_path, "config.json", model_type="idefics3"))
    assert "mlx-mesh vision install" in runtime.wait_for("fatal")["message"]
    assert runtime.exit_code() == 1


@needs_layer
def test_a_model_whose_eyes_do_not_work_makes_text_and_says_why_it_sees_nothing(tmp_path: Path) -> None:
    folder = copy_with(SEEING, tmp_path, "processor_config.json", num_additional_image_tokens=3)
    with Runtime(folder, "--vision-packages", str(LAYER)) as runtime:
        assert runtime.ready["images"] is False
        assert runtime.run(**asked()).completion_tokens == 12
        error = runtime.run(**asked(RED)).error
        assert error is not None
        assert "takes no images here, because its images cannot be read" in error["message"]


@needs_layer
def test_a_folder_that_names_code_of_its_own_is_refused(tmp_path: Path) -> None:
    folder = copy_with(SEEING, tmp_path, "config.json", model_file="code.py")
    (folder / "code.py").write_text("raise SystemExit('this was run')")
    runtime = Runtime(folder, "--vision-packages", str(LAYER))
    assert "a model folder is data" in runtime.wait_for("fatal")["message"]
