"""One self-contained HTML page: no network, no foreign fonts, readable without scripts.

Everything goes through Jinja's autoescape, and text that comes from outside also through
`wording.printable`, at the one place where values are put out. A content security policy
forbids the page to load anything and to run any script but its own.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

import jinja2
from markupsafe import Markup, escape

from coopbench.harness.ledger import Currency
from coopbench.reports import wording
from coopbench.reports.claims import Mark
from coopbench.reports.html import glossary
from coopbench.reports.html.view import arrange
from coopbench.reports.leaderboard import REFERENCE
from coopbench.reports.report import Report

_TEMPLATES = "templates"


def render_html(report: Report, links: Mapping[str, str] | None = None, programs: str = "") -> str:
    """Return the report as one HTML page; equal input gives equal bytes.

    Args:
        report: What it says.
        links: Address of the page of a trial's trajectory, relative to this one, by trial id.
        programs: Address of the page of the run's programs; empty for none.
    """
    return render_page(
        "page.html.j2", page=arrange(report, links), record=report.data.record, programs=programs
    )


def render_page(template: str, **values: object) -> str:
    """Fill in a whole page of ours, with style sheet, script and its digest."""
    style, script = _resource("style.css"), _resource("script.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    # The only texts that are not escaped: our own style sheet and script.
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            script_digest=digest,
            **values,
        )
    )


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    env.filters |= {
        "ratio": wording.ratio,
        "count_ratio": wording.count_ratio,
        "times": wording.times,
        "interval": wording.interval,
        "percent": wording.percent,
        "share": wording.share,
        "confidence": wording.confidence,
        "level": wording.level,
        "p": wording.p_value,
        "count": wording.count,
        "seconds": wording.seconds,
        "when": wording.when,
        "command": wording.command_line,
        "plural": wording.plural,
        "metric": wording.metric_name,
        "key": _sort_key,
        "money": wording.money,
        "quantity": wording.quantity,
        "level_name": wording.level_name,
        "caps": wording.caps,
        "cap": _cap,
        "block": _block,
    }
    env.globals |= {
        "NOTHING": wording.NOTHING,
        "REFERENCE": Markup('<span class="nb">{}</span>').format(REFERENCE),
        "MARKS": glossary.MARKS,
        "OUTCOMES": glossary.OUTCOMES,
        "TERMS": glossary.TERMS,
        "SEARCH_TERMS": glossary.SEARCH_TERMS,
        "HEADROOM_TERMS": glossary.HEADROOM_TERMS,
        "Mark": Mark,
        "dict": dict,
    }
    return env


def _resource(name: str) -> str:
    return resources.files(__package__).joinpath(_TEMPLATES, name).read_text("utf-8")


def _shown(value: object) -> object:
    """Make invisible characters visible in every text that is put out."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.printable(value)
    return value


def _block(text: str, limit: int | None = None) -> Markup:
    """Escape a text of several lines, keeping its lines and tabs."""
    return escape(wording.block(text, limit))


def _cap(value: int | None, currency: str) -> str:
    return "no limit" if value is None else wording.amount(Currency(currency), value)


def _sort_key(value: float | None) -> str:
    """Write a number for sorting by script; empty if there is none."""
    return "" if value is None else f"{value:.9g}"
