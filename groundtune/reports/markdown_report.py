"""A decision as Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from groundtune.reports.decision_view import DecisionView
from groundtune.reports.report_templates import filled


def markdown(decision: Mapping[str, object]) -> str:
    """The whole decision as one Markdown document."""
    return filled("decision.md.j2", d=DecisionView.of(decision)).rstrip() + "\n"
