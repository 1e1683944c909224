"""A decision as one self-contained HTML page: no script, no font, nothing fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from groundtune.reports.charts import cost_chart, flip_chart
from groundtune.reports.decision_view import DecisionView
from groundtune.reports.report_templates import filled

if TYPE_CHECKING:
    from advisor.decision_json import DecisionJson


def html(decision: DecisionJson) -> str:
    """The whole decision as one page."""
    d = DecisionView.of(decision)
    costs = cost_chart({name: option["first_year_usd"] for name, option in d.costs.options.items()}, d.approach)
    flips = flip_chart(d.firmness.stretches, d.answers, d.approach)
    return filled("decision.html.j2", d=d, cost_chart=Markup(costs), flip_chart=Markup(flips))
