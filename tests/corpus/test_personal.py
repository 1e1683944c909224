"""Finding personal data and secrets: check digits, context, look-alikes, overlap, time."""

from __future__ import annotations

import json
import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.robustness.personal_data import ITEMS, ours, scored
from corpus.privacy.checksums import CHECKS
from corpus.privacy.find_personal_data import find
from corpus.privacy.personal_data_kinds import Pattern, kinds, table


def told(text: str) -> list[tuple[str, str]]:
    """Kinds and values found."""
    return [(f.kind, text[f.start : f.end]) for f in find(text)]


def test_the_written_set_is_found_and_its_look_alikes_are_not() -> None:
    items = [json.loads(line) for line in ITEMS.read_text(encoding="utf-8").splitlines()]
    assert sum(bool(i["spans"]) for i in items) >= 300
    assert sum(not i["spans"] for i in items) >= 300
    figures = scored([i for i in items if i["split"] == "test"], ours)
    assert figures["precision"]["share"] >= 0.98
    assert figures["recall"]["share"] >= 0.95


# Published examples of the issuing authorities, and the well-known test numbers of the card schemes.
PUBLISHED = {
    "iban": "GB82 WEST 1234 5698 7654 32",
    "card": "4111 1111 1111 1111",
    "uk_nhs": "943 476 5919",
    "de_steuer_id": "86095742719",
    "de_svnr": "65170839J003",
    "at_svnr": "1237 010180",
    "ch_ahv": "756.9217.0769.85",
    "fr_nir": "1 84 12 76 451 089 46",
    "es_dni": "12345678Z",
    "it_codice_fiscale": "RSSMRA85T10A562S",
    "nl_bsn": "111222333",
    "be_nrn": "85.07.30-033.28",
    "pl_pesel": "44051401359",
    "se_pnr": "811228-9874",
    "fi_hetu": "131052-308T",
    "br_cpf": "111.444.777-35",
    "ca_sin": "130 692 544",
    "verhoeff": "2363",
}


@pytest.mark.parametrize(("check", "value"), PUBLISHED.items())
def test_published_numbers_pass_and_one_other_digit_fails(check: str, value: str) -> None:
    assert CHECKS[check](value) == len(value)
    at = max(n for n, c in enumerate(value) if c.isdigit())
    for digit in set("0123456789") - {value[at]}:
        assert not CHECKS[check](value[:at] + digit + value[at + 1 :])


@pytest.mark.parametrize(
    ("check", "value"),
    [
        ("de_steuer_id", "32469384268"),  # its check digit is right, but four of its digits stand twice
        ("pl_pesel", "44133001355"),  # month 13, day 30
        ("iban", "GB82 WEST 1234 5698 7654 3"),
        ("iban", "XX82 WEST 1234 5698 7654 32"),
        ("card", "9111 1111 1111 1111"),
        ("card", "41111 111111 11111"),
        ("us_ssn", "666-12-3456"),
        ("us_ssn", "078-05-1120"),
        ("uk_nino", "BG123456A"),
        ("mac", "ff:ff:ff:ff:ff:ff"),
        ("ip", "127.0.0.1"),
        ("email", "logo@2x.png"),
    ],
)
def test_what_is_never_given_out_fails(check: str, value: str) -> None:
    assert not CHECKS[check](value)


def test_a_word_decides_what_a_bare_number_is() -> None:
    assert told("BSN 111222333") == [("nl_bsn", "111222333")]
    assert told("SSN 111222333") == [("us_ssn", "111222333")]
    assert told("stock 111222333") == []
    assert told("Order 4111111111111111") == []
    assert told("Order 7, card 4111111111111111") == [("card", "4111111111111111")]


@pytest.mark.parametrize(
    "text",
    [
        "We hash the password SHA-256 with salt.", "It derives from the password PBKDF2 keys.", "passphrase WPA2/WPA3",
        "Reset your password\n\nOAuth2 guide", "Change the password to 12-character ones.", "passcode Article12",
        "Passwords: SHA-256", "Change your password\nVersion2#a", "password https://Shop2.example/?a=b#c",
        "password Jo.Doe2@Shop.example", "The token: SmolLM2-135M-Instruct.Q4_1", "token\n: a8f5f167f44f4964e6c998de",
    ],
)  # fmt: skip
def test_words_after_a_key_word_are_no_secrets(text: str) -> None:
    assert not [kind for kind, _ in told(text) if kind in ("password", "secret")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Log in as anna, password Fjord#4Ever!", ("password", "Fjord#4Ever")),
        ("Set the password to Qw7!zzT9.", ("password", "Qw7!zzT9")),
        ("password: hunter2-blue-77", ("password", "hunter2-blue-77")),
        ("The passcode is Winter77", ("password", "Winter77")),
        ("token: correct-horse-battery-staple9", ("secret", "correct-horse-battery-staple9")),
        ("api_key = a8f5f167-f44f-4964-e6c9-98de", ("secret", "a8f5f167-f44f-4964-e6c9-98de")),
    ],
)
def test_secrets_after_a_key_word_are_found(text: str, found: tuple[str, str]) -> None:
    assert told(text) == [found]


def test_a_value_told_once_is_found_wherever_it_stands() -> None:
    text = "DOB: 14/03/1981.\n\nLater, 14/03/1981 again; 15/03/1981 is another day."
    assert told(text) == [("date_of_birth", "14/03/1981")] * 2


def test_a_number_ends_where_it_ends() -> None:
    assert told("IBAN DE89370400440532013000 and more") == [("iban", "DE89370400440532013000")]
    assert told("card 4111 1111 1111 1111 09 28") == [("card", "4111 1111 1111 1111")]
    assert told("Tel. +44 20 7946 3308 2026") == [("phone", "+44 20 7946 3308")]


def test_what_overlaps_is_one_thing() -> None:
    assert told("postgres://app:s3cr3tP4ss@db.example.org/shop") == [("url_password", "s3cr3tP4ss")]


def test_names_come_from_a_model_of_them_alone() -> None:
    text = "Anna Berg called."
    assert told(text) == []
    assert [(f.kind, f.start, f.end) for f in find(text, lambda t: [(0, 9)])] == [("name", 0, 9)]


@given(st.text(alphabet="a1 .@-+:/\n", max_size=200))
def test_findings_lie_in_the_text_in_order_and_apart(text: str) -> None:
    found = find(text)
    assert all(0 <= f.start < f.end <= len(text) and f.kind in kinds() for f in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@settings(deadline=None, max_examples=200)
@given(st.text(alphabet=st.one_of(st.sampled_from("0123456789٠١٢٣٤٥ ABCDİıſK-+.@:/é"), st.characters()), max_size=60))
def test_no_script_breaks_a_check(text: str) -> None:
    for before in ("", "SVNR ", "IBAN ", "Tel. ", "BSN ", "DOB "):
        found = find(before + text)
        assert all(f.end <= len(before + text) for f in found)


CHECKED = [(k.name, n, p) for k in kinds().values() for n, p in enumerate(k.patterns) if p.check]


@pytest.mark.long
@pytest.mark.parametrize("pattern", [p for _, _, p in CHECKED], ids=[f"{name}-{n}" for name, n, _ in CHECKED])
def test_a_check_takes_whatever_its_pattern_matches(pattern: Pattern) -> None:
    @settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(pattern.regex))
    def holds(text: str) -> None:
        match = pattern.regex.search(text)
        assert match
        value = match["value" if "value" in pattern.regex.groupindex else 0]
        assert 0 <= CHECKS[pattern.check](value) <= len(value)

    holds()


def test_digits_of_other_scripts_count() -> None:
    assert told("هاتف +٢٠ ١٠ ١٢٣٤ ٥٦٧٨") == [("phone", "+٢٠ ١٠ ١٢٣٤ ٥٦٧٨")]


HOSTILE = [
    "a",
    "a.",
    "a@a.",
    "1",
    "1 ",
    "1-",
    "1.",
    "A1 ",
    "DE12 ",
    "tel 1 ",
    "1:",
    "a://b:c",
    "eyJaaaaaaaaaa.",
    "password=",
]
HOSTILE += ["-----BEGIN PRIVATE KEY-----\nA", "4111 1111 1111 111", "'a", "born 1.1.", "+1", "secret=\t"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_is_linear_in_the_text(piece: str) -> None:
    text = (piece * (30_000 // len(piece) + 1))[:30_000]
    started = time.process_time()
    find(text)
    assert time.process_time() - started < 1  # quadratic time would be many seconds


def test_each_kind_says_what_laws_call_it() -> None:
    for kind in kinds().values():
        assert kind.gdpr in ("none", "ordinary", "special")
        assert kind.group in ("secret", "proven", "context", "contact")
        assert (kind.gdpr == "none") == (kind.group == "secret")
        assert not kind.hipaa or kind.hipaa in "ABCDEFGHIJKLMNOPQR"


_COUNTRIES = sorted(table()["iban"].items())


@given(
    st.sampled_from(_COUNTRIES), st.sampled_from(["", "BANK"]), st.text(alphabet="0123456789", min_size=30, max_size=30)
)
def test_accounts_of_every_registered_country_are_found(country: tuple[str, int], bank: str, drawn: str) -> None:
    code, length = country
    account = f"{bank}0{drawn}"[: length - 5] + "1"
    check = 98 - int("".join(str(int(c, 36)) for c in f"{account}{code}00")) % 97
    iban = f"{code}{check:02}{account}"
    fours = " ".join(iban[n : n + 4] for n in range(0, length, 4))
    assert told(f"The club is paid to {fours}.") == [("iban", fours)]
    assert told(f"The club is paid to {iban}, soon.") == [("iban", iban)]


def test_countries_that_joined_the_registry_late_are_known() -> None:
    """Examples of SWIFT's IBAN registry."""
    late = ["BI4210000100010000332045181", "BY13NBRB3600900000002Z00AB00", "LC55HEMM000100010012001200023015"]
    late += ["SC18SSCB11010000000000001497USD", "SD2129010501234001", "LY83002048000020100120361"]
    assert len(_COUNTRIES) == 89
    for iban in late:
        assert told(f"Pay to {iban}.") == [("iban", iban)]
