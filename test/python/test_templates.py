from __future__ import annotations

from pathlib import Path

from models import changed_copy, with_settings
from runtime import Runtime


def test_what_the_chat_template_refuses_is_a_bad_request(tmp_path: Path) -> None:
    folder = changed_copy(tmp_path, "chat_template.jinja", "{{ raise_exception('roles must alternate') }}")
    with Runtime(folder) as runtime:
        error = runtime.run(messages=[{"role": "user", "content": "Hello"}]).error
        assert error is not None
        assert (error["code"], error["param"]) == ("INVALID_REQUEST", "messages")
        assert "roles must alternate" in error["message"]
        assert runtime.run(prompt="Hello", maxTokens=1).finish == "length"


def test_a_model_without_a_chat_template_says_so(tmp_path: Path) -> None:
    folder = with_settings(tmp_path, "tokenizer_config.json", chat_template=None)
    (folder / "chat_template.jinja").unlink()
    with Runtime(folder) as runtime:
        error = runtime.run(messages=[{"role": "user", "content": "Hello"}]).error
        assert error is not None
        assert "no chat template" in error["message"]


def test_every_token_that_ends_a_text_comes_from_the_models_generation_config(tmp_path: Path) -> None:
    with Runtime(changed_copy(tmp_path, "generation_config.json", '{"eos_token_id": [2, 100]}')) as runtime:
        answer = runtime.run(prompt="Hello", maxTokens=9, logitBias={"100": 100})
        assert (answer.finish, answer.text, answer.tokens) == ("stop", "", [])
