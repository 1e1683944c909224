"""The report's two charts as inline SVG: first-year costs with their ranges, and the stretches on which the advice holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.decision_json import EstimateJson, StretchJson
    from advisor.questions import Answer

_COLOURS = {"prompt": "#64748b", "rag": "#0284c7", "finetune": "#7c3aed", "hybrid": "#0f766e", "defer": "#b45309"}
_WIDTH, _LEFT, _ROW = 760, 110, 40
_LABELS = {"expected_improvement_percent": "improvement, %"}
"""Of an answer that is not shown by its key."""


def cost_chart(first_year: Mapping[str, EstimateJson], chosen: str) -> str:
    """Bars to the middle estimate, a whisker from low to high, for each approach."""
    most = max(f["high"] for f in first_year.values()) or 1
    scale = (_WIDTH - _LEFT - 90) / most
    parts = []
    for n, (name, f) in enumerate(first_year.items()):
        y = 26 + n * _ROW
        colour, low, mid, high = _COLOURS[name], f["low"] * scale, f["mid"] * scale, f["high"] * scale
        weight = ' font-weight="700"' if name == chosen else ""
        parts.append(
            f'<text x="0" y="{y + 15}"{weight}>{escape(name)}</text>'
            f'<rect x="{_LEFT}" y="{y}" width="{mid:.1f}" height="22" rx="3" fill="{colour}"/>'
            f'<path d="M{_LEFT + low:.1f} {y + 11}H{_LEFT + high:.1f}M{_LEFT + low:.1f} {y + 5}v12'
            f'M{_LEFT + high:.1f} {y + 5}v12" stroke="currentColor" stroke-width="1.5" fill="none"/>'
            f'<text x="{_LEFT + high + 8:.1f}" y="{y + 15}">{f["mid"]:,.0f}</text>'
        )
    height = 30 + len(first_year) * _ROW
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="First-year cost of each approach">'
        f'<text x="0" y="14" class="dim">first year, US dollars: bar to the middle estimate, line from low to high</text>'
        f"{''.join(parts)}</svg>"
    )


def flip_chart(sweeps: Mapping[str, Sequence[StretchJson]], answers: Mapping[str, Answer], chosen: str) -> str:
    """For each number that decides: equal-width stretches with the approach on each, and where the answer lies."""
    parts = []
    room = _WIDTH - _LEFT - 20
    for n, (key, stretches) in enumerate(sweeps.items()):
        y, wide = 30 + n * (_ROW + 26), room / len(stretches)
        parts.append(f'<text x="0" y="{y + 17}">{escape(_LABELS.get(key, key))}</text>')
        here = _place(answers[key], [s["from"] for s in stretches])
        for i, s in enumerate(stretches):
            x = _LEFT + i * wide
            approach, solid = s["approach"], 1 if s["approach"] == chosen else 0.55
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide - 3:.1f}" height="26" rx="3" '
                f'fill="{_COLOURS[approach]}" fill-opacity="{solid}"/>'
                f'<text x="{x + wide / 2:.1f}" y="{y + 18}" text-anchor="middle" style="fill:#fff">{approach}</text>'
                f'<text x="{x:.1f}" y="{y + 42}" class="dim">{_edge(i, s["from"])}</text>'
            )
            if here == i:
                middle = x + wide / 2
                parts.append(
                    f'<path d="M{middle:.1f} {y - 1}l-6 -9h12z" fill="currentColor"/>'
                    f'<text x="{middle + 10:.1f}" y="{y - 4}">yours: {answers[key]:,g}</text>'
                )
    height = 24 + len(sweeps) * (_ROW + 26)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Where the advice would flip">'
        f'<text x="0" y="12" class="dim">the advice on each stretch, everything else as answered</text>{"".join(parts)}</svg>'
    )


def _place(value: Answer, starts: Sequence[float]) -> int | None:
    """On which stretch a number lies. None where the answer is not known."""
    if isinstance(value, str):
        return None
    return max(i for i, at in enumerate(starts) if value >= at)


def _edge(n: int, start: float) -> str:
    if n == 0:
        return "0"
    return f"above {start:.0f}" if start != int(start) else f"from {start:,.0f}"
