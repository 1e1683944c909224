"""The templates of the reports, and how they are filled. Imports Jinja2, so it is imported only where a report is written."""

from __future__ import annotations

from functools import cache
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from groundtune.reports.cost_view import span

TEMPLATES = Path(__file__).with_name("templates")


def filled(name: str, **values: object) -> str:
    """The template of this name with ``values`` in it. In HTML everything is escaped but ``Markup``."""
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name and ".html" in name),
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["span"] = span
    return environment


@pass_eval_context
def _escaped(context: EvalContext, value: object) -> object:
    """Quotes as the standard library escapes them; Jinja2 would write other entities for the same."""
    return Markup(escape(str(value))) if context.autoescape and not hasattr(value, "__html__") else value
