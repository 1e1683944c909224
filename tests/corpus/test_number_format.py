"""Numbers as a sheet shows them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents.formats.office.number_format import formatted, formatted_text, general

ACCOUNTS = '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)'


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.075, "0.0%", "7.5%"),
        (0.15, "0%", "15%"),
        (0.3, "0.0\\ %", "30.0 %"),
        (427, "00000", "00427"),
        (1234.5, '"$"#,##0.00', "$1,234.50"),
        (12.5, "#,##0.00 [$€-407]", "12.50 €"),
        (12.5, "[$CHF-807] 0.00", "CHF 12.50"),
        (1234567, "#,##0,", "1,235"),
        (1234567, '0.0,,"M"', "1.2M"),
        (-0.4, '0.0" m";-0.0" m"', "-0.4 m"),
        (-1234, "#,##0;(#,##0)", "(1,234)"),
        (-12, "0;[Red](0)", "(12)"),
        (-12, "[Red]0", "-12"),
        (0, '0;-0;"none"', "none"),
        (-1234.5, ACCOUNTS, "$ (1,234.50)"),
        (0, ACCOUNTS, "$ -"),
        (150, '[>=100]"many";[<100]0', "many"),
        (50, '[>=100]"many";[<100]0', "50"),
        (-5, '[<0]"below";0', "below"),
        (3, '0 "kg"', "3 kg"),
        (39, '0"°C"', "39°C"),
        (2.25, "# ?/?", "2 1/4"),
        (0.5, "# ??/??", "1/2"),
        (1.25, "# ?/8", "1 2/8"),
        (1.99, "# ?/4", "2"),
        (12345, "0.00E+00", "1.23E+04"),
        (0.000123, "##0.0E+0", "123.0E-6"),
        (9.999, "0.0E+0", "1.0E+1"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (123456789, "000-00-0000", "123-45-6789"),
        (0.5, "#.##", ".5"),
        (1.005, "0.00", "1.01"),
        (1e15, "#,##0", "1,000,000,000,000,000"),
        (7, "@", "7"),
        (2.5, 'General" m"', "2.5 m"),
        (5, ";;;", ""),
        (0, "#", ""),
    ],
)
def test_numbers_are_written_as_their_format_says(value: float, code: str, text: str) -> None:
    assert formatted(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (46115, "yyyy-mm-dd", "2026-04-03"),
        (46115, "dd.mm.yyyy", "2026-04-03"),
        (46115, "mm-dd-yy", "2026-04-03"),
        (46115, "[$-409]m/d/yy;@", "2026-04-03"),
        (46115, "yyyy-mm-dd h:mm:ss", "2026-04-03"),
        (46115.25, "yyyy-mm-dd h:mm", "2026-04-03 6:00"),
        (46115.75, "m/d/yyyy h:mm AM/PM", "2026-04-03 6:00 PM"),
        (46115, "d mmmm yyyy", "3 April 2026"),
        (46115, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "Friday, April 03, 2026"),
        (46115, "mmm-yy", "Apr-2026"),
        (46115, "dd.mm.", "03.04."),
        (46115, "dddd", "Friday"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (0.2708333333333333, "hh:mm", "06:30"),
        (0.75, "h:mm AM/PM", "6:00 PM"),
        (0.0, "h:mm", "0:00"),
        (1.5, "[h]:mm", "36:00"),
        (3661 / 86400, "[mm]:ss", "61:01"),
        (12.3456 / 86400, "ss.00", "12.35"),
        (-1, "yyyy-mm-dd", "-1"),
        (9e9, "yyyy-mm-dd", "9000000000"),
    ],
)
def test_days_and_times_are_written_as_their_format_says(value: float, code: str, text: str) -> None:
    assert formatted(value, code) == text


def test_days_of_the_old_macintosh_begin_later() -> None:
    assert formatted(44653, "yyyy-mm-dd", since_1904=True) == formatted(46115, "yyyy-mm-dd")


def test_text_is_put_where_its_format_says() -> None:
    assert formatted_text("7", '"No. "@') == "No. 7"
    assert formatted_text("seven", "0.00") == "seven"
    assert formatted_text("seven", '0;-0;0;"<"@">"') == "<seven>"


_CODES = st.text(alphabet='0#?.,%/@;Ee+-ymdhsAP"\\[]$<>=_* ()1General', max_size=30)


@given(st.floats(), _CODES)
def test_no_number_and_no_format_break_it(value: float, code: str) -> None:
    assert isinstance(formatted(value, code), str)
    assert formatted_text("words", code) is not None


@pytest.mark.parametrize("code", ["0" * 300, "0." + "0" * 300, "0." + "0" * 200 + "E+0", "?" * 120 + "/" + "?" * 120])
@pytest.mark.parametrize("value", [0.0, 5e-324, 1.5, -1.7e308])
def test_absurd_formats_do_not_break_it(value: float, code: str) -> None:
    assert formatted(value, code)


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_grouped_digits_are_those_of_the_number(value: int, places: int) -> None:
    told = formatted(value / 100, "#,##0." + "0" * places)
    assert float(told.replace(",", "")) == pytest.approx(value / 100, abs=0.5000001 * 10**-places)
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*\.\d*", told)


@given(st.floats(-1e15, 1e15, allow_nan=False))
def test_a_number_without_a_format_is_all_of_it(value: float) -> None:
    assert float(general(value)) == pytest.approx(value, rel=1e-14)
