"""Numbers as a sheet shows them, by their number format (ECMA-376 part 1, 18.8.31).

Separators are English, as the format codes themselves are. Days with the month as a number are written in ISO form,
whatever their order: ``03.04.2026`` and ``04/03/2026`` are the same day only to who knows the country.
"""

from __future__ import annotations

import re
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from corpus.documents.formats.office.date_format import Token, formatted_date, is_date

_TOKEN = re.compile(
    r'"([^"]*)"?|\\(.)|_(.)|\*(.)|\[([^\]]*)\]|(General)|(AM/PM|A/P)|([Ee][+-])|(y+|m+|d+|h+|s+|e+|g+|b+)|(.)',
    re.IGNORECASE | re.DOTALL,
)
_LIMIT = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[\d.]+(?:E[+-]?\d+)?)", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_LONGEST = 255
"""Characters of a format code that are looked at; spreadsheets allow no more."""
_EXACT = Context(prec=1000)
_TEXT = Token("sign", "@")
"""Where a format puts text."""


class _Section(NamedTuple):
    tokens: tuple[Token, ...]
    limit: tuple[str, Decimal] | None


def general(value: float) -> str:
    """A number that has no format: whole ones without ``.0``, amounts without an exponent.

    >>> general(12345678901.0), general(0.1 + 0.2)
    ('12345678901', '0.3')
    """
    exact = f"{value:.15g}"
    return format(Decimal(exact), "f") if value == 0 or 1e-9 < abs(value) < 1e21 else exact


def formatted(value: float, code: str, *, since_1904: bool = False) -> str:
    """The number as the format ``code`` shows it; empty where the format shows nothing.

    >>> formatted(0.075, "0.0%"), formatted(427, "00000"), formatted(1.5, "[h]:mm"), formatted(-0.4, '0.0" m";-0.0" m"')
    ('7.5%', '00427', '36:00', '-0.4 m')
    """
    sections = _sections(code[:_LONGEST])
    exact = Decimal(f"{value:.15g}")
    if not exact.is_finite():
        return str(value)
    section, signed = _chosen(sections, exact)
    if not section.tokens:
        return "-" if signed and len(sections) == 1 else ""
    kinds = {t.kind for t in section.tokens}
    if is_date(section.tokens):
        dated = formatted_date(value, section.tokens, since_1904=since_1904)
        return general(value) if dated is None else dated
    size = abs(exact)
    sign = "-" if signed and exact < 0 else ""
    if "general" in kinds or _TEXT in section.tokens:
        values = [t for t in section.tokens if t.kind in ("text", "general") or t == _TEXT]
        return sign + "".join(t.text if t.kind == "text" else general(float(size)) for t in values)
    return " ".join((sign + _number(size, section.tokens)).split())


def formatted_text(text: str, code: str) -> str:
    """Text as the format shows it: ``"No. "@`` puts words before it.

    >>> formatted_text("7", '"No. "@')
    'No. 7'
    """
    if "@" not in code and code.count(";") < 3:
        return text
    sections = _sections(code[:_LONGEST])
    tokens = sections[3].tokens if len(sections) > 3 else sections[-1].tokens
    if len(sections) <= 3 and _TEXT not in tokens:
        return text
    return "".join(text if t == _TEXT else t.text for t in tokens if t.kind in ("text", "sign"))


def _chosen(sections: tuple[_Section, ...], value: Decimal) -> tuple[_Section, bool]:
    """The section for a value, and whether it leaves a minus to be put before it."""
    numeric = sections[:3]
    if any(s.limit for s in numeric):
        for section in numeric:
            if section.limit is None or _within(value, *section.limit):
                return section, value < 0 and not (section.limit and section.limit[0] in ("<", "<="))
        return numeric[-1], value < 0
    if len(numeric) > 1 and value < 0:
        return numeric[1], False
    if len(numeric) > 2 and value == 0:
        return numeric[2], False
    return numeric[0], value < 0


def _within(value: Decimal, sign: str, limit: Decimal) -> bool:
    less, same = value < limit, value == limit
    return {"<": less, "<=": less or same, ">": not (less or same), ">=": not less, "=": same, "<>": not same}[sign]


@lru_cache(maxsize=1000)
def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[_Section] = []
    tokens: list[Token] = []
    limit = None
    for match in _TOKEN.finditer(code):
        if match[10] == ";":
            sections.append(_Section(tuple(tokens), limit))
            tokens, limit = [], None
        elif match[5] is not None and (compared := _LIMIT.fullmatch(match[5])):
            limit = compared[1], Decimal(compared[2])
        else:
            tokens += [token] if (token := _token(match)) else []
    return (*sections, _Section(tuple(tokens), limit))


def _token(match: re.Match[str]) -> Token | None:
    """None for what shows nothing: colours, widths."""
    quoted, escaped, space, filler, bracket, whole, half, exponent, date, other = match.groups()
    if bracket is not None:
        if _ELAPSED.fullmatch(bracket):
            return Token("elapsed", bracket.lower())
        return Token("text", bracket[1:].split("-")[0]) if bracket.startswith("$") else None
    if quoted is not None or escaped:
        return Token("text", quoted if quoted is not None else escaped)
    if space or filler:
        return Token("text", " ")
    for kind, code in (("general", whole), ("half", half), ("exponent", exponent), ("date", date)):
        if code:
            return Token(kind, code.lower() if kind == "date" else code)
    return Token("digit" if other in "0#?" else "sign" if other in ".,%/@" else "text", other)


def _number(size: Decimal, tokens: tuple[Token, ...]) -> str:
    """A number without its sign."""
    tokens, size = _scaled(tokens, size)
    if Token("sign", "/") in tokens:
        return _fraction(size, tokens)
    at = next((n for n, t in enumerate(tokens) if t.kind == "exponent"), None)
    if at is None:
        return _decimal(size, tokens)
    whole = [t for t in tokens[:at] if t.kind == "digit" or t.text == "."]
    step = max(1, next((n for n, t in enumerate(whole) if t.text == "."), len(whole)))
    power = 0 if not size else size.adjusted() // step * step
    places = len(whole) - step - 1
    if size and size.scaleb(-power).quantize(Decimal(1).scaleb(-max(0, places)), ROUND_HALF_UP, _EXACT) >= 10**step:
        power += step
    sign = "-" if power < 0 else "+" if tokens[at].text.endswith("+") else ""
    mantissa = _decimal(size.scaleb(-power), tokens[:at])
    return f"{mantissa}{tokens[at].text[0]}{sign}{_decimal(Decimal(abs(power)), tokens[at + 1 :])}"


def _scaled(tokens: tuple[Token, ...], size: Decimal) -> tuple[tuple[Token, ...], Decimal]:
    """Percent signs multiply; each comma behind the last digit, or the last before the point, divides by a thousand."""
    size = size.scaleb(2 * sum(t == ("sign", "%") for t in tokens))
    point = next((n for n, t in enumerate(tokens) if t == ("sign", ".")), len(tokens))
    digits = [n for n, t in enumerate(tokens) if t.kind == "digit"]
    scaling: set[int] = set()
    for last in {max((n for n in digits if n < point), default=-1), max(digits, default=-1)}:
        behind = last + 1
        while 0 < behind < len(tokens) and tokens[behind] == ("sign", ","):
            scaling.add(behind)
            behind += 1
    return tuple(t for n, t in enumerate(tokens) if n not in scaling), size.scaleb(-3 * len(scaling))


def _decimal(size: Decimal, tokens: tuple[Token, ...]) -> str:
    point = next((n for n, t in enumerate(tokens) if t == ("sign", ".")), len(tokens))
    places = sum(t.kind == "digit" for t in tokens[point:])
    rounded = size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    whole, _, behind = format(rounded, "f").partition(".")
    return _whole(whole.lstrip("0"), tokens[:point]) + _behind(behind, tokens[point:])


def _whole(digits: str, tokens: tuple[Token, ...]) -> str:
    """The digits before the point, dealt out from the right; the first place takes all that are left."""
    firsts = [n for n, t in enumerate(tokens) if t.kind == "digit"]
    grouped = any(t == ("sign", ",") and firsts and n > firsts[0] for n, t in enumerate(tokens))
    pieces: list[str] = []
    dealt = 0
    for n in range(len(tokens) - 1, -1, -1):
        kind, code = tokens[n]
        if kind == "digit":
            share = digits if n == firsts[0] else digits[-1:]
            digits = digits[: len(digits) - len(share)]
            for digit in reversed(share or {"0": "0", "#": "", "?": " "}[code]):
                pieces.append("," if grouped and dealt and dealt % 3 == 0 and digit != " " else "")
                pieces.append(digit)
                dealt += 1
        elif (kind, code) != ("sign", ","):
            pieces.append(code[::-1])
    return "".join(pieces)[::-1]


def _behind(digits: str, tokens: tuple[Token, ...]) -> str:
    """The point and the digits behind it; zeros at the end show where the format has a ``0`` for them."""
    significant = len(digits.rstrip("0"))
    text, at = "", 0
    for kind, code in tokens:
        if kind == "digit":
            text += digits[at] if at < significant or code == "0" else " " if code == "?" else ""
            at += 1
        elif (kind, code) != ("sign", ","):
            text += code
    return text


def _fraction(size: Decimal, tokens: tuple[Token, ...]) -> str:
    """``2 1/4``: the digits left of the ones before the stroke, if any, show the whole number."""
    stroke = tokens.index(Token("sign", "/"))
    begin = stroke
    while begin and tokens[begin - 1].kind == "digit":
        begin -= 1
    below = "".join(t.text for t in tokens[stroke + 1 :] if t.kind == "digit" or t.text.isdigit())
    mixed = any(t.kind == "digit" for t in tokens[:begin])
    whole = size.to_integral_value(ROUND_FLOOR) if mixed else Decimal(0)
    part = Fraction(size - whole)
    if fixed := int("".join(c for c in below if c.isdigit()) or 0):
        over, under = round(part * fixed), fixed
    else:
        over, under = part.limit_denominator(10 ** max(1, min(len(below), 9)) - 1).as_integer_ratio()
    if mixed and over == under:
        whole, over = whole + 1, 0
    whole_text = _decimal(whole, tokens[:begin]) if mixed and (whole or not over) else ""
    after = "".join(t.text for t in tokens[stroke + 1 :] if t.kind == "text" and not t.text.isdigit())
    return f"{whole_text.strip()} {f'{over}/{under}' if over or not mixed else ''}{after}"
