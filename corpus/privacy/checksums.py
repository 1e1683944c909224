"""Whether what a pattern matched can be what it looks like: check digits, ranges, forms.

Every check returns how many of the characters it got, from the start, are the thing; 0 for none.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cache

from corpus.privacy import national_ids
from corpus.privacy.national_ids import digits_of, luhn, same
from corpus.privacy.personal_data_kinds import table

Check = Callable[[str], int]
_GROUPS = 3
"""How many groups at the end of what looks like a phone number may belong to something else, less one."""
_PLACEHOLDER = re.compile(r"(?i)[<${%*\[(]|x{4}|your|example|placeholder|changeme|password|passw?d?$|secret|redacted")
_SEPARATORS = re.compile(r"[-/_.+]")
_ALGORITHM = re.compile(
    r"(?i)(?:sha[1-3]?|md[45]|pbkdf[12]|wpa[1-3]?|oauth[12]?|aes\d*|rsa\d*|hmac|base(?:32|64)|argon2(?:i?d)?|[bs]crypt"
    r"|ntlm(?:v2)?|utf|tls(?:v1)?|sha(?:224|256|384|512)|(?:aes|rsa)(?:128|192|256|2048|4096)|[23]fa|pkcs\d*|x509)"
)
_VERSION = re.compile(r"[A-Za-z]?\d{1,4}[A-Za-z]?")
_WORD = re.compile(r"[A-Z]?[a-z]+[A-Z]*\d{0,2}")
_ADDRESS = re.compile(r"@[\w-]+\.\w")
_FILES = frozenset(
    {"png", "jpg", "jpeg", "gif", "webp", "svg", "ico", "pdf", "css", "js", "ts", "py", "html", "json", "zip"}
)


def _number(test: Callable[[str], bool]) -> Check:
    """A check of a number, which only ASCII letters can be part of."""
    return _whole(lambda value: value.isascii() and test(value))


def _whole(test: Callable[[str], bool]) -> Check:
    """A check of the value as a whole."""
    return lambda value: len(value) if test(value) else 0


def iban(value: str) -> int:
    """ISO 13616: the country's length, then ISO 7064 mod 97-10 equal to 1."""
    length = table()["iban"].get(value[:2].upper())
    if not length:
        return 0
    ends = [n for n, c in enumerate(value, 1) if c.isalnum()]
    end = ends[length - 1] if len(ends) >= length else 0
    characters = "".join(c for c in value[:end] if c.isalnum())
    if not characters or not characters.isascii() or same(digits_of(characters[4:])):
        return 0
    return end if int("".join(str(int(c, 36)) for c in characters[4:] + characters[:4])) % 97 == 1 else 0


_CARD_GROUPS = re.compile(r"\d+|\d{4}([ -])\d{4}\1\d{4}\1\d{1,4}(\1\d{3})?|\d{4}([ -])\d{6}\3\d{4,5}")
"""Cards are printed in fours, or as 4-6-5 and 4-6-4: references in numbers are not."""


def card(value: str) -> int:
    """An issuer's range and one of its lengths, and Luhn's check digit."""
    digits = digits_of(value)
    if len(digits) < 12 or same(digits):
        return 0
    for issuer in table()["issuer"]:
        first, last = issuer["from"], issuer["to"]
        if first <= digits[: len(first)] <= last:
            for length in sorted(issuer["lengths"], reverse=True):
                end = _end_of_digit(value, length)
                if end and luhn(digits[:length]) and _CARD_GROUPS.fullmatch(value[:end]):
                    return end
    return 0


def _end_of_digit(value: str, count: int) -> int:
    digits = 0
    for n, c in enumerate(value, 1):
        digits += c in "0123456789"
        if digits == count:
            return n
    return 0


def _ip(value: str) -> bool:
    import ipaddress

    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        groups = [g for g in value.split(":") if g]
        if len(groups) < 3 or not any(c.isdigit() for c in value):
            return False
    return not (address.is_loopback or address.is_unspecified or address.is_multicast or int(address) >> 28 == 15)


def _ip_alone(value: str) -> bool:
    """Four small numbers are a version or a section more often than an address."""
    return any(int(part) > 31 for part in value.split(".")) and _ip(value)


def _mac(value: str) -> bool:
    return len(set(value.lower()) - {":", "-"}) > 2


def email(value: str) -> int:
    """No file name with an ``@`` in it, no address of a repository."""
    local, _, host = value.rpartition("@")
    if host.rpartition(".")[2].lower() in _FILES or local == "git" or ".." in value or local.endswith("."):
        return 0
    return len(value)


def _birth(value: str) -> bool:
    """A day that can be someone's birthday: in numbers or with the month's name (English, or unknown to us)."""
    numbers = re.findall(r"\d+", value)
    if len(numbers) == 1:
        numbers = [value[:4], value[4:6], value[6:]]
    if len(numbers) == 2:
        day, year = sorted(int(n) for n in numbers)
        return 1 <= day <= 31 and 1900 <= year <= 2099
    if len(numbers[0]) == 4:
        numbers.reverse()
    first, second, year = (int(n) for n in numbers)
    year_known = 1900 <= year <= 2099 or len(numbers[2]) == 2
    return year_known and 1 <= min(first, second) <= 12 and 1 <= max(first, second) <= 31


def _code(value: str) -> bool:
    return len(digits_of(value)) >= 4 and not same(digits_of(value))


def _varied(value: str) -> bool:
    return len(set(value[-16:])) >= 6


def secret(value: str) -> int:
    """Letters and digits at 3 bits a character or more, no placeholder, and no name with versions."""
    candidate = value.rstrip(".,;:)")
    counts = Counter(candidate).values()
    bits = -sum(n / len(candidate) * math.log2(n / len(candidate)) for n in counts) if candidate else 0
    good = _letters_and_digits(candidate) and bits >= 3 and len(candidate) >= 16 and not _PLACEHOLDER.search(candidate)
    return len(candidate) if good and not _is_versioned(candidate) else 0


def _letters_and_digits(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _is_versioned(value: str) -> bool:
    """Words and at least two short numbers, as in ``SmolLM2-135M-Instruct.Q4_1``."""
    parts = _SEPARATORS.split(value)
    numbers = sum(bool(_VERSION.fullmatch(part)) for part in parts)
    return numbers >= 2 and all(_VERSION.fullmatch(part) or _WORD.fullmatch(part) for part in parts)


def password(value: str) -> int:
    """Letters with digits among them, no placeholder or expression, and no algorithm's name."""
    candidate = value.rstrip(".,;:)")
    good = _letters_and_digits(candidate) and len(candidate) >= 5 and not _PLACEHOLDER.search(candidate)
    return len(candidate) if good and not any(map(_ALGORITHM.fullmatch, _SEPARATORS.split(candidate))) else 0


def password_in_prose(value: str) -> int:
    """A password that nothing but a blank marks as one: small and capital letters, digits, and signs that words lack."""
    candidate = value.rstrip(".,;:)!?")
    classes = (str.islower, str.isupper, str.isdigit, lambda c: c in "!#&+=?@^~§€")
    good = len(candidate) >= 8 and "://" not in candidate and all(any(map(each, candidate)) for each in classes)
    return len(candidate) if good and not _ADDRESS.search(candidate) and password(candidate) else 0


def url_password(value: str) -> int:
    """Anything but a placeholder."""
    return 0 if _PLACEHOLDER.search(value) or value.lower() in ("pass", "pw", "pwd") else len(value)


def phone(value: str) -> int:
    """A valid number of some country (with ``+`` or ``00``) or of the table's regions, or its first groups."""
    for _ in range(_GROUPS):
        if _is_phone(value):
            return len(value)
        shorter = re.sub(r"\D+\d+$", "", value)
        if shorter == value or len(digits_of(shorter)) < 7:
            return 0
        value = shorter
    return 0


def _is_phone(value: str) -> bool:
    import phonenumbers

    digits = digits_of(value)
    regions: list[str | None]
    if value[0] == "+" or digits.startswith("00"):
        plain, regions = "+" + value.removeprefix("00").removeprefix("+"), [None]
    else:
        plain, regions = value, [r for r, form in _national().items() if form.fullmatch(digits)]
    with contextlib.suppress(phonenumbers.NumberParseException):
        return any(phonenumbers.is_valid_number(phonenumbers.parse(plain, region)) for region in regions)
    return False


@cache
def _national() -> dict[str, re.Pattern[str]]:
    """How each region's numbers are dialled within the country: the trunk prefix and what may follow."""
    from phonenumbers import PhoneMetadata

    patterns = {}
    for region in table()["phone"]["regions"]:
        rule = PhoneMetadata.metadata_for_region(region)
        if rule is None or rule.general_desc is None:
            raise LookupError(f"{region}: phonenumbers has no numbering plan of this region")
        pattern = f"(?:{rule.national_prefix or ''})?(?:{rule.general_desc.national_number_pattern})"
        patterns[region] = re.compile(pattern)
    return patterns


def us_phone(value: str) -> int:
    """A number of the North American plan."""
    import phonenumbers

    return len(value) if phonenumbers.is_valid_number(phonenumbers.parse(value, "US")) else 0


CHECKS: dict[str, Check] = {
    **{
        check.__name__: check
        for check in (iban, card, email, secret, password, password_in_prose, url_password, phone, us_phone)
    },
    **{name: _number(test) for name, test in national_ids.NUMBERS.items()},
    "ip": _whole(_ip),
    "ip_alone": _whole(_ip_alone),
    "mac": _whole(_mac),
    "birth": _whole(_birth),
    "code": _whole(_code),
    "varied": _whole(_varied),
}
