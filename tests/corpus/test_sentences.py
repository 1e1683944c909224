"""Where sentences end: each case is the sentences that its text, they joined by spaces, is to be cut into."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.sentences import segments, sentences

_CASES = [
    [
        "A launching cart carries approx. 40 kg of gear and one boat.",
        "On the night tour bring e.g. a lamp, a rope and gloves.",
        "Locker no. 17 belongs to Dr. Marlow of the rescue team.",
        "The knot is shown in fig. 3 on the wall.",
        "The sauna is heated by the club, i.e. at its cost, from 1 Nov. 2026 until 31 Mar. 2027 on Fridays.",
        "The J. F. Brand cup is rowed in May.",
    ],
    ["Ask Mr. Smith or Mrs. Jones.", "Prof. Ada Lovelace spoke first."],
    ["He lives at 5 St. James Street.", "The shop is on Main St. near the river."],
    ["Kim et al. 2019 showed it.", "See also Lee et al. for the proof."],
    ["It is 3.5 km long.", "Bring 2 kg."],
    ["The U.S. Army bought it.", "It was made in the U.S. by hand."],
    ["Acme Inc. sells boats.", "Brown & Co. Ltd. sells oars."],
    ["Kent vs. Essex starts at 7 p.m. on Friday.", "Doors open at 6 p.m."],
    ["We met at 5 p.m.", "Then we left."],
    ["He came from the U.S.", "She did not."],
    ["It costs 5 euros, etc.", "The rest is free."],
    ["Bring ropes, gloves, etc. to the pier.", "Do not forget water."],
    ["Jan. 5 is free.", "On Sept. 3 we close."],
    ["See p. 5, pp. 7-9 and vol. 2, ch. 3.", "The rest follows."],
    ['"He left."', "Then she came."],
    ['He said "Stop."', "Nobody did."],
    ["“It is closed.”", "The guard shrugged."],
    ['"Is it open?" he asked.', "It was."],
    ["(See the map.)", "The way is short."],
    ["The hut (built in 1910. Rebuilt later.) is open.", "Bring a key."],
    ["Wait... there is more.", "Really."],
    ["He waited…", "Nobody came."],
    ["Really?!", "Yes."],
    ["Use version 4.2.1 today.", "Not 4.2."],
    ["Open config.yaml first.", "Then visit example.com or www.example.org/a.html."],
    ["The file is named readme.txt.", "Read it."],
    ["J. R. R. Tolkien wrote it.", "George W. Bush read it."],
    ["Vitamin C. helps nobody."],
    ["This is plan B.", "We follow it."],
    ["I am 42.", "She is 43."],
    ["It was built in 1910.", "It burned in 1950."],
    ["In 1910. it was."],
    ["Max. 4 persons, min. 2.", "Ask at the desk."],
    ["Gen. Lee met Lt. Col. Grant.", "Rev. King spoke."],
    ["Sizes: 5 ft. 3 in. or more.", "Nothing else."],
    ["Clause No. 5 applies.", "Is it open?", "No."],
    ["Dial ext. 12 for help.", "Room nos. 3 and 4 are closed."],
    ["The temp. is 5 °C.", "It rains."],
    ["Der Kurs beginnt am 3. Mai um 9 Uhr.", "Er dauert z. B. zwei Stunden."],
    ["Zimmer Nr. 5 kostet ca. 40 Euro inkl. Frühstück.", "Hunde sind verboten."],
    ["Das gilt d. h. immer, u. a. am 1. Januar, bzw. am Abend.", "Sonst nicht."],
    ["Die Hauptstr. 5 liegt am Bahnhof.", "Prof. Dr. Meier wohnt dort."],
    ["Vgl. S. 5 und Abs. 3 des Gesetzes.", "Es gilt seit dem 19. Jahrhundert."],
    ["Er wohnt seit 1990 dort.", "Sie kam 1995.", "Dann ging er."],
    ["Le cours commence à 9 h.", "M. Dupont et Mme. Roy y seront, p. ex. lundi."],
    ["El Sr. García y la Dra. Ruiz viven en la Av. Mayor, núm. 5.", "Llegan tarde."],
    ["¿Está abierto?", "¡No!", "Vuelva mañana."],
    ["Il sig. Rossi abita qui.", "Il dott. Bianchi no, ecc. ecc."],
    ["De heer dr. Jansen komt o.a. uit Utrecht, bijv. vandaag.", "Morgen niet."],
    ["Встреча в 9 ч. утра на ул. Ленина, д. 5.", "Приходите."],
    ["在北京大学。", "他们走了！", "真的吗？", "是的。"],
    ["これはペンです。", "本当ですか？", "はい。"],
    ["「行く。」と言った。", "彼は帰った。"],
    ["यह एक पुस्तक है।", "वह अच्छी है।"],
    ["هل هو مفتوح؟", "نعم هو مفتوح."],
    ["价格为3.5元。", "版本4.2.1可用。"],
    ["The price is $5.50.", "VAT is 7.5 %."],
    ["Mix 1 c. flour with 2 tbsp. sugar.", "Bake it."],
    ["She holds a Ph.D. in physics.", "He has a B.A. and an M.Sc. from Leeds."],
    ["The firm (est. 1910) moved.", "It grew."],
    ["Figs. 3 and 4 show it.", "Eq. 5 proves it.", "Sec. 2 ends."],
    ["Open Mon. to Fri. from 9 a.m. to 5 p.m.", "Closed on Sundays."],
    ["Call 555.1234 now.", "Or write."],
    ["Mr. and Mrs. Hall paid.", "They left at 10."],
    ['The so-called "U.S. rule" holds.', "Good."],
    ['He asked, "Why?"', "She said nothing."],
    ["Never mind.", "I can't.", "Why?", "Ask Washington D.C. lawyers."],
    ["This applies to cats, dogs etc. and to birds.", "Not to fish."],
    ["The N. wall is wet.", "Go N. along the beach."],
    ["No. 5 is alive."],
    ["Is it no?", "No.", "It is yes."],
    ["Art. 5 Abs. 2 gilt.", "Punkt."],
    ["We sell tents, e.g. the Duo.", "All are new."],
    ["We sell tents, i.e. Ash tents.", "All are new."],
    ["See Smith v. Jones.", "It was decided in 1950."],
    ["It weighs approx. Five kilos."],
    ["The range is 5-6.", "Press A.", "Then press B."],
    ["At 5 a.m. Mr. Smith went to the bank.", "He came back at 6 p.m.", "Nobody was there."],
    ["we open at nine.", "we close at six, e.g. on fridays.", "bring approx. two euros."],
    ["1. Open the lid.", "2. Press A."],
    ["Der 2. Weltkrieg endete 1945.", "Im 4. Stock ist es ruhig."],
    ["He was born in 1910.[3]", "His brother came later."],
    ["**Note.**", "The door is shut."],
    ["It weighs 3 kg.", "Solo tents weigh less."],
    ["It holds 5 l.", "Larger ones hold 9 l."],
    ["The cat sat.", "Mar tables are sold."],
    ["We polish with a rag.", "Under the arch.", "It is modern art.", "A boat passes."],
]


def _cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@pytest.mark.parametrize("wanted", _CASES, ids=lambda c: c[0][:40])
def test_sentences_end_where_a_reader_ends_them(wanted: list[str]) -> None:
    joint = "" if any("\u3040" <= c <= "\u9fff" for c in wanted[0]) else " "
    assert _cut(joint.join(wanted)) == wanted


def test_a_lines_end_ends_a_sentence_whatever_stands_there() -> None:
    assert _cut("Bring approx.\n40 kg\n\n—\nof gear") == ["Bring approx.", "40 kg", "of gear"]
    assert [b for _, b in segments("a\n—\nb")] == [1, 3, 5], "signs alone are a segment, and no sentence"


_PIECES = st.sampled_from(
    [
        "Dr. ",
        "no. ",
        "17",
        "A. ",
        "He",
        "left",
        ".",
        "!",
        "?",
        "…",
        "。",
        "「",
        "」",
        "(",
        ")",
        '"',
        "\n",
        " ",
        "e.g. ",
        "3.5",
        "ß",
        "ก",
        "\u0301",
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_segments_are_in_order_and_leave_nothing_out_but_space(text: str) -> None:
    at = 0
    for start, end in segments(text):
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        at = end
    assert not text[at:].strip()


@pytest.mark.long
@pytest.mark.parametrize("piece", [".", "a. ", "(a. ", "A. B ", "1. ", "?!", '."', "a.) [1. "])
def test_the_time_grows_with_the_text_and_not_faster(piece: str) -> None:
    def seconds(times: int) -> float:
        started = time.process_time()
        list(segments(piece * times + "x"))
        return time.process_time() - started

    assert seconds(40_000) < 20 * max(0.02, seconds(4_000))
