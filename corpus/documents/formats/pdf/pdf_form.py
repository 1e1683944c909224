"""What lies over a page of a PDF: values filled into a form, text boxes, struck-out places, comments."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import pypdfium2.raw as pdfium

from corpus.documents.formats.pdf.pdf_glyphs import Box
from corpus.documents.formats.pdf.pdf_library import PdfPage
from corpus.documents.formats.pdf.pdf_rows import Piece

_HIDDEN = 0x02 | 0x20
"""Flags of an annotation that is not shown (ISO 32000-1, 12.5.3)."""
_PASSWORD = 1 << 13
_LABEL_ABOVE = 2.5
"""The largest distance of a label above its field, in heights of the label."""

_BEHIND = 1 / 3
"""Behind a box to tick, a label may be further away than one before it."""


class Field(NamedTuple):
    """A field of a form with what was filled in. A box to tick is ``yes`` or ``no``."""

    box: Box
    value: str
    label: str
    """What the form itself says that the field is for; empty where it does not."""
    name: str
    tick: bool = False
    """Is it a small box, whose label may stand behind it?"""
    choice: bool = False
    """Is it the one of several such boxes that is chosen? Then what stands beside it is its value."""


class Overlay(NamedTuple):
    """What lies over the words of a page."""

    fields: tuple[Field, ...] = ()
    boxes: tuple[Box, ...] = ()
    """Where fields stand, empty ones too."""
    struck_out: tuple[Box, ...] = ()
    texts: tuple[tuple[Box, str], ...] = ()
    """Text typed onto the page."""
    unread: tuple[tuple[str, int], ...] = ()
    """What is not read, and how often it occurs."""


def overlay_of(page: PdfPage, form: object) -> Overlay:
    """The annotations of a page of pypdfium2; ``form`` is the document's form environment, or None."""
    fields: list[Field] = []
    boxes: list[Box] = []
    struck: list[Box] = []
    texts: list[tuple[Box, str]] = []
    unread: Counter[str] = Counter()
    for note in _annotations(page):
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            field, secret = (_field(note, form), _secret(note, form)) if form else (None, "form field without a form")
            boxes.append(_box(note))
            if field and not secret:
                fields.append(field)
            elif secret and pdfium.FPDFAnnot_HasKey(note, b"V"):
                unread[secret] += 1
        elif kind == pdfium.FPDF_ANNOT_STRIKEOUT:
            struck += _quads(note)
        elif kind == pdfium.FPDF_ANNOT_FREETEXT and not pdfium.FPDFAnnot_GetFlags(note) & _HIDDEN:
            texts += [(_box(note), text)] if (text := _string(note, b"Contents")) else []
        elif unread_kind := _unread(note, kind):
            unread[unread_kind] += 1
    return Overlay(tuple(fields), tuple(boxes), tuple(struck), tuple(texts), tuple(unread.items()))


def with_fields(pieces: Sequence[Piece], fields: Sequence[Field], boxes: Sequence[Box]) -> list[Piece]:
    """The words of a page with each value beside its label: ``Name of the boat: Sandpiper``.

    ``boxes``: where fields stand, empty ones too. Everything lies in one frame.
    """
    words = list(pieces)
    heads = [_above(pieces, field.box) for field in fields]
    for field, head in zip(fields, heads, strict=True):
        label = _beside(words, field, boxes)
        if label and any(c.isalpha() for c in label.text):
            statement = (field.label or field.name, _bare(label.text)) if field.choice else (label.text, field.value)
            words[words.index(label)] = _widened(label, field.box, _stated(*statement))
        elif head in words and heads.count(head) == 1 and not field.label:
            words[words.index(head)] = _widened(head, field.box, _stated(head.text, field.value))
        else:
            statement = field.label or (head.text if head else field.name), field.value
            words.append(_placed(words, field.box, _stated(*statement)))
    return words


def _widened(label: Piece, box: Box, text: str) -> Piece:
    return label._replace(left=min(label.left, box.left), right=max(label.right, box.right), text=text)


def with_texts(pieces: Sequence[Piece], texts: Iterable[tuple[Box, str]]) -> list[Piece]:
    """The words of a page with those typed onto it, line by line."""
    words = list(pieces)
    for box, text in texts:
        lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        high = (box.top - box.bottom) / max(1, len(lines))
        words += [
            Piece(box.left, box.top - (n + 0.9) * high, box.right, box.top - (n + 0.1) * high, line)
            for n, line in enumerate(lines)
        ]
    return words


def _placed(pieces: Sequence[Piece], box: Box, text: str) -> Piece:
    """A value at its field, as high as the letters around it, on the line beside it."""
    height = min(box.top - box.bottom, min((p.height for p in pieces), default=12.0))
    middle = box.top - height / 2 if box.top - box.bottom > 2 * height else (box.top + box.bottom) / 2
    near = [p.middle for p in pieces if abs(p.middle - middle) < height / 2]
    middle = min(near, key=lambda m: abs(m - middle), default=middle)
    return Piece(box.left, middle - height / 2, box.right, middle + height / 2, text)


def _beside(pieces: Sequence[Piece], field: Field, boxes: Sequence[Box]) -> Piece | None:
    """The words on the field's line nearest before it, or behind a box to tick, with no other field between."""
    box = field.box
    line = [p for p in pieces if box.bottom - p.height / 2 < p.middle < box.top + p.height / 2]
    near: list[tuple[float, Piece]] = []
    for p in line:
        filled_over = p.left < box.left < p.right and p.text != p.text.rstrip("_.… ")
        if p.left <= box.left and (p.right <= box.left + p.height / 2 or filled_over):
            near.append((max(0.0, box.left - p.right) + p.height, p))
        elif field.tick and p.left >= box.right - p.height / 2 and not p.text.endswith(":"):
            near.append(((max(0.0, p.left - box.right) + p.height) * _BEHIND, p))
    _, label = min(near, key=lambda n: n[0], default=(0.0, None))
    return None if label is None or any(_parts(box, other, label) for other in boxes) else label


def _parts(box: Box, other: Box, label: Piece) -> bool:
    """Does another field stand between the field and the label, on their line?"""
    if other == box or not other.bottom < label.middle < other.top:
        return False
    middle = (other.left + other.right) / 2
    return label.right <= middle <= box.left or box.right <= middle <= label.left


def _above(pieces: Sequence[Piece], box: Box) -> Piece | None:
    over = (p for p in pieces if min(p.right, box.right) > max(p.left, box.left))
    near = (p for p in over if 0 <= p.middle - box.top < _LABEL_ABOVE * p.height)
    return min(near, key=lambda p: p.middle, default=None)


def _stated(label: str, value: str) -> str:
    return f"{_bare(label)}: {value}" if _bare(label) else value


def _bare(label: str) -> str:
    return label.strip().rstrip(":_.… ")


def _annotations(page: PdfPage) -> Iterator[object]:
    for n in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, n)
        if note:
            try:
                yield note
            finally:
                pdfium.FPDFPage_CloseAnnot(note)


def _field(note: object, form: object) -> Field | None:
    """What was filled in; None where nothing was."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    name = _text(pdfium.FPDFAnnot_GetFormFieldName, form, note).rpartition(".")[2].partition("[")[0]
    label = _text(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, note)
    if kind == pdfium.FPDF_FORMFIELD_CHECKBOX:
        ticked = pdfium.FPDFAnnot_IsChecked(form, note)
        return Field(_box(note), "yes" if ticked else "no", label, name, tick=True)
    if kind == pdfium.FPDF_FORMFIELD_RADIOBUTTON:
        if not pdfium.FPDFAnnot_IsChecked(form, note):
            return None
        value = _text(pdfium.FPDFAnnot_GetFormFieldExportValue, form, note)
        return Field(_box(note), value or "yes", label, name, tick=True, choice=True)
    if kind in (pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        value = ", ".join(_chosen(note, form)) or _text(pdfium.FPDFAnnot_GetFormFieldValue, form, note)
    elif kind == pdfium.FPDF_FORMFIELD_TEXTFIELD:
        value = _text(pdfium.FPDFAnnot_GetFormFieldValue, form, note)
    else:
        return None
    value = " ".join(value.split())
    return Field(_box(note), value, label, name) if value else None


def _secret(note: object, form: object) -> str:
    """Why a field is not read although it may be filled in: it is invisible on the page."""
    if pdfium.FPDFAnnot_GetFlags(note) & _HIDDEN:
        return "hidden form field"
    kind, flags = pdfium.FPDFAnnot_GetFormFieldType(form, note), pdfium.FPDFAnnot_GetFormFieldFlags(form, note)
    return "password" if kind == pdfium.FPDF_FORMFIELD_TEXTFIELD and flags & _PASSWORD else ""


def _chosen(note: object, form: object) -> Iterator[str]:
    for n in range(pdfium.FPDFAnnot_GetOptionCount(form, note)):
        if pdfium.FPDFAnnot_IsOptionSelected(form, note, n):
            yield _text(pdfium.FPDFAnnot_GetOptionLabel, form, note, n)


def _unread(note: object, kind: int) -> str:
    """The kind of an annotation that holds words or files; empty for links and marks without words."""
    if kind == pdfium.FPDF_ANNOT_STAMP:
        return "stamp"
    if kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
        return "attached file"
    silent = pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_LINK
    return "comment" if kind not in silent and _string(note, b"Contents") else ""


def _box(note: object) -> Box:
    rect = pdfium.FS_RECTF()
    pdfium.FPDFAnnot_GetRect(note, ctypes.byref(rect))
    return Box(rect.left, rect.bottom, rect.right, rect.top)


def _quads(note: object) -> Iterator[Box]:
    quad = pdfium.FS_QUADPOINTSF()
    for n in range(pdfium.FPDFAnnot_CountAttachmentPoints(note)):
        if pdfium.FPDFAnnot_GetAttachmentPoints(note, n, ctypes.byref(quad)):
            across, up = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
            yield Box(min(across), min(up), max(across), max(up))


def _string(note: object, key: bytes) -> str:
    return _text(pdfium.FPDFAnnot_GetStringValue, note, key)


def _text(get: Callable[..., int], *arguments: object) -> str:
    """The text that a function of PDFium writes as UTF-16 into a buffer, after returning its size."""
    size = get(*arguments, None, 0)
    buffer = ctypes.create_string_buffer(size + 2)
    get(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[:size].decode("utf-16-le", "replace").rstrip("\0").strip()
