"""A strict reader of the report's page: balanced tags, unique ids, no way out of the file."""

from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "wbr", "base", "source", "track"})
_REFERENCES = frozenset(
    {"href", "src", "xlink:href", "action", "data", "poster", "srcset", "background", "formaction"}
)


@dataclass
class PageFacts:
    """What was seen while reading."""

    tags: dict[str, int] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    """Attributes that would run a script."""
    scripts: list[str] = field(default_factory=list)
    metas: list[dict[str, str]] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.facts = PageFacts()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._see(tag, attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._see(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.facts.scripts.append(data)
        elif not self.open or self.open[-1] != "style":
            self.facts.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"the page has a comment: {data[:40]!r}")

    def _see(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice: {names}"
        self.facts.tags[tag] = self.facts.tags.get(tag, 0) + 1
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.facts.metas.append(values)
        for name, value in values.items():
            if name == "id":
                self.facts.ids.append(value)
            if name in _REFERENCES:
                self.facts.references.append(value)
            if name.startswith("on") or (name == "style" and "url" in value):
                self.facts.handlers.append(f"{name}={value}")


def read_page(page: str) -> PageFacts:
    """Read a whole page; AssertionError if its tags do not balance."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open, f"left open: {reader.open}"
    return reader.facts


def assert_self_contained(page: str, beside: Collection[str] = ()) -> PageFacts:
    """Read a page and check that it loads nothing, runs one script, and links only inside.

    Args:
        page: The whole page.
        beside: Relative addresses of the pages that it may lead to.
    """
    facts = read_page(page)
    assert len(facts.ids) == len(set(facts.ids))
    assert not facts.handlers
    assert len(facts.scripts) == 1
    assert not {"link", "img", "iframe", "object", "embed", "form", "base", "image"} & set(
        facts.tags
    )
    for reference in facts.references:
        if reference in beside:
            continue
        assert reference.startswith("#"), reference
        assert reference[1:] in facts.ids, reference
    return facts
