"""Small sound files of every format, to be broken. Knows nothing of how."""

from __future__ import annotations

import io
import re
import zipfile
from email.message import EmailMessage
from functools import cache

ZIPPED = ("docx", "pptx", "xlsx", "epub")
MAIN = {
    "docx": "word/document.xml",
    "pptx": "ppt/slides/slide1.xml",
    "xlsx": "xl/worksheets/sheet1.xml",
    "epub": "OPS/chapter.xhtml",
}
"""Where each archive holds its text."""
SUFFIXES = ("md", "txt", "csv", "tsv", "html", "xhtml", "pdf", "eml", *ZIPPED)
WORDS = "The Juniper Duo tent costs €389 and weighs 2 kg. Größe: für Füße. Unworn items can be returned."


@cache
def sound(suffix: str) -> bytes:
    """A sound file of a format, the same each time."""
    made: bytes = _SOUND.get(suffix, lambda: WORDS.encode())()
    return undated(made) if suffix in ZIPPED else made


def undated(archive: bytes) -> bytes:
    """The same archive without the time at which it was made."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-02-28T10:00:00Z", old.read(entry))
            new.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for page in range(3):
        for line in range(20):
            canvas.drawString(60, 780 - 14 * line, f"{WORDS[:60]} {page} {line}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _docx() -> bytes:
    from docx import Document

    made, out = Document(), io.BytesIO()
    made.add_heading("Tents", 1)
    for _ in range(10):
        made.add_paragraph(WORDS)
    made.add_table(3, 3).cell(0, 0).text = "Model"
    made.save(out)
    return out.getvalue()


def _pptx() -> bytes:
    from pptx import Presentation

    made, out = Presentation(), io.BytesIO()
    slide = made.slides.add_slide(made.slide_layouts[1])
    slide.shapes.title.text, slide.placeholders[1].text = "Tents", WORDS
    made.save(out)
    return out.getvalue()


def _xlsx() -> bytes:
    from openpyxl import Workbook

    made, out = Workbook(), io.BytesIO()
    for n in range(20):
        made.active.append(["Model", "Price"] if not n else [f"Tent {n}", n])  # type: ignore[union-attr]
    made.save(out)
    return out.getvalue()


def _epub() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        root = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
        book.writestr("META-INF/container.xml", root)
        item = '<item id="c" href="chapter.xhtml" media-type="application/xhtml+xml"/>'
        book.writestr(
            "OPS/book.opf", f'<package><manifest>{item}</manifest><spine><itemref idref="c"/></spine></package>'
        )
        book.writestr(MAIN["epub"], f"<html><body><h1>Tents</h1><p>{WORDS}</p></body></html>")
    return out.getvalue()


def _eml() -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Date"] = "Größe", "jo@example.org", "Sat, 28 Feb 2026 10:00:00 +0100"
    mail.set_content(WORDS)
    mail.add_alternative(f"<p>{WORDS}</p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    for n, part in enumerate(p for p in mail.walk() if p.is_multipart()):
        part.set_boundary(f"==={n}===")  # not one by chance
    return mail.as_bytes()


def _html() -> bytes:
    return f"<html><body><nav>x</nav><h1>Tents</h1>{f'<p>{WORDS}</p>' * 20}<table><tr><th>a<td>b</table>".encode()


def _csv() -> bytes:
    return ("Model,Price\n" + "".join(f'"Tent, {n}",{n}\n' for n in range(50))).encode()


_SOUND = {
    "pdf": _pdf,
    "docx": _docx,
    "pptx": _pptx,
    "xlsx": _xlsx,
    "epub": _epub,
    "eml": _eml,
    "html": _html,
    "csv": _csv,
}
