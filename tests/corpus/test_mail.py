"""Mail: whole sentences, quoted words apart, and everything attached read or named."""

from __future__ import annotations

import textwrap
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents.formats.text.quoted import own_and_quoted
from corpus.documents.read_documents import documents_of
from corpus.errors import Omission
from corpus.records import Document

HEAD = "From: office@lake.example\nSubject: Keys\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8"


def _read(file: Path, content: bytes | str) -> tuple[list[tuple[str, str]], list[str]]:
    """Headings and texts of a mail's sections, and what was left out of it."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    document, *omissions = documents_of([(file, file.name)])
    assert isinstance(document, Document)
    assert all(isinstance(o, Omission) for o in omissions)
    return [(s.heading, s.text) for s in document.sections], [str(o) for o in omissions]


@pytest.mark.parametrize("encoded", ["", "\nContent-Transfer-Encoding: quoted-printable"])
def test_flowed_lines_are_joined_and_quoted_ones_stand_apart(tmp_path: Path, encoded: str) -> None:
    body = """The workshop is closed on the day before a holiday in all of 
Upper Austria.
Keys are kept by
the porter.

> Who lends the trailer when the office is 
> closed?
>> Who has 
>> the key?
The night porter.
-- 
Harbour office
Phone 12"""
    if encoded:
        body = body.replace(" \n", "=20\n").replace("holiday in", "holi=\nday in")
    sections, omissions = _read(tmp_path / "a.eml", f"{HEAD}; format=flowed{encoded}\n\n{body}\n")
    assert sections == [
        ("", "From: office@lake.example\n\nThe workshop is closed on the day before a holiday in all of Upper Austria.\n"
         "Keys are kept by\nthe porter."),
        ("Quoted", "Who lends the trailer when the office is closed?"),
        ("Quoted > Quoted", "Who has the key?"),
        ("", "The night porter.\n\n-- \nHarbour office\nPhone 12"),
    ]  # fmt: skip
    assert not omissions


def test_a_space_at_the_end_is_none_of_the_text_where_the_mail_says_so() -> None:
    assert list(own_and_quoted("hello wor \nld\n from it \n!", flowed=True, delsp=True)) == [
        ("", "hello world\nfrom it!")
    ]


@pytest.mark.parametrize("mark", ["> ", ">"])
def test_quoted_lines_of_other_mails_stand_apart_too(mark: str) -> None:
    prose = (
        "The lift of the shop is inspected every twelve months, and whoever works in the store may use it at any time."
    )
    quoted = "".join(f"{mark}{line}\n" for line in textwrap.wrap(prose, 60))
    forwarded = "-----Original Message-----\nFrom: Jo\n\nOld words.\n"
    assert list(own_and_quoted(f"Yes.\n\n{quoted}\nNo.\n{forwarded}")) == [
        ("", "Yes."),
        ("Quoted", prose),
        ("", "No."),
        ("Quoted", "-----Original Message-----\nFrom: Jo\n\nOld words."),
    ]


_LINES = st.lists(st.text("ab >-", max_size=9), max_size=9).map("\n".join)


@given(_LINES, st.booleans(), st.booleans())
def test_no_letter_of_a_mail_is_lost(text: str, flowed: bool, delsp: bool) -> None:
    read = "".join(words for _, words in own_and_quoted(text, flowed=flowed, delsp=delsp))
    assert [c for c in read if c in "ab"] == [c for c in text if c in "ab"]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=11), min_size=1, max_size=60), st.integers(20, 78))
def test_what_was_flowed_is_whole_again(words: list[str], width: int) -> None:
    lines = textwrap.wrap(" ".join(words), width)
    assert list(own_and_quoted(" \n".join(lines), flowed=True)) == [("", " ".join(words))]


def test_quotes_of_html_mails_stand_apart(tmp_path: Path) -> None:
    html = "<p>Yes.</p><blockquote type=cite><p>May I?</p></blockquote><div class=gmail_quote>Long ago.</div><p>Jo</p>"
    sections, _ = _read(tmp_path / "a.eml", HEAD.replace("plain", "html") + f"\n\n{html}")
    assert sections[1:] == [("Quoted", "May I?\n\nLong ago."), ("", "Jo")]


def _mail(subject: str, body: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"] = subject, "jo@lake.example"
    mail.set_content(body)
    return mail


def test_attached_mails_are_read(tmp_path: Path) -> None:
    inner = _mail("Trailer", "The trailer is lent by the porter.")
    inner.add_attachment(_mail("Deepest", "The key hangs behind the door."))
    outer = _mail("Fwd", "See below.")
    outer.add_attachment(inner)
    sections, omissions = _read(tmp_path / "a.eml", outer.as_bytes())
    assert sections[1:] == [
        ("Trailer", "From: jo@lake.example\nAttached: message/rfc822\n\nThe trailer is lent by the porter."),
        ("Trailer > Deepest", "From: jo@lake.example\n\nThe key hangs behind the door."),
    ]
    assert not omissions


def test_mails_of_a_digest_are_read_also_where_they_are_encoded(tmp_path: Path) -> None:
    from email import encoders

    digest = MIMEMultipart("digest")
    digest["Subject"], digest["From"] = "Digest", "list@lake.example"
    digest.attach(MIMEMessage(_mail("One", "First words.")))
    part = MIMEMessage(_mail("Two", "Second words."))
    part.set_payload(_mail("Two", "Second words.").as_bytes())
    encoders.encode_base64(part)
    digest.attach(part)
    sections, _ = _read(tmp_path / "a.eml", digest.as_bytes())
    assert [heading for heading, _ in sections] == ["", "One", "Two"]
    assert "Second words." in sections[2][1]


def test_attachments_are_read_or_named(tmp_path: Path) -> None:
    mail = _mail("Files", "See the files.")
    mail.add_attachment("Model,Price\nDuo,389\n", subtype="csv", filename="prices.csv")
    mail.add_attachment("# Care\n\nWash cold.\n", subtype="plain", filename="care.md")
    mail.add_attachment("Plain words.\n", subtype="plain", filename="NOTES")
    mail.add_attachment(b"PK", maintype="application", subtype="zip", filename="all.zip")
    mail.add_attachment(b"%PDF no", maintype="application", subtype="pdf", filename="plan.pdf")
    mail.add_attachment(b"x", maintype="application", subtype="pgp-signature", filename="seal.asc")
    mail.add_attachment(b"x", maintype="image", subtype="png", filename="letterhead.png", disposition="inline")
    sections, omissions = _read(tmp_path / "a.eml", mail.as_bytes())
    assert sections[1:] == [
        ("prices.csv", "Model: Duo; Price: 389"),
        ("care.md > Care", "Wash cold."),
        ("NOTES", "Plain words."),
    ]
    assert "Attached: prices.csv, care.md, NOTES, all.zip, plan.pdf" in sections[0][1]
    assert [o.partition(";")[0] for o in omissions] == [
        "a.eml, all.zip: an attachment is left out: no reader for its format",
        "a.eml, plan.pdf: an attachment is left out: it cannot be read",
    ]


def test_encrypted_parts_and_parts_too_deep_are_named(tmp_path: Path) -> None:
    locked = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nHello.\n--x\nContent-Type: " + (
        "application/pkcs7-mime\n\nabc\n--x--\n"
    )
    assert "encrypted" in _read(tmp_path / "a.eml", locked)[1][0]
    deep = _mail("0", "Words.")
    for n in range(30):
        outer = _mail(str(n), "Words.")
        outer.add_attachment(deep)
        deep = outer
    assert "left out" in _read(tmp_path / "b.eml", deep.as_bytes())[1][0]
