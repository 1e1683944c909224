"""Sound files of ten formats whose words are known: spans, rotations, scripts, encodings. Knows nothing of who reads them.

Every word is drawn at random and stands once in its file, so that a word that is not read can be counted. A word that a person
would not see, or not see as valid (hidden, struck out), is not to be read, but its omission is to be told.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from html import escape
from typing import Any

LETTERS = {
    "latin": "abcdefghijklmnoprstuvwz",
    "accented": "aäbčdéfğhîjkłmnñoöprßtüvwž",
    "greek": "αβγδεζηθικλμνξοπρτυφχψω",
    "cyrillic": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "hebrew": "אבגדהוזחטילמנסעפצקרשת",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "devanagari": "कखगघचछजझटठडढतथदधनपफबभमयरलवशसह",
    "thai": "กขคงจฉชซญดตถทธนบปผพฟมยรลวสหอ",
    "han": "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳云腾致雨露结为霜金生丽水玉出昆冈",
    "kana": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわ",
    "hangul": "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호",
}
FULL_STOP = {"han": "。", "kana": "。", "devanagari": "।", "arabic": "."}
ENCODINGS = {
    "latin": ("utf-8", "utf-16", "cp1252", "ascii"),
    "accented": ("utf-8", "utf-8-sig", "utf-16", "utf-16-be"),
    "greek": ("utf-8", "utf-16", "utf-8-sig"),
    "cyrillic": ("utf-8", "utf-16", "utf-16-le"),
    "han": ("utf-8", "utf-16", "gb18030"),
    "kana": ("utf-8", "utf-16", "shift_jis"),
    "hangul": ("utf-8", "utf-16", "cp949"),
}
"""Those that name themselves or that a text of this script shows clearly; all others are UTF-8."""


@dataclass
class Text:
    """Words drawn for one file: ``seen`` are to be read, ``unseen`` are to be named."""

    rng: random.Random
    script: str
    seen: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, rng: random.Random, scripts: Sequence[str] = tuple(LETTERS)) -> Text:
        """Words of one of these scripts."""
        return cls(rng, rng.choice(scripts))

    def word(self, *, hidden: bool = False) -> str:
        """A new word of the script."""
        length = 4 if self.script in ("han", "hangul", "kana") else self.rng.randint(7, 9)
        word = "".join(self.rng.choice(LETTERS[self.script]) for _ in range(length))
        if word in self.seen or word in self.unseen:
            return self.word(hidden=hidden)
        (self.unseen if hidden else self.seen).append(word)
        return word

    def phrase(self, least: int = 2, most: int = 5) -> str:
        """Some words, parted by spaces where the script has them."""
        space = "" if self.script in ("han", "kana", "thai") else " "
        return space.join(self.word() for _ in range(self.rng.randint(least, most)))

    def sentence(self) -> str:
        """A sentence of new words."""
        return self.phrase(4, 9) + FULL_STOP.get(self.script, ".")

    def paragraph(self) -> str:
        """Some sentences."""
        return ("" if self.script in ("han", "kana") else " ").join(
            self.sentence() for _ in range(self.rng.randint(1, 4))
        )

    def encoded(self, text: str) -> tuple[bytes, str]:
        """The text in an encoding in which it can be read, and that encoding's name."""
        encoding = self.rng.choice(ENCODINGS.get(self.script, ("utf-8",)))
        return text.encode(encoding), encoding


@dataclass(frozen=True)
class Known:
    """A file's content with the words that stand in it."""

    suffix: str
    content: bytes
    seen: tuple[str, ...]
    unseen: tuple[str, ...]


def known_files(number: int, seed: int) -> Iterator[tuple[str, str, Known]]:
    """Kind, file name and content of ``number`` files, all kinds in turn; the same for the same seed."""
    kinds = list(KINDS)
    for n in range(number):
        kind = kinds[n % len(kinds)]
        suffix, content, text = KINDS[kind](random.Random(f"known-{seed}-{n}"))
        yield kind, f"{n:05}.{suffix}", Known(suffix, content, tuple(text.seen), tuple(text.unseen))


_Made = tuple[str, bytes, Text]


def _text(rng: random.Random) -> _Made:
    text = Text.of(rng)
    return "txt", text.encoded("\n\n".join(text.paragraph() for _ in range(rng.randint(1, 6))))[0], text


def _markdown(rng: random.Random) -> _Made:
    text = Text.of(rng)
    blocks = [f"# {text.phrase()}"]
    for _ in range(rng.randint(3, 8)):
        blocks.append(
            rng.choice(
                (
                    lambda: f"{'#' * rng.randint(1, 4)} {text.phrase()}",
                    text.paragraph,
                    lambda: "\n".join(f"{n}. {text.phrase()}" for n in range(1, 4)),
                    lambda: "\n".join(f"- {text.phrase()}\n  - {text.phrase()}" for _ in range(2)),
                    lambda: f"> {text.sentence()}",
                    lambda: f"```\n{text.phrase()}\n```",
                    lambda: f"{text.sentence()}[^1]\n\n[^1]: {text.sentence()}",
                    lambda: f"{text.sentence()} ~~{text.word(hidden=True)}~~ {text.sentence()}",
                    lambda: _pipes(_grid(text, rng)),
                )
            )()
        )
    return "md", text.encoded("\n\n".join(blocks))[0], text


def _pipes(rows: list[list[str]]) -> str:
    head, *others = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *others])


def _grid(text: Text, rng: random.Random) -> list[list[str]]:
    return [[text.phrase(1, 2) for _ in range(3)] for _ in range(rng.randint(2, 5))]


def _csv(rng: random.Random) -> _Made:
    text, out = Text.of(rng), io.StringIO()
    delimiter = rng.choice((",", ";", "\t", "|"))
    ends = rng.choice(("\n", "\r\n"))
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=rng.choice((0, 1)))
    writer.writerows([[text.phrase(1, 3) for _ in range(4)] for _ in range(rng.randint(3, 30))])
    told = f"sep={delimiter}{ends}" if rng.random() < 0.2 else ""
    return "csv", text.encoded(told + out.getvalue())[0], text


def _html(rng: random.Random) -> _Made:
    text = Text.of(rng)
    body = "".join(_html_block(text, rng) for _ in range(rng.randint(3, 8)))
    title = text.phrase()  # of the page and, as a person sees it, above its text
    content, encoding = text.encoded(f"<title>{title}</title><main><h1>{title}</h1>{body}</main>")
    plain = encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig")
    declared = b"" if plain else f'<!doctype html><meta charset="{encoding}">'.encode()
    if encoding in ("utf-16-le", "utf-16-be"):
        content = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding] + content
    return "html", declared + content, text


def _html_block(text: Text, rng: random.Random) -> str:
    return rng.choice(
        (
            lambda: f"<p>{text.paragraph()}</p>",
            lambda: f"<h2>{text.phrase()}</h2><p>{text.sentence()}</p>",
            lambda: f"<ol start=3><li>{text.phrase()}<li>{text.phrase()}</ol>",
            lambda: f"<dl><dt>{text.word()}<dd>{text.sentence()}</dl>",
            lambda: f"<details><summary>{text.phrase()}</summary><p>{text.sentence()}</p></details>",
            lambda: f"<p>{text.phrase()} <del>{text.word(hidden=True)}</del> {text.phrase()}</p>",
            lambda: f"<p>{text.phrase()} <s>{text.word(hidden=True)}</s> {text.phrase()}</p>",
            lambda: _html_table(text, rng),
        )
    )()


def _html_table(text: Text, rng: random.Random) -> str:
    """Cells that span rows and columns at random, without holes."""
    rows, columns = rng.randint(2, 5), rng.randint(2, 4)
    head = "<tr>" + "".join(f"<th>{text.phrase(1, 2)}</th>" for _ in range(columns)) + "</tr>"
    taken: set[tuple[int, int]] = set()
    body = ""
    for r in range(rows):
        body += "<tr>"
        for c in range(columns):
            if (r, c) in taken:
                continue
            wide = 2 if c + 1 < columns and (r, c + 1) not in taken and rng.random() < 0.2 else 1
            high = 2 if r + 1 < rows and wide == 1 and rng.random() < 0.2 else 1
            taken |= {(r + y, c + x) for y in range(high) for x in range(wide)}
            spans = (f" colspan={wide}" if wide > 1 else "") + (f" rowspan={high}" if high > 1 else "")
            body += f"<td{spans}>{text.phrase(1, 2)}</td>"
        body += "</tr>"
    return f"<table>{head}{body}</table>"


def _pdf(rng: random.Random) -> _Made:
    """Pages upright, turned by their flag, drawn sideways, with or without columns."""
    from reportlab.pdfgen.canvas import Canvas

    scripts = ("latin", "accented", "greek", "cyrillic", "hebrew") if _font() != "Helvetica" else ("latin",)
    text, out = Text.of(rng, scripts), io.BytesIO()
    canvas = Canvas(out, pagesize=(600, 800), invariant=1)
    for _ in range(rng.randint(1, 3)):
        turned = rng.choice((0, 0, 90, 180, 270))
        drawn = rng.choice((0, 0, 0, 90, 180, 270))
        canvas.setFont(_font(), 11)
        if turned:
            canvas.setPageRotation(turned)
        canvas.saveState()
        canvas.translate(300, 400)
        canvas.rotate(drawn)
        for x in rng.choice(((-250,), (-250, 20))):
            for line in range(rng.randint(3, 12)):
                words = text.phrase(2, 3)
                canvas.drawString(x, 240 - 16 * line, words[::-1] if text.script == "hebrew" else words)
        canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return "pdf", out.getvalue(), text


def _font() -> str:
    """A font with many scripts, where the machine has it."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont
    from reportlab.rl_config import TTFSearchPath

    if "DejaVu" in pdfmetrics.getRegisteredFontNames():
        return "DejaVu"
    if "/usr/share/fonts/truetype/dejavu" not in TTFSearchPath:
        TTFSearchPath.append("/usr/share/fonts/truetype/dejavu")  # where Debian has it
    try:
        pdfmetrics.registerFont(TTFont("DejaVu", "DejaVuSans.ttf"))
    except TTFError:
        return "Helvetica"
    return "DejaVu"


def _docx(rng: random.Random) -> _Made:
    from docx import Document

    text, made, out = Text.of(rng), Document(), io.BytesIO()
    made.add_heading(text.phrase(), 1)
    for _ in range(rng.randint(3, 7)):
        rng.choice(
            (
                lambda: made.add_paragraph(text.paragraph()),
                lambda: made.add_heading(text.phrase(), rng.randint(1, 3)),
                lambda: made.add_paragraph(text.phrase(), style="List Number"),
                lambda: _struck(made.add_paragraph(text.phrase() + " "), text),
                lambda: _text_box(made.add_paragraph(text.phrase()), text.sentence()),
                lambda: _merged(made.add_table(3, 3), text, rng),
            )
        )()
    made.save(out)
    return "docx", out.getvalue(), text


def _struck(paragraph: Any, text: Text) -> None:
    paragraph.add_run(text.word(hidden=True)).font.strike = True
    paragraph.add_run(f" {text.phrase()}")


def _text_box(paragraph: Any, words: str) -> None:
    from lxml import etree

    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    run = etree.fromstring(
        f'<w:r xmlns:w="{word}" xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent>'
        f"<w:p><w:r><w:t>{escape(words)}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    paragraph._p.append(run)


def _merged(table: Any, text: Text, rng: random.Random) -> None:
    """Three by three cells, two of them joined, down or across."""
    row, column = rng.randint(1, 2), rng.randint(0, 1)
    joined = [(row, column), (row, column + 1)] if rng.random() < 0.5 else [(1, column), (2, column)]
    table.cell(*joined[0]).merge(table.cell(*joined[1]))
    for r in range(3):
        for c in range(3):
            if (r, c) != joined[1]:
                table.cell(r, c).text = text.phrase(1, 2)


def _pptx(rng: random.Random) -> _Made:
    from pptx import Presentation
    from pptx.util import Inches

    text, made, out = Text.of(rng), Presentation(), io.BytesIO()
    for _ in range(rng.randint(1, 3)):
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = text.phrase(), text.paragraph()
        box = slide.shapes.add_group_shape().shapes.add_textbox(*(Inches(n) for n in (1, 1, 3, 1)))
        box.text_frame.text = text.sentence()
        if rng.random() < 0.5:
            _merged(slide.shapes.add_table(3, 3, *(Inches(n) for n in (1, 3, 6, 2))).table, text, rng)
        if rng.random() < 0.5:
            slide.notes_slide.notes_text_frame.text = text.sentence()
    made.save(out)
    return "pptx", out.getvalue(), text


def _xlsx(rng: random.Random) -> _Made:
    from openpyxl import Workbook

    text, made, out = Text.of(rng), Workbook(), io.BytesIO()
    sheet: Any = made.active
    sheet.append([text.phrase(1, 2) for _ in range(4)])
    for n in range(2, rng.randint(5, 20)):
        hidden = rng.random() < 0.1
        sheet.append([text.word(hidden=hidden) for _ in range(4)])
        sheet.row_dimensions[n].hidden = hidden
    if rng.random() < 0.5:
        last = sheet.max_row + 1
        sheet.cell(last, 1, text.phrase(1, 2))
        sheet.merge_cells(start_row=last, end_row=last + 1, start_column=1, end_column=1)
        for row in (last, last + 1):
            sheet.cell(row, 2, text.phrase(1, 2))
    made.save(out)
    return "xlsx", out.getvalue(), text


def _mail(rng: random.Random) -> _Made:
    text = Text.of(rng)
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["Date"] = text.phrase(), "jo@example.org", "Sat, 28 Feb 2026 10:00:00 +0100"
    way = rng.choice(("plain", "html", "flowed", "nested"))
    if way == "html":
        mail.set_content(f"<p>{text.paragraph()}</p><p>{text.paragraph()}</p>", subtype="html")
    elif way == "flowed":
        words = [text.word() for _ in range(rng.randint(8, 30))]
        mail.set_content(" \n".join(" ".join(words[n : n + 4]) for n in range(0, len(words), 4)))
        mail.set_param("format", "flowed")
    else:
        mail.set_content(f"{text.paragraph()}\n\n{text.paragraph()}")
    if way == "nested":
        inner = EmailMessage()
        inner["Subject"], inner["From"] = text.phrase(), "ada@example.org"
        inner.set_content(text.paragraph())
        mail.add_attachment(inner)
    return "eml", mail.as_bytes(), text


def _epub(rng: random.Random) -> _Made:
    text, out = Text.of(rng), io.BytesIO()
    kinds = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml")
    chapters = [(n, rng.choice(kinds)) for n in range(rng.randint(1, 4))]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        root = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
        book.writestr("META-INF/container.xml", root)
        items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="{kind}"/>' for n, kind in chapters)
        spine = "".join(f'<itemref idref="c{n}"/>' for n, _ in chapters)
        book.writestr("OPS/book.opf", f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>")
        for n, _ in chapters:
            body = f"<h1>{text.phrase()}</h1><p>{text.paragraph()}</p>{_html_table(text, rng)}".replace("=2>", '="2">')
            body = body.replace("=2 ", '="2" ')
            book.writestr(f"OPS/c{n}.xhtml", f"<html><body>{body}</body></html>")
    return "epub", out.getvalue(), text


KINDS: dict[str, Callable[[random.Random], _Made]] = {
    f"known {name}": make
    for name, make in {
        "text": _text,
        "Markdown": _markdown,
        "CSV": _csv,
        "HTML": _html,
        "PDF": _pdf,
        "DOCX": _docx,
        "PPTX": _pptx,
        "XLSX": _xlsx,
        "mail": _mail,
        "EPUB": _epub,
    }.items()
}
