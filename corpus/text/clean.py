"""Text without what eyes do not see: one form for each letter, plain spaces, no invisible or control characters.

Text that is clean already comes back as it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from itertools import pairwise

from corpus.documents.rewrite import Edit, rewritten
from corpus.records import Document, Example
from corpus.text.invisible import HALVES, JOINERS_NOT_KEPT, LINE_ENDING_CONTROLS, NOT_KEPT

_LINES = re.compile(f"\r\n?|[{LINE_ENDING_CONTROLS}\x85\u2028]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile("[ﬀ-ﬆ]")
_HALF = re.compile(f"[{HALVES}]")


def clean(text: str) -> str:
    """The text in Unicode's composed form (NFC), with plain line ends and spaces and nothing invisible."""
    if text.isascii() and text.isprintable():
        return text
    text = _LINES.sub("\n", text).replace("\u2029", "\n\n")
    text = _SPACES.sub(" ", text)
    text = JOINERS_NOT_KEPT.sub("", NOT_KEPT.sub("", text))
    text = _LIGATURE.sub(lambda m: LIGATURES[m[0]], _HALF.sub("\ufffd", text))
    return unicodedata.normalize("NFC", text)


def cleaned(document: Document) -> Document:
    """The document with clean text, title, headings and tags, its sections laid anew; itself where it is clean."""
    ends = {0, len(document.text)} | {at for s in document.sections for at in (s.start, s.start + len(s.text))}
    edits = []
    for start, end in pairwise(sorted(ends)):
        piece = document.text[start:end]
        if (plain := clean(piece)) != piece:
            edits.append(Edit(start, end, plain))
    document = rewritten(document, edits)
    sections = tuple(replace(s, heading=clean(s.heading)) for s in document.sections)
    title, tags = clean(document.title), tuple(map(clean, document.tags))
    if (title, tags, sections) == (document.title, document.tags, document.sections):
        return document
    return replace(document, title=title, tags=tags, sections=sections)


def cleaned_example(example: Example) -> Example:
    """The example with clean words."""
    evidence, key, answers = (tuple(map(clean, words)) for words in (example.evidence, example.key, example.answers))
    question, answer = clean(example.question), None if example.answer is None else clean(example.answer)
    return replace(example, question=question, answer=answer, evidence=evidence, key=key, answers=answers)
