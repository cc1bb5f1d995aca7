"""docs/schema.md says what the program reads and writes."""

import json
import re
from pathlib import Path

import pytest

from coopbench.harness.schema import FORMATS, FileFormat, render_schema
from coopbench.harness.store_database import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"


def test_page_is_up_to_date() -> None:
    """The page in the repository is the one the types of today give."""
    assert PAGE.read_text("utf-8") == render_schema(), (
        "regenerate it: python -m coopbench.harness.schema > docs/schema.md"
    )


@pytest.mark.parametrize("form", FORMATS, ids=lambda f: f.model.__name__)
def test_each_format_has_a_valid_block(form: FileFormat) -> None:
    """Each section holds the format's whole JSON Schema and a row for each field."""
    section = render_schema().split(f"## {form.title}\n")[1].split("\n## ")[0]
    (block,) = re.findall(r"```json\n(.*?)\n```", section, re.DOTALL)
    schema = json.loads(block)
    assert set(schema["properties"]) == set(form.model.model_fields)
    assert schema["additionalProperties"] is False
    for name in form.model.model_fields:
        assert f"\n| `{name}` | " in section


def test_field_docs_reach_the_page() -> None:
    """The sentence under a field in the code is the sentence on the page."""
    assert "Candidate id; its JSON is in the blob store" in render_schema()


def test_store_tables_are_shown() -> None:
    """The page shows the very statements that make the store."""
    assert TABLES in render_schema()
