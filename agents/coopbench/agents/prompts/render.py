"""Renders the prompt templates that lie beside this file.

A template is named by its stem: `c` is `c.md.j2`. Undefined names fail, so that a prompt never
goes out with a hole in it. A template's hash covers what it includes, so a changed part shows in
every prompt that has it.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

from coopbench.agents.backends.volatile import clean, volatile

if TYPE_CHECKING:
    import jinja2

SUFFIX = ".md.j2"


@dataclass(frozen=True)
class Rendered:
    """A prompt, and which template it was made from."""

    text: str
    template: str
    """Its stem."""
    sha256: str
    """Of the template and all that it includes, not of the text."""


def render(template: str, **values: object) -> Rendered:
    """Fill in a template.

    Filters beside Jinja's own: `fenced(language)` puts foreign text into a fence that it cannot
    leave, `volatile(kind)` marks what differs between machines (see `backends.volatile`).

    Args:
        template: Its stem; the file name does as well.
        values: What it names; a name without a value is an error.

    Raises:
        jinja2.UndefinedError: if the template names a value that was not given.
        jinja2.TemplateNotFound: if there is no such template.
    """
    name = template.removesuffix(SUFFIX)
    text = _environment().get_template(name + SUFFIX).render(values)
    return Rendered(text.strip(), name, _digest(name))


@lru_cache(maxsize=1)
def templates() -> dict[str, str]:
    """Return the hash of every template by its stem, in alphabetical order."""
    here = resources.files(__package__).iterdir()
    stems = sorted(f.name.removesuffix(SUFFIX) for f in here if f.name.endswith(SUFFIX))
    return {stem: _digest(stem) for stem in stems}


@lru_cache(maxsize=1)
def _environment() -> "jinja2.Environment":
    import jinja2

    from coopbench.agents.protocol.fence import fenced

    environment = jinja2.Environment(  # noqa: S701 - the output is Markdown for a model, not HTML
        loader=jinja2.FunctionLoader(_source),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["fenced"] = lambda text, language: fenced(language, clean(str(text)))
    environment.filters["volatile"] = lambda text, kind: volatile(kind, text)
    return environment


def _source(name: str) -> str | None:
    file = resources.files(__package__).joinpath(name)
    return file.read_text("utf-8") if file.is_file() else None


@lru_cache(maxsize=64)
def _digest(stem: str) -> str:
    """Hash a template and, in the order of their names, those that it includes."""
    found = {stem + SUFFIX: ""}
    todo = [stem + SUFFIX]
    while todo:
        name = todo.pop()
        found[name] = _source(name) or ""
        new = _included(found[name]) - found.keys()
        found |= dict.fromkeys(new, "")
        todo += new
    joined = "\0".join(f"{name}\0{found[name]}" for name in sorted(found))
    return hashlib.sha256(joined.encode()).hexdigest()


def _included(source: str) -> set[str]:
    from jinja2 import meta

    tree = _environment().parse(source)
    return {name for name in meta.find_referenced_templates(tree) if name is not None}
