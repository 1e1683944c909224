"""Numbers as they stand in a text, each written in one way: ``1,000 %`` and ``1000%`` alike.

What tells two numbers apart stays: the sign, the decimal point, the colon of a time or a ratio, the slash, the unit behind.
"""

from __future__ import annotations

import re
import unicodedata

_UNITS = {"%": "%", "‰": "‰", "percent": "%", "per cent": "%", "pct": "%", "$": "$", "usd": "$", "dollar": "$"}
_UNITS |= {"dollars": "$", "€": "€", "euro": "€", "euros": "€", "eur": "€", "£": "£", "gbp": "£", "¥": "¥", "yen": "¥"}
_MEASURES = (
    "mm cm dm m km mm2 cm2 m2 km2 mm3 cm3 m3 ha mg g kg t ml cl dl l ms s min h am pm hz khz mhz ghz w kw kwh v kv mah "
    "kb mb gb tb"
)
_UNITS |= {unit: unit for unit in _MEASURES.split()}
"""How a unit may be written behind a number, and how it is written here."""
_NAMED = "|".join(sorted((u for u in _UNITS if u[0].isalpha()), key=len, reverse=True))
_NUMBER = re.compile(r"\d+(?:[.,:/'’]\d+| \d{3}(?!\d))*")
_BEHIND = re.compile(rf" ?((?<=\d)\+(?!\w)|[%‰]|[€$£¥](?! ?\d)|°(?: ?[cfk](?!\w))?|(?:{_NAMED})(?!\w))")
_BEFORE = re.compile(
    r"(?P<bound>[<>≤≥±] ?)?(?P<sign>(?<![\w.,:/%)\]])(?<!\d )[-−–]|(?<!\w)minus )?"
    r"(?P<money>(?:(?<!\w)us)?[€$£¥] ?|(?<!\w)(?:eur|usd|gbp) )?(?P<inner>(?<=[€$£¥])[-−–])?(?P<point>(?<![\w.])\.)?\Z"
)
_LONGEST_BEFORE = 12
_MAY_LEAD = frozenset("-−–.<>≤≥±€$£¥rdps")
"""The last characters of what ``_BEFORE`` finds: looked at first, since few numbers have any of it."""
_SPACED = re.compile(r"[1-9]\d{0,2}(?: \d{3})+(?:[.,]\d+)?")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{2,3})*,\d{3}(?:\.\d+)?|(?:['’]\d{3})+(?:[.,]\d+)?)")
_GROUPED_BY_POINTS = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3}){2,}(?:,\d+)?|\.\d{3},\d+)")
_IDENTIFIER = re.compile(r"0\d\d+")
_KEPT = dict(zip(".:/-%$<>+", "\x01\x02\x03\x04\x05\x06\x07\x08\x0e", strict=True))
_KEEP = str.maketrans(_KEPT)
KEPT = {inner: outer for outer, inner in _KEPT.items()}
"""What stands for a sign or separator that belongs to a number, until punctuation has been removed."""


def numbers_alike(text: str) -> str:
    """``text`` (NFKC, lower case) with its numbers in one form, apart from the words, their marks as ``KEPT`` says.

    A comma or point before the last three digits is read as English has it: ``1,500`` is 1500, ``1.500`` is 1.5. A number that
    belongs to a word (``v1.5``, ``4x4``) stays as it is.
    """
    pieces: list[str] = []
    at = 0
    for match in _NUMBER.finditer(text):
        begin, end = match.span()
        if begin < at:  # the last character of a unit: 5 m2
            continue
        unit = _BEHIND.match(text, end)
        if text[at:begin][-1:].isalpha() or (unit is None and text[end : end + 1].isalpha()):
            pieces += [text[at:begin], match[0].translate(_KEEP)]
            at = end
            continue
        start, lead = begin, None
        if text[max(0, begin - 2) : begin].rstrip(" ")[-1:] in _MAY_LEAD:
            lead = _BEFORE.search(text, max(at, begin - _LONGEST_BEFORE), begin)
            start = lead.start() if lead else begin
        pieces += [text[at:start], _standard_form(match[0], lead, unit[1] if unit else "")]
        at = unit.end() if unit else end
    pieces.append(text[at:])
    return "".join(pieces)


def _standard_form(number: str, lead: re.Match[str] | None, unit: str) -> str:
    if not number.isascii():
        number = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in number)
    behind = _UNITS.get(unit, unit.replace(" ", ""))
    if lead is None:
        parts = [canonical(number), behind]
    else:
        value = canonical(f"0.{number}" if lead["point"] and number.isdecimal() else number)
        signed = (lead["sign"] or lead["inner"]) and value.strip("0.:/ ")
        money = (lead["money"] or "").strip()
        bound = (lead["bound"] or "").strip()
        parts = [bound, f"-{value}" if signed else value, behind, _UNITS.get(money, money[-1:])]
    return f" {' '.join(filter(None, parts))} ".translate(_KEEP)


def canonical(number: str) -> str:
    """A number without groups of thousands, idle zeros and a decimal comma; the parts of a time, ratio or date likewise.

    >>> canonical("1,000.50"), canonical("09:05"), canonical("1.000.000"), canonical("4.2.1"), canonical("00427")
    ('1000.5', '9:05', '1000000', '4.2.1', '00427')
    """
    if number.isdecimal():
        return _plain(number)
    if ":" in number:
        first, *others = number.split(":")
        return ":".join([canonical(first), *others])
    if "/" in number:
        return "/".join(map(canonical, number.split("/")))
    if " " in number:
        return _plain(number.replace(" ", "").replace(",", ".")) if _SPACED.fullmatch(number) else _each(number, " ")
    if _GROUPED.fullmatch(number):
        return _plain(re.sub(r"[,'’](?=\d{3})|,(?=\d\d,)", "", number).replace(",", "."))
    if _GROUPED_BY_POINTS.fullmatch(number):
        return _plain(number.replace(".", "").replace(",", "."))
    if number.count(",") + number.count(".") <= 1:
        return _plain(number.replace(",", "."))
    return _each(number, ",") if "," in number else number


def _each(numbers: str, separator: str) -> str:
    return " ".join(map(canonical, numbers.split(separator)))


def _plain(number: str) -> str:
    whole, point, part = number.partition(".")
    if not point and _IDENTIFIER.fullmatch(whole):
        return whole
    whole, part = whole.lstrip("0") or "0", part.rstrip("0")
    return f"{whole}.{part}" if part else whole
