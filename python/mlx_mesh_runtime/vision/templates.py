"""The chat template of a model that sees: a message with images is a list of parts to it."""

from __future__ import annotations

from typing import Any

from ..facade import Tokenizer

_PROBE = "is-this-text-shown"


class PartsTemplates:
    """In place of the tokenizer, for rendering. `images` of a message is how many it has; they come before
    its text."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self.has_chat_template = tokenizer.has_chat_template
        self._takes_text = self.has_chat_template and self._shows_text()

    def apply_chat_template(
        self, messages: list[dict[str, Any]], *, add_generation_prompt: bool, tokenize: bool, **options: Any
    ) -> Any:
        return self._tokenizer.apply_chat_template(
            [self._in_parts(message) for message in messages],
            add_generation_prompt=add_generation_prompt,
            tokenize=tokenize,
            **options,
        )

    def _in_parts(self, message: dict[str, Any]) -> dict[str, Any]:
        images = message.get("images", 0)
        if not images and self._takes_text:
            return message
        rest = {name: value for name, value in message.items() if name != "images"}
        text = [{"type": "text", "text": message["content"]}] if message["content"] else []
        return {**rest, "content": [*({"type": "image"} for _ in range(images)), *text]}

    def _shows_text(self) -> bool:
        """Some templates know contents in parts only, and pass over text without a word."""
        try:
            shown = self._tokenizer.apply_chat_template(
                [{"role": "user", "content": _PROBE}], add_generation_prompt=True, tokenize=False
            )
        except Exception:  # a template is a program of the model's author and may raise anything
            return False
        return _PROBE in str(shown)
