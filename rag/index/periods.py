"""Days and quarters of a year in one form, however they are written: ``Q3 2023``, ``2023Q3``, ``third quarter of 2023``.

Of English and of the short forms that are the same everywhere. ``9/30/2023`` is left out, for it may be meant the other way
round, and so is a quarter without its year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d\d"
_FISCAL = r"(?:fiscal[\s_-](?:year[\s_-])?|calendar\s|fy[\s_-]?|cy[\s_-]?)"
_OF_YEAR = rf"(?:(?:of|for|in)\s)?(?:the\s)?{_FISCAL}?['’]?(?P<year>{_YEAR}|\d\d)"
_END = r"(?![\da-z])"
_FORMS = tuple(
    re.compile(f"(?i){form}")
    for form in (
        rf"(?<![a-z\d])q(?P<quarter>[1-4])[\s_,-]*{_OF_YEAR}{_END}",
        rf"(?<![a-z\d.])(?P<quarter>[1-4])q[\s_-]*{_OF_YEAR}{_END}",
        rf"(?<!\d)(?:fy[\s_-]?)?(?P<year>{_YEAR})[\s_-]*q(?P<quarter>[1-4]){_END}",
        rf"\b(?P<nth>{'|'.join(_NTH)})[\s-](?:fiscal\s)?quarter,?\s{_OF_YEAR}{_END}",
        rf"\b(?P<month>{_MONTH})\s(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s(?P<year>{_YEAR}){_END}",
        rf"(?<![\d.])(?P<day>\d\d?)(?:st|nd|rd|th|\.)?\s(?:of\s)?(?P<month>{_MONTH}),?\s(?P<year>{_YEAR}){_END}",
        rf"(?<!\d)(?P<year>{_YEAR})(?P<mark>[-_.]?)(?P<number>0[1-9]|1[0-2])(?P=mark)(?P<day>0[1-9]|[12]\d|3[01])(?!\d)",
        rf"(?<![a-z])(?:fy[\s_-]?|fiscal[\s_-](?:year[\s_-])?)['’]?(?P<year>{_YEAR}|\d\d){_END}",
    )
)
_MAY_HOLD_ONE = re.compile(r"\d\d")


@dataclass(frozen=True)
class Period:
    """Where a day, a quarter or a fiscal year stands in a text, and which it is."""

    start: int
    end: int
    year: int
    quarter: int | None = None
    """From 1."""
    month: int | None = None
    day: int | None = None

    @property
    def name(self) -> str:
        """``2023-q3``, ``2023-09-30`` or ``2023``."""
        if self.month is not None:
            return f"{self.year}-{self.month:02}-{self.day:02}"
        return f"{self.year}-q{self.quarter}" if self.quarter else str(self.year)

    @property
    def closes(self) -> str:
        """The calendar quarter that ends with this day, give or take a week: ``2023-q3``; empty for all else.

        >>> next(periods("for the period ended September 30, 2023")).closes
        '2023-q3'
        """
        if self.month is None or self.day is None:
            return ""
        late, early = self.day >= _LATE and self.month % 3 == 0, self.day <= _EARLY and self.month % 3 == 1
        months = 12 * self.year + self.month - (1 if late else 2)
        return f"{months // 12}-q{months % 12 // 3 + 1}" if late or early else ""


_LATE, _EARLY = 24, 7


def periods(text: str) -> Iterator[Period]:
    """The periods of a text in their order; of two that overlap the one that begins first, or is longer.

    >>> [p.name for p in periods("2023Q3, 3Q23, the third quarter of fiscal 2023, FY24")]
    ['2023-q3', '2023-q3', '2023-q3', '2024']
    """
    if not _MAY_HOLD_ONE.search(text):
        return
    candidates = [p for form in _FORMS for m in form.finditer(text) if (p := _period(m))]
    at = 0
    for period in sorted(candidates, key=lambda p: (p.start, -p.end)):
        if period.start >= at:
            yield period
            at = period.end


def _period(match: re.Match[str]) -> Period | None:
    parts = match.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    start, end = match.span()
    if parts.get("quarter") or parts.get("nth"):
        return Period(start, end, year, int(parts.get("quarter") or _NTH[parts["nth"].lower()]))
    if parts.get("day"):
        day = int(parts["day"])
        month = int(parts["number"]) if parts.get("number") else _MONTHS.index(parts["month"][:3].lower()) + 1
        return Period(start, end, year, None, month, day) if 1 <= day <= 31 else None
    return Period(start, end, year)
