"""Dates as files state them, in ISO form."""

from __future__ import annotations

import re
from datetime import date

_ISO = re.compile(r"\s*(?:D:)?(\d{4})[-/.:]?(\d{2})[-/.:]?(\d{2})(?!\d{3,5}(?!\d))")


def iso_date(value: object) -> str:
    """``2026-02-28`` of a date, a moment, ``D:20260228…`` (PDF) or a mail's date; empty where it is none."""
    if isinstance(value, date):  # a datetime is a date, too
        return f"{value.year:04}-{value.month:02}-{value.day:02}"
    text = str(value or "")[:100]
    match = _ISO.match(text)
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        from email.utils import parsedate_to_datetime

        return parsedate_to_datetime(text).date().isoformat() if text.strip() else ""
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def tags_of(value: object) -> tuple[str, ...]:
    """Keywords as a tuple, each once: a list, or text with commas or semicolons."""
    entries = value if isinstance(value, list | tuple) else re.split(r"[,;]", str(value or "")[:10_000])
    words = (" ".join(str(v).split())[:100] for v in entries if isinstance(v, str | int | float))
    return tuple(dict.fromkeys(w for w in words if w))
