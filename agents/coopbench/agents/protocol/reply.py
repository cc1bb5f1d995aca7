"""Reads a model's answer: one fenced artefact and one small JSON block, or what is wrong with it."""

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from coopbench.agents.backends.model import Answer
from coopbench.agents.protocol.blocks import Block, split
from coopbench.agents.protocol.malformed import Malformation, Malformed
from coopbench.agents.protocol.placeholder import copied_value
from coopbench.agents.protocol.strict_json import bare_objects, read_object
from coopbench.agents.protocol.text import LONGEST_ANSWER, shortened, tidy

Language = Literal["c", "llvm", "asm"]

_NAMES: dict[str, frozenset[str]] = {
    "c": frozenset({"c", "h", "c89", "c99", "c11", "c17", "c23", "gnu17", "cpp", "c++", "cc"}),
    "llvm": frozenset({"llvm", "llvm-ir", "llvmir", "ll", "ir"}),
    "asm": frozenset(
        {"asm", "s", "assembly", "assembler", "gas", "att", "nasm", "masm", "x86", "x86asm"}
        | {"x86-64", "x86_64", "amd64", "arm", "arm64", "armasm", "aarch64"}
    ),
}
_JSON = frozenset({"json", "jsonc", "json5"})
_CALLED = {"c": "C", "llvm": "LLVM IR", "asm": "assembly"}


@dataclass(frozen=True)
class Reply:
    """An answer that keeps to the format."""

    code: str | None
    """The fenced artefact; None if none was needed and none was there."""
    data: dict[str, JsonValue]
    """The JSON block."""
    prose: str
    """What else it says."""


def read_reply(
    answer: Answer, language: Language | None, *, code_required: bool = True
) -> Reply | Malformation:
    """Read an answer; whatever its text is, this returns.

    Args:
        answer: What the model said.
        language: Language of the artefact; None if the JSON block is all that is asked for.
        code_required: Whether an answer without the artefact is malformed.
    """
    if stopped := _stopped(answer):
        return stopped
    text = tidy(answer.text)
    if len(text) > LONGEST_ANSWER:
        return Malformation(
            Malformed.TRUNCATED,
            f"The answer has {len(text)} characters; more than {LONGEST_ANSWER} are not read.",
        )
    blocks, prose = split(_without_thoughts(text))
    code = None if language is None else _code(blocks, language, required=code_required)
    if isinstance(code, Malformation):
        return code
    data = _data(blocks, prose)
    if isinstance(data, Malformation):
        return data
    if (key := copied_value(data)) is not None:
        return Malformation(
            Malformed.PLACEHOLDER,
            f'The value of "{key[:40]}" is the description of what should stand there; '
            "write the value itself.",
        )
    return Reply(code, data, prose)


def _stopped(answer: Answer) -> Malformation | None:
    said = f" ({shortened(answer.detail, 200)})" if answer.detail.strip() else ""
    match answer.stop:
        case "refusal":
            text = f"The model declined to answer{said}; the task is to speed up a given function."
            return Malformation(Malformed.REFUSAL, text)
        case "context":
            text = f"The context window is full{said}; a shorter conversation is needed."
            return Malformation(Malformed.CONTEXT, text)
        case "length":
            text = f"The answer was cut off at the limit of its length{said}; answer more briefly."
            return Malformation(Malformed.TRUNCATED, text)
        case _:
            return None


def _without_thoughts(text: str) -> str:
    """Drop reasoning that some local models put before the answer."""
    start = text.lstrip()
    if not start.startswith("<think>"):
        return text
    _, end, rest = start.partition("</think>")
    return rest if end else text


def _code(
    blocks: tuple[Block, ...], language: Language, *, required: bool
) -> str | Malformation | None:
    """Return the one artefact, None if there is none and none is required."""
    found = [b for b in blocks if b.language in _NAMES[language]]
    found = found or [b for b in blocks if not b.language and not _like_json(b)]
    found = [b for b in found if b.text.strip()]
    if any(not b.closed for b in found):
        return Malformation(
            Malformed.TRUNCATED,
            "The fence around the code is not closed; end it with a line of its own: ```.",
        )
    texts = list(dict.fromkeys(b.text for b in found))
    if len(texts) > 1:
        return Malformation(
            Malformed.TWO_CANDIDATES,
            f"There are {len(texts)} blocks of code; answer with one, which holds everything.",
        )
    if texts:
        return texts[0]
    return _no_code(blocks, language) if required else None


def _no_code(blocks: tuple[Block, ...], language: Language) -> Malformation:
    want = f"one block that starts with ```{language} and holds the whole function"
    others = [b.language for b in blocks if b.text.strip() and b.language not in _JSON]
    others = [name for name in others if name]
    if others:
        return Malformation(
            Malformed.WRONG_LANGUAGE,
            f"The block is marked {shortened(others[0], 20)!r}, not {_CALLED[language]}; "
            f"answer with {want}.",
        )
    return Malformation(Malformed.NO_CODE, f"There is no fenced code; answer with {want}.")


def _like_json(block: Block) -> bool:
    return block.language in _JSON or (
        not block.language and block.text.lstrip().startswith(("{", "["))
    )


def _data(blocks: tuple[Block, ...], prose: str) -> dict[str, JsonValue] | Malformation:
    """Return the JSON object: of a fenced block, or bare in the prose if no block has one."""
    fenced = [b for b in blocks if _like_json(b)]
    found = [read_object(b.text) for b in fenced] or list(bare_objects(prose))
    objects = [o for o in found if not isinstance(o, str)]
    problems = [o for o in found if isinstance(o, str)]
    if len(objects) > 1 and any(o != objects[0] for o in objects):
        return Malformation(
            Malformed.TWO_CANDIDATES,
            f"There are {len(objects)} different JSON objects; answer with one.",
        )
    if objects and not (fenced and problems):
        return objects[0]
    if fenced and not fenced[-1].closed and problems:
        text = "The fence around the JSON is not closed and the JSON not complete."
        return Malformation(Malformed.TRUNCATED, text)
    if problems:
        return Malformation(
            Malformed.INVALID_JSON,
            f"The JSON block cannot be read: {problems[0]}. Write one plain JSON object.",
        )
    return Malformation(
        Malformed.NO_JSON, "There is no JSON block; end with one that starts with ```json."
    )
