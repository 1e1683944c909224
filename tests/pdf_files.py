"""Small PDFs written by hand, for what reportlab does not write: letters of any script, without a font file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

WIDTH = 0.5
"""Every letter is half as wide as the font is high."""


def write_pdf(file: Path, contents: Sequence[str], letters: str = "", *, mapped: bool = True, extra: str = "") -> None:
    """A PDF of pages with these content streams. Font ``/F1`` has the letters of ``letters`` at the codes from 1.

    ``mapped``: does the font tell which letters they are? ``extra``: more entries of each page.
    """
    to_unicode = _cmap(letters)
    pages = range(6, 6 + 2 * len(contents), 2)
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in pages)}] /Count {len(contents)} >>",
        f"<< /Type /Font /Subtype /Type3 /FontBBox [0 -200 500 800] /FontMatrix [.001 0 0 .001 0 0] /FirstChar 0"
        f" /LastChar {len(letters)} /Widths [{' '.join(['500'] * (len(letters) + 1))}] /Resources << >>"
        f" /CharProcs << /a 5 0 R >> /Encoding << /Type /Encoding /Differences [0 {'/a ' * (len(letters) + 1)}] >>"
        f"{' /ToUnicode 4 0 R' if mapped else ''} >>",
        _stream(to_unicode),
        _stream("500 0 0 -200 500 800 d1 0 0 400 700 re f"),
    ]
    for number, content in zip(pages, contents, strict=True):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R"
            f" /Resources << /Font << /F1 3 0 R >> >> {extra} >>",
            _stream(content),
        ]
    made = "%PDF-1.7\n"
    places = []
    for n, held in enumerate(objects, 1):
        places.append(len(made))
        made += f"{n} 0 obj\n{held}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    made += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{made.index('xref')}\n%%EOF\n"
    file.write_bytes(made.encode("latin-1"))


def line(
    text: str, letters: str, x: float, y: float, *, size: float = 12, right: bool = False, spacing: float = 0
) -> str:
    """Operators that draw letters from left to right as they are seen; ``right``: ``x`` is where they end."""
    at = x - len(text) * size * WIDTH if right else x
    codes = "".join(f"{letters.index(c) + 1:02x}" for c in text)
    return f"BT /F1 {size} Tf {spacing} Tc 1 0 0 1 {at} {y} Tm <{codes}> Tj ET\n"


def alphabet(texts: Iterable[str]) -> str:
    return "".join(sorted({c for text in texts for c in text}))


def _cmap(letters: str) -> str:
    chars = "".join(f"<{n:02x}> <{c.encode('utf-16-be').hex()}>\n" for n, c in enumerate(letters, 1))
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Test def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <ff> endcodespacerange\n{len(letters)} beginbfchar\n{chars}endbfchar\n"
        "endcmap end end"
    )


def _stream(held: str) -> str:
    return f"<< /Length {len(held)} >>\nstream\n{held}\nendstream"
