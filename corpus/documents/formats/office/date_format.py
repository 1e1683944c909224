"""Days and times as a sheet's number format shows them (ECMA-376 part 1, 18.8.31)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

_MONTHS = "January February March April May June July August September October November December"
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_LAST = 2_958_465
"""The serial number of the last day of the year 9999."""
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_HALVES = {"AM/PM": ("AM", "PM"), "A/P": ("A", "P")}


class Token(NamedTuple):
    """A piece of a format code: its ``kind`` and its text."""

    kind: str
    """``text``, ``digit``, ``sign`` (``. , % / @``), ``exponent``, ``date``, ``elapsed``, ``half`` (a.m.), ``general``."""
    text: str


def is_date(tokens: Sequence[Token]) -> bool:
    """Does a format show a day, a time or a span of time?"""
    return any(t.kind in ("date", "elapsed", "half") for t in tokens)


def formatted_date(serial: float, tokens: Sequence[Token], *, since_1904: bool = False) -> str | None:
    """Days since the epoch of the sheet as the format shows them; None where they are no day of the calendar."""
    if abs(serial) > _LAST + 1:
        return None
    places = _places(tokens)
    unit = 10**places
    ticks = round(round(serial * 86_400, 3) * unit) if places else int(round(serial * 86_400, 3))
    if any(t.kind == "elapsed" for t in tokens):
        return _elapsed(ticks, unit, tokens)
    days = ticks // (86_400 * unit)
    if not 0 <= days <= _LAST:
        return None
    epoch = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 31) if days < 60 else datetime(1899, 12, 30)
    try:
        moment = epoch + timedelta(microseconds=ticks * (1_000_000 // unit))
    except OverflowError:
        return None
    return _moment_text(moment, _kinds(tokens), places)


def _places(tokens: Sequence[Token]) -> int:
    """Digits shown behind the seconds."""
    behind = [t for n, t in enumerate(tokens) if t.kind == "digit" and any(p.text == "." for p in tokens[:n])]
    return min(3, len(behind))


def _kinds(tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Each piece with what it shows: ``m`` behind hours or before seconds is minutes."""
    dated = [(n, t.text[0]) for n, t in enumerate(tokens) if t.kind in ("date", "elapsed")]
    minutes = set()
    for at, (n, letter) in enumerate(dated):
        before = dated[at - 1][1] if at else ""
        after = dated[at + 1][1] if at + 1 < len(dated) else ""
        if letter == "m" and len(tokens[n].text) <= 2 and (before == "h" or after == "s"):
            minutes.add(n)
    kinds = ["minute" if n in minutes else t.text[0] if t.kind == "date" else t.kind for n, t in enumerate(tokens)]
    return [(kind, t.text) for kind, t in zip(kinds, tokens, strict=True)]


def _moment_text(moment: datetime, kinds: Sequence[tuple[str, str]], places: int) -> str:
    """In ISO form where year, month and day are numbers, else piece by piece. Midnight is left out behind such a day."""
    month_named = any(kind in ("m", "d") and len(code) > 2 for kind, code in kinds)
    if {"y", "m", "d"} <= {kind for kind, _ in kinds} and not month_named:
        timed = [k for k in kinds if k[0] in ("h", "minute", "s", "half")]
        if not timed or moment.time() == datetime.min.time():
            return moment.date().isoformat()
        first = kinds.index(timed[0])
        last = len(kinds) - 1 - kinds[::-1].index(timed[-1])
        digits = [n for n, k in enumerate(kinds) if k[0] == "digit"]
        return f"{moment.date().isoformat()} {_pieces(moment, kinds[first : max([last, *digits]) + 1], places)}"
    return " ".join(_pieces(moment, kinds, places).split())


def _pieces(moment: datetime, kinds: Sequence[tuple[str, str]], places: int) -> str:
    halves = next((_HALVES[code.upper()] for kind, code in kinds if kind == "half"), None)
    behind = iter(f"{moment.microsecond:06}"[:places])
    return "".join(_piece(moment, kind, code, halves) if kind != "digit" else next(behind, "") for kind, code in kinds)


def _piece(moment: datetime, kind: str, code: str, halves: tuple[str, str] | None) -> str:
    n = len(code)
    hour = (moment.hour % 12 or 12) if halves else moment.hour
    month, day = _MONTHS.split()[moment.month - 1], _DAYS[moment.weekday()]
    if kind in ("m", "d") and n > 2:
        name = month if kind == "m" else day
        return name if n == 4 else name[:1] if n == 5 else name[:3]
    if kind in ("y", "e"):
        return f"{moment.year:04}"
    if kind == "half":
        return halves[moment.hour >= 12] if halves else ""
    numbers = {"m": moment.month, "d": moment.day, "h": hour, "minute": moment.minute, "s": moment.second}
    if kind in numbers:
        return f"{numbers[kind]:0{min(n, 2)}}"
    return "" if kind in ("g", "b") else code


def _elapsed(ticks: int, unit: int, tokens: Sequence[Token]) -> str:
    """``36:00``: the unit in brackets counts on beyond its usual end."""
    span, text = abs(ticks), "-" if ticks < 0 else ""
    seconds = span // unit
    digits = iter(f"{span % unit:0{len(str(unit)) - 1}}" if unit > 1 else "")
    for kind, code in _kinds(tokens):
        if kind == "elapsed":
            text += f"{seconds // _SECONDS[code[0]]:0{len(code)}}"
            seconds %= _SECONDS[code[0]]
        elif kind in ("h", "minute", "m", "s"):
            size = _SECONDS["m" if kind == "minute" else kind]
            text += f"{seconds // size:0{min(len(code), 2)}}"
            seconds %= size
        else:
            text += next(digits, "") if kind == "digit" else "" if kind in ("g", "b", "half") else code
    return " ".join(text.split())
