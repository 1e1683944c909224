"""When two texts say the same: numbers as numbers, every script, and nothing that is normalised away."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compare.score import score
from corpus.examples.evidence_passages import Evidence
from corpus.examples.restated import Restatements
from corpus.examples.split import alike, split
from corpus.records import Example, Passage
from corpus.text.match import exact_match, has_key, normalise, says_the_same, token_f1
from corpus.text.squad_scores import squad_exact, squad_f1
from lm.answerer import Answer

SAME = (
    ("1,000", "1000"),
    ("1 000", "1000"),
    ("1\u202f000", "1000"),
    ("1\u00a0000", "1000"),
    ("1\u2009000", "1000"),
    ("1'000", "1000"),
    ("1 000,50 €", "€1,000.50"),
    ("12,34,567", "1234567"),
    ("1,000,000.50", "1000000.5"),
    ("1.000.000,50", "1000000.5"),
    ("5 %", "5%"),
    ("5 percent", "5%"),
    ("7.50", "7.5"),
    ("1,5 Liter", "1.5 Liter"),
    (".5", "0.5"),
    ("½ kg", "0.5 kg"),
    ("1½", "1.5"),
    ("€3.59", "3.59 €"),
    ("€45", "45 euros"),
    ("US$5", "$5"),
    ("-5", "−5"),
    ("minus 5", "-5"),
    ("09:30", "9:30"),
    ("9:00–18:00", "9:00-18:00"),
    ("20°C", "20 °C"),
    ("5kg", "5 kg"),
    ("5 m²", "5 m2"),
    ("１２３", "123"),
    ("٣٫٥", "3.5"),
    ("Ｃ＋＋", "C++"),
    ("可以借七天。", "可以借七天"),
    ("«Größe»", "GRÖSSE!"),
    ("don’t", "don't"),
    ("“Yes.”", "yes"),
    (unicodedata.normalize("NFD", "Müller"), "Müller"),
    ("¿Cuándo?", "cuándo"),
    ("The 60 days.", "60 Days"),
)
DIFFERENT = (
    ("€3.59", "€359"),
    ("1.5", "15"),
    ("-5", "5"),
    ("9:30", "930"),
    ("1:10", "110"),
    ("1/2", "12"),
    ("2.10", "21.0"),
    ("4.2.1", "42.1"),
    ("v1.5", "v15"),
    ("5-10", "510"),
    ("2026-03-01", "2026-0301"),
    ("10²", "102"),
    ("3×4", "34"),
    ("≥ 18", "18"),
    ("<5", ">5"),
    ("12+", "12"),
    ("5%", "5"),
    ("5%", "5‰"),
    ("€5", "$5"),
    ("20 °C", "20 °F"),
    ("5 m", "5 m²"),
    ("00427", "427"),
    ("1A", "1"),
    ("C++", "C#"),
    ("C++", "C"),
    ("C++11", "C11"),
    (".NET", "NET"),
    ("A+", "A-"),
    ("✓", "✗"),
    ("可以借七天", "可以借一天"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_however_it_is_written(one: str, other: str) -> None:
    assert exact_match(one, [other]) == token_f1(one, [other]) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert exact_match(one, [other]) == 0
    assert exact_match(f"It is {one} here.", [f"It is {other} here."]) == 0


def test_nothing_is_normalised_to_nothing() -> None:
    assert exact_match("The", ["A"]) == exact_match("?", ["!"]) == exact_match("👍", ["👎"]) == 0
    assert normalise(" \n") == ""


@settings(deadline=None)
@given(st.text(min_size=1).filter(str.strip))
def test_an_answer_equal_to_its_reference_scores_one_in_any_script(reference: str) -> None:
    assert normalise(reference)
    made = score(Answer("q", reference, "tuned"), Example("1", "q", reference), "tuned")
    assert (made.f1, made.exact, made.contains) == (1, 1, 1)


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_equal_numbers_are_equal_and_others_are_not(n: int, other: int) -> None:
    for written in (f"{n:,}", f"{n:,}".replace(",", "\u202f"), f"{n:,}".replace(",", " "), f"{n}.00", f"{n:,}.0"):
        assert exact_match(written, [str(n)]) == 1
        assert exact_match(written, [f"{other:,}"]) == float(n == other)
    assert exact_match(f"-{n}", [str(n)]) == float(n == 0)


@given(
    st.decimals(-(10**6), 10**6, places=2),
    st.decimals(-(10**6), 10**6, places=2),
    st.sampled_from(["", "€", " %", " kg"]),
)
def test_decimals_are_compared_as_numbers(a, b, unit: str) -> None:  # type: ignore[no-untyped-def]
    assert exact_match(f"{a}{unit}", [f"{b:,}{unit}"]) == float(a == b)
    assert exact_match(f"{a}{unit}", [f"{a}0{unit}"]) == 1


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 23), st.integers(0, 59))
def test_times_are_compared_as_times(h: int, m: int, other_h: int, other_m: int) -> None:
    same = float((h, m) == (other_h, other_m))
    assert exact_match(f"at {h:02}:{m:02}", [f"at {other_h}:{other_m:02}"]) == same
    assert exact_match(f"{h}:{m:02}", [f"{h}{m:02}"]) == 0


@given(st.text())
def test_normalised_twice_says_no_less(text: str) -> None:
    assert bool(normalise(normalise(text))) == bool(normalise(text)) == bool(text.strip())


def test_keys_and_evidence_are_found_in_whole_words_and_numbers() -> None:
    price = Example("1", "q", "€3.59", key=("€3.59|3.59 euros",))
    assert has_key("Each costs 3.59 euros, with VAT.", price)
    assert not has_key("Each costs €359.", price)
    passages = [Passage("a", "Loans take 15 days. Frost: -5 °C.", "a"), Passage("b", "Loans take 5 days.", "b")]
    known = Evidence(passages)
    assert known.right(Example("1", "q", "5 days", evidence=("5 days",))) == (passages[1],)
    assert known.right(Example("1", "q", "5 °C", evidence=("5 °C",))) == ()
    assert known.right(Example("1", "q", "5 days"), passages) == (passages[1],)


@pytest.mark.parametrize(
    "asked",
    [
        ("钻头可以借多久？", "钻头可以借多久", "钻头可以借多久呢？"),
        ("ドリルはいつまで借りられますか。", "ドリルはいつまで借りられますか？"),
        ("ยืมสว่านได้กี่วัน", "ยืมสว่านได้กี่วัน?"),
        ("Сколько дней можно держать дрель?", "сколько дней можно держать дрель"),
        ("كم يوما يمكنني الاحتفاظ بالمثقاب؟", "كم يوما يمكنني الاحتفاظ بالمثقاب"),
        ("Wie groß ist die Straße?", "WIE GROSS IST DIE STRASSE?"),
    ],
)
def test_near_identical_questions_of_any_script_stay_on_one_side(asked: tuple[str, ...]) -> None:
    others = [Example(f"o{n}", f"Where is shelf number {n}?", "x") for n in range(8)]
    examples = [*(Example(str(n), q, "x") for n, q in enumerate(asked)), *others]
    for seed in range(6):
        train, held = split(examples, held_out=0.3, seed=seed)
        ids = {str(n) for n in range(len(asked))}
        assert ids <= {e.id for e in train} or ids <= {e.id for e in held}


@given(st.lists(st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=12), max_size=24))
def test_groups_are_those_of_every_pair_compared(questions: list[list[str]]) -> None:
    examples = [Example(str(n), " ".join(f"w{w}" for w in words), "x") for n, words in enumerate(questions)]
    sets = [frozenset(e.question.split()) for e in examples]
    group = list(range(len(sets)))
    for a, b in combinations(range(len(sets)), 2):
        if len(sets[a] & sets[b]) >= 0.8 * len(sets[a] | sets[b]):
            group = [group[a] if g == group[b] else g for g in group]
    wanted = {frozenset(n for n, g in enumerate(group) if g == one) for one in group}
    assert {frozenset(g) for g in alike(examples)} == wanted


def test_says_the_same_does_not_fold_numbers_into_one_another() -> None:
    assert says_the_same("A drill costs €3.59.", ["The drill costs 3.59 euros"])
    assert not says_the_same("€3.59", ["€359"])


def test_squads_own_scores_are_unchanged() -> None:
    """As ``evaluate-v1.1.py`` has them, faults and all."""
    assert squad_exact("The €3.59!", ["€359"]) == squad_exact("-5", ["5"]) == squad_exact("C++", ["C#"]) == 1
    assert squad_exact("可以。", ["可以"]) == 0
    assert squad_f1("within the 60 days", ["60 days"]) == pytest.approx(0.8)
    assert squad_f1("It is red", ["blue", "red one"]) == pytest.approx(0.4)
    assert squad_exact("The", ["A"]) == 1
    assert squad_f1("The", ["A"]) == 0


def test_an_answer_is_restated_however_its_numbers_and_letters_are_written() -> None:
    passage = Passage("p", "Der Vorrat für Müller beträgt 1,200 Liter bis Freitag.", "p")
    written = unicodedata.normalize("NFD", "Der Vorrat für Müller beträgt 1200 LITER bis Freitag.")
    found = Restatements([passage]).now(Example("1", "q", written))
    assert found is not None
    assert found.evidence == (passage.text,)
