"""EML mail: what was written, by whom, to whom, with what was attached. Knows nothing of other formats but by their suffix."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.documents.encodings import decoded
from corpus.documents.formats.dates import iso_date
from corpus.documents.formats.known_formats import is_known, parts
from corpus.documents.formats.part import Block, LeftOut, Part
from corpus.documents.formats.text.quoted import own_and_quoted
from corpus.documents.formats.web.html import parsed

_HEADERS = ("From", "To", "Cc", "Date")
_DEEPEST = 20
"""Nesting of parts within parts, and of mails within mails, to which a mail is read."""
_MOST_ATTACHED = 100
"""Attachments of a mail that are read."""
_SEALS = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
_LOCKED = ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_NO_READER = "an attachment is left out: no reader for its format"
_MEND = "save it in a format that is read, beside the mail"


def read(file: Path) -> Iterator[Part]:
    """One part, with attached mails and attachments of known formats. Raises ``ValueError`` where the file is no mail."""
    with open(file, "rb") as stream:
        mail = BytesParser(policy=policy.compat32).parse(stream)
    if not any(mail.get(name) for name in (*_HEADERS, "Subject")):
        raise ValueError("it is not a mail")
    content = _Content()
    content.take_mail(mail, "", 0)
    yield Part(
        tuple(content.blocks),
        title=_header(mail, "Subject"),
        date=iso_date(mail.get("Date")),
        left_out=tuple(content.left_out),
    )


class _Content:
    """The content of a mail so far."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.left_out: list[LeftOut] = []
        self._attached = 0

    def take_mail(self, mail: Message, heading: str, depth: int) -> None:
        """A mail under a heading: its head, its body, and then what was attached."""
        lines = [f"{name}: {value}" for name in _HEADERS if (value := _header(mail, name))]
        attached: list[Message] = []
        bodies: list[Block] = []
        self._collect(mail, bodies, attached, depth)
        if attached:
            lines.append(f"Attached: {', '.join(map(_name, attached))}")
        self.blocks += [Block(heading, "\n".join(lines)), *(_below(heading, block) for block in bodies)]
        for part in attached:
            self._take_attached(part, heading, depth)

    def _collect(self, part: Message, bodies: list[Block], attached: list[Message], depth: int) -> None:
        kind = part.get_content_type()
        if kind in _LOCKED:
            self.left_out.append(LeftOut("", "an encrypted part is left out", "decrypt the mail and save it anew"))
        elif kind == "message/rfc822" or part.get_filename() or part.get_content_disposition() == "attachment":
            attached.append(part)
        elif part.is_multipart():
            if depth >= _DEEPEST:
                self.left_out.append(LeftOut("", f"parts nested deeper than {_DEEPEST} levels are left out"))
                return
            inner = _parts_of(part)
            for each in [_best(inner)] if part.get_content_subtype() == "alternative" and inner else inner:
                self._collect(each, bodies, attached, depth + 1)
        elif part.get_content_maintype() == "text":
            self._take_body(part, bodies)
        elif kind not in _SEALS and part.get_content_maintype() != "image":
            self.left_out.append(LeftOut("", f"a part is left out: no reader for {kind}"))

    def _take_body(self, part: Message, bodies: list[Block]) -> None:
        raw = part.get_payload(decode=True)
        if not isinstance(raw, bytes) or not raw.strip():
            return
        text = decoded(raw, part.get_content_charset() or "utf-8")
        if part.get_content_subtype() == "html":
            page = parsed(text)
            bodies += page.blocks
            self.left_out += page.left_out
            return
        flowed, delsp = (str(part.get_param(name) or "").lower() for name in ("format", "delsp"))
        passages = own_and_quoted(text, flowed=flowed == "flowed", delsp=delsp == "yes")
        bodies += (Block(heading, words) for heading, words in passages)

    def _take_attached(self, part: Message, above: str, depth: int) -> None:
        """An attached mail, or a file as its format's reader sees it; else it is named."""
        name = _name(part)
        heading = f"{above} > {name}" if above else name
        self._attached += 1
        if self._attached > _MOST_ATTACHED or depth >= _DEEPEST:
            self.left_out.append(LeftOut(heading, "an attachment is left out: there are too many"))
        elif part.get_content_type() == "message/rfc822":
            inner = _inner(part)
            self.take_mail(inner, f"{above} > {_header(inner, 'Subject') or name}".removeprefix(" > "), depth + 1)
        elif part.get_content_maintype() == "text" or is_known(Path(name)):
            self._take_file(part, name, heading)
        elif part.get_content_type() not in _SEALS and not _is_shown_in_text(part):
            self.left_out.append(LeftOut(heading, _NO_READER, _MEND))

    def _take_file(self, part: Message, name: str, heading: str) -> None:
        raw = part.get_payload(decode=True)
        if not isinstance(raw, bytes) or not raw.strip():
            return
        suffix = Path(name).suffix if is_known(Path(name)) else ".html" if "html" in part.get_content_type() else ".txt"
        with TemporaryDirectory() as folder:
            file = Path(folder, f"attached{suffix}")
            file.write_bytes(raw)
            try:
                file_parts = list(islice(parts(file), _MOST_ATTACHED))
            except (MemoryError, RecursionError):
                raise
            except Exception:  # noqa: BLE001 - a damaged file raises anything
                self.left_out.append(LeftOut(heading, "an attachment is left out: it cannot be read", _MEND))
                return
        for file_part in file_parts:
            self.blocks += [_below(heading, block) for block in file_part.blocks]
            self.left_out += [o._replace(place=f"{heading}, {o.place}".rstrip(", ")) for o in file_part.left_out]


def _below(above: str, block: Block) -> Block:
    return block._replace(heading=" > ".join(h for h in (above, block.heading) if h))


def _name(part: Message) -> str:
    return " ".join(_unquoted(str(part.get_filename() or part.get_content_type())).split())[:200]


def _is_shown_in_text(part: Message) -> bool:
    """Is it a picture that the text of an HTML mail shows, as of a letterhead?"""
    return part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"


def _inner(part: Message) -> Message:
    """The mail that is attached; some are encoded, though none should be."""
    inner = next(iter(_parts_of(part)), Message())
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() in ("base64", "quoted-printable"):
        inner["Content-Transfer-Encoding"] = part["Content-Transfer-Encoding"]
        raw = inner.get_payload(decode=True)
        if not inner.get("From") and isinstance(raw, bytes):
            return BytesParser(policy=policy.compat32).parsebytes(raw)
    return inner


def _parts_of(part: Message) -> list[Message]:
    """The parts that a part holds; none where it holds no parts."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _best(parts: list[Message]) -> Message:
    """Of the same words in several forms the plain one, if it holds any."""
    plain = (p for p in parts if p.get_content_type() == "text/plain" and str(p.get_payload()).strip())
    return next(plain, parts[-1])


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
