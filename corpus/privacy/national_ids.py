"""Whether a string can be a country's number for a person: check digits, ranges, dates.

Every test gets what a pattern of ``tables/personal_data.toml`` matched. The rules are those the issuing authorities publish.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FIRST_TEN = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21]
_LAST = [2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
_ODD = dict(zip(_CHARACTERS, _FIRST_TEN * 2 + _LAST, strict=True))
"""What a character of a codice fiscale counts at an odd place (D.M. 23 dicembre 1976)."""


def digits_of(value: str) -> str:
    """The digits of ``value``, in order."""
    return "".join(c for c in value if c in "0123456789")


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    doubled = [int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def _dated(day: str, month: str, year: str) -> bool:
    try:
        date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def same(digits: str) -> bool:
    return len(set(digits)) == 1


def us_ssn(value: str) -> bool:
    d = digits_of(value)
    known = d in ("078051120", "219099999", "123456789", "111111111", "987654321")  # printed in advertisements
    given_out = d[0] != "9" and d[:3] not in ("000", "666") and d[3:5] != "00" and d[5:] != "0000"
    return len(d) == 9 and given_out and not known


def uk_nino(value: str) -> bool:
    return value[:2].upper() not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")


def uk_nhs(value: str) -> bool:
    d = digits_of(value)
    rest = 11 - _weighted(d, (10, 9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return len(d) == 10 and not same(d) and int(d[9]) == (0 if rest == 11 else rest)


def de_steuer_id(value: str) -> bool:
    """One digit of the first ten, and no other, stands twice or thrice; ISO 7064 mod 11,10."""
    d, product = digits_of(value), 10
    most, *others = sorted(Counter(d[:10]).values(), reverse=True)
    if len(d) != 11 or d[0] == "0" or most not in (2, 3) or others[0] > 1:
        return False
    for c in d[:10]:
        product = ((int(c) + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == int(d[10])


def de_svnr(value: str) -> bool:
    """VKVV § 4: digit sums of weighted digits, the letter as its place in the alphabet."""
    v = re.sub(r"\W", "", value).upper()
    digits = v[:8] + f"{ord(v[8]) - 64:02d}" + v[9:]
    weighted = [int(d) * w for d, w in zip(digits[:12], (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)]
    return sum(w // 10 + w % 10 for w in weighted) % 10 == int(digits[12])


def at_svnr(value: str) -> bool:
    d = digits_of(value)
    born = d[6:8] > "12" or _dated(d[4:6], d[6:8], d[8:10])  # months above 12 where a day's numbers have run out
    return d[0] != "0" and born and _weighted(d[:3] + d[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == int(d[3])


def fr_nir(value: str) -> bool:
    v = re.sub(r"\W", "", value).upper()
    number = v[:13].replace("2A", "19").replace("2B", "18") if v[5:7] in ("2A", "2B") else v[:13]
    return number.isdigit() and 97 - int(number) % 97 == int(v[13:15])


def es_dni(value: str) -> bool:
    v = re.sub(r"\W", "", value).upper()
    number = str("XYZ".find(v[0])) + v[1:8] if v[0] in "XYZ" else v[:8]
    return not same(number[1:]) and "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == v[8]


def it_codice_fiscale(value: str) -> bool:
    v = value.upper()
    even = {c: int(c) if c.isdigit() else ord(c) - 65 for c in v}
    return chr(65 + sum(even[c] if n % 2 else _ODD[c] for n, c in enumerate(v[:15])) % 26) == v[15]


def nl_bsn(value: str) -> bool:
    d = digits_of(value)
    return len(d) == 9 and not same(d) and _weighted(d, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def pl_pesel(value: str) -> bool:
    d = digits_of(value)
    month = int(d[2:4]) % 20
    dated = _dated(d[4:6], str(month), d[:2])
    return dated and _weighted(d, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0


def verhoeff(value: str) -> bool:
    d, check = digits_of(value), 0
    for n, c in enumerate(reversed(d)):
        moved = int(c)
        for _ in range(n % 8):
            moved = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[moved]
        check = _times(check, moved)
    return check == 0 and not same(d)


def _times(a: int, b: int) -> int:
    """Multiplication in the dihedral group of order 10."""
    if a < 5:
        return (a + b) % 5 if b < 5 else (a + b) % 5 + 5
    return (a - b) % 5 + 5 if b < 5 else (a - b) % 5


def ch_ahv(value: str) -> bool:
    d = digits_of(value)
    return not same(d[3:]) and -_weighted(d[:12], (1, 3) * 6) % 10 == int(d[12])


def be_nrn(value: str) -> bool:
    d = digits_of(value)
    return any(97 - int(century + d[:9]) % 97 == int(d[9:]) for century in ("", "2"))


def se_pnr(value: str) -> bool:
    d = digits_of(value)[-10:]
    return _dated(str((int(d[4:6]) - 1) % 60 + 1), d[2:4], d[:2]) and luhn(d)  # coordination numbers: day + 60


def fi_hetu(value: str) -> bool:
    number = int(value[:6] + value[7:10])
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31]
    return check == value[10].upper() and _dated(value[:2], value[2:4], value[4:6])


def br_cpf(value: str) -> bool:
    d = digits_of(value)
    for n in (9, 10):
        if _weighted(d[:n], tuple(range(n + 1, 1, -1))) * 10 % 11 % 10 != int(d[n]):
            return False
    return len(set(d)) > 1


def ca_sin(value: str) -> bool:
    d = digits_of(value)
    return len(d) == 9 and d[0] not in "08" and not same(d) and luhn(d)


NUMBERS = {
    test.__name__: test
    for test in (us_ssn, uk_nino, uk_nhs, de_steuer_id, de_svnr, at_svnr, fr_nir, es_dni, it_codice_fiscale, nl_bsn,
                 pl_pesel, verhoeff, ch_ahv, be_nrn, se_pnr, fi_hetu, br_cpf, ca_sin)
}  # fmt: skip
"""Each test by its name."""
