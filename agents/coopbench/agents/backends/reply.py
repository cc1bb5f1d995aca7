"""An answer as JSON, as programs and people give it; every field is checked.

An object with `text`, and if wanted `stop` (`end`, `length`, `refusal`, `context`), `usage`
(`input_tokens`, `output_tokens`, …: see `model.Usage`), `model` and `detail`.
"""

import json
from collections.abc import Mapping
from typing import Self

from pydantic import Field, ValidationError, model_validator

from coopbench.agents.backends.model import Answer, Provenance, StopReason, Usage
from coopbench.harness.base import Frozen

MAX_BYTES = 1 << 20
"""Longest answer that is read."""
MOST_TOKENS = 10**9
"""More than any model can take or give; a larger count is nonsense and would spend any budget."""


class Reply(Frozen):
    """What a program or a person answered."""

    text: str
    stop: StopReason = "end"
    usage: Usage | None = None
    model: str = Field(default="", max_length=200)
    detail: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _usage_is_possible(self) -> Self:
        if self.usage is not None and self.usage.total > MOST_TOKENS:
            raise ValueError(f"usage: more than {MOST_TOKENS} tokens")
        return self

    @model_validator(mode="after")
    def _has_utf8_form(self) -> Self:
        # JSON can write half a character (`"\\ud800"`), which nothing can store or send on.
        for text in (self.text, self.model, self.detail):
            try:
                text.encode("utf-8")
            except UnicodeEncodeError:
                raise ValueError("half a character (a lone surrogate) in the text") from None
        return self

    def answer(self, provenance: Provenance, model: str = "") -> Answer:
        """Return the answer.

        Args:
            provenance: Where it came from.
            model: Its model, if the reply does not name one.
        """
        return Answer(
            text=self.text,
            stop=self.stop,
            usage=self.usage,
            model=self.model or model,
            provenance=provenance,
            detail=self.detail,
        )


def parse_object(data: bytes) -> dict[str, object] | str:
    """Return a JSON object, or in one line why it is none."""
    try:
        found = json.loads(data.decode("utf-8"))
    except UnicodeDecodeError as e:
        return f"not UTF-8 at byte {e.start}"
    except (ValueError, RecursionError) as e:
        return f"not JSON: {e}"
    return found if isinstance(found, dict) else "not a JSON object"


def parse_reply(fields: Mapping[str, object]) -> Reply | str:
    """Return a reply, or in one line what is wrong with it."""
    try:
        return Reply.model_validate(fields, strict=True)
    except ValidationError as e:
        first = e.errors()[0]
        place = ".".join(str(p) for p in first["loc"]) or "answer"
        return f"{place}: {first['msg'].removeprefix('Value error, ')}"
