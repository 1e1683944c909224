"""EML mail: what was written, by whom, to whom, and the names of what was attached. Knows nothing of other formats."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from corpus.encodings import decoded
from corpus.formats.dates import iso_date
from corpus.formats.html import parsed
from corpus.formats.part import Block, Part
from corpus.formats.wrapped import unwrapped

_TOLD = ("From", "To", "Cc", "Date")
_DEEPEST = 20
"""Nesting of parts within parts to which a mail is read."""


def read(file: Path) -> Iterator[Part]:
    """One part. Attachments are named, not read. Raises ``ValueError`` where the file is no mail."""
    with open(file, "rb") as held:
        mail = BytesParser(policy=policy.compat32).parse(held)
    if not any(mail.get(name) for name in (*_TOLD, "Subject")):
        raise ValueError("it is not a mail")
    told = [f"{name}: {value}" for name in _TOLD if (value := _header(mail, name))]
    bodies: list[Block] = []
    attached: list[str] = []
    _collect(mail, bodies, attached, 0)
    if attached:
        told.append(f"Attached: {', '.join(attached)}")
    yield Part((Block("", "\n".join(told)), *bodies), title=_header(mail, "Subject"), date=iso_date(mail.get("Date")))


def _collect(part: Message, bodies: list[Block], attached: list[str], depth: int) -> None:
    name = part.get_filename()
    if name or part.get_content_disposition() == "attachment":
        attached.append(" ".join(_unquoted(str(name or part.get_content_type())).split())[:200])
    elif part.is_multipart():
        if depth < _DEEPEST:
            inner: Any = part.get_payload()
            for each in [_best(inner)] if part.get_content_subtype() == "alternative" else inner:
                _collect(each, bodies, attached, depth + 1)
    elif part.get_content_maintype() == "text":
        bodies.extend(_body(part))


def _best(parts: list[Message]) -> Message:
    """Of the same words in several forms the plain one, if it holds any."""
    plain = (p for p in parts if p.get_content_type() == "text/plain" and str(p.get_payload()).strip())
    return next(plain, parts[-1])


def _body(part: Message) -> Iterator[Block]:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes) or not raw.strip():
        return
    text = decoded(raw, part.get_content_charset() or "utf-8")
    if part.get_content_subtype() == "html":
        yield from parsed(text).blocks
    else:
        yield Block("", "".join(unwrapped(text.splitlines(keepends=True))))


def _header(mail: Message, name: str) -> str:
    return " ".join(_unquoted(str(mail.get(name) or "")[:2000]).split())


def _unquoted(value: str) -> str:
    """``=?utf-8?q?Gr=C3=BC=C3=9Fe?=`` in plain letters; as it stands where it is damaged."""
    from email.errors import HeaderParseError
    from email.header import decode_header, make_header

    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value
