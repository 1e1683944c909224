"""A decision as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groundtune.reports.decision_view import DecisionView
from groundtune.reports.report_templates import filled

if TYPE_CHECKING:
    from advisor.decision_json import DecisionJson


def markdown(decision: DecisionJson) -> str:
    """The whole decision as one Markdown document."""
    return filled("decision.md.j2", d=DecisionView.of(decision)).rstrip() + "\n"
