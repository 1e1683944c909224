"""The text of a file whatever its encoding, line by line, however large."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_BLOCK = 2**20
_SAMPLE = 2**14
_LONGEST_LINE = 2**16
"""Characters after which a line without an end is cut at a space."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(n for n in range(32) if n not in (8, 9, 10, 11, 12, 13, 27)) + b"\x7f"
_STRAY = "groundtune.stray"
_STATED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_NOT_STATED = ("utf-16", "utf-32", "utf-7")
"""Encodings that are impossible where the label itself reads as ASCII."""
_READ_AS = {"iso8859-1": ("cp1252",), "ascii": ("utf-8", "cp1252")}
"""Labels, as Python calls them, under which something else is sent; what is beyond ASCII in ``ascii`` may be either."""
_WESTERN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ€£¥§©®°±·«»¿¡‘’‚“”„†‡•…‰‹›–—™²³µ¹¼½¾×÷ªº¶´¨¸\s\x20-\x7e]+")
_SIGNS = "€£§°"
"""Signs that stand beside figures in a short table of prices, however few letters it holds."""
_INSIDE = re.compile(r"[^\W\d_][¡-¶¸-¿×÷][^\W\d_]")
"""Signs inside words: letters of another alphabet, read as Western."""


def lines(file: Path) -> Iterator[str]:
    """The lines of a text file, each with its line end as ``\\n``. Raises ``ValueError`` where it is not text."""
    encoding, errors = encoding_of(file)
    with io.TextIOWrapper(open(file, "rb"), encoding, errors) as text:
        rest = ""
        while line := text.readline(_LONGEST_LINE):
            if line.endswith("\n") or len(line) < _LONGEST_LINE:
                yield rest + line
                rest = ""
                continue
            line = rest + line
            cut = line.rfind(" ", len(line) // 2) + 1 or len(line)
            yield line[:cut] + "\n"
            rest = line[cut:]
        if rest:
            yield rest


def decoded(raw: bytes, label: str = "") -> str:
    """Bytes as text: by their label, else by their byte order mark, by what they state (HTML, XML), or as detected.

    ``label``: what is said of it elsewhere, as in a mail's header.
    """
    stated = _STATED.search(raw[:2048]) if not raw.startswith(tuple(mark for mark, _ in _MARKS)) else None
    label_inside = stated[1].decode("ascii") if stated else ""
    for name in (*_labelled(label), *(n for n in _labelled(label_inside) if n not in _NOT_STATED)):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeError):
            continue  # the label is wrong
    encoding, errors = _encoding(io.BytesIO(raw))
    return raw.decode(encoding, errors)


def _labelled(label: str) -> Sequence[str]:
    """The encodings that a label stands for, read as browsers read it (WHATWG Encoding Standard): Latin-1 is Windows'."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return ()
    return _READ_AS.get(name, (name,))


def encoding_of(file: Path) -> tuple[str, str]:
    """The encoding of a text file and what to do with bytes that break it. Raises ``ValueError`` for other files."""
    with open(file, "rb") as raw:
        return _encoding(raw)


def _encoding(raw: io.BufferedIOBase) -> tuple[str, str]:
    head = raw.read(_SAMPLE)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig", _STRAY
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name, "replace"
    wide = _wide(head)
    if wide:
        return wide, "replace"
    if len(head.translate(None, _CONTROLS)) < 0.95 * len(head):
        raise ValueError("it is not text")
    raw.seek(0)
    broken = _breaks_utf8(raw)
    if broken is None:
        return "utf-8", "strict"
    raw.seek(max(0, broken - _SAMPLE // 2))
    return _eight_bit(raw.read(_SAMPLE))


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 without a byte order mark, recognised by the places of its zero bytes."""
    head = head[: len(head) // 4 * 4]
    if len(head) < 8 or b"\0" not in head:
        return ""
    zeros = [head[n::4].count(0) / (len(head) // 4) for n in range(4)]
    for name, high, low in (("utf-32-le", (2, 3), 0), ("utf-32-be", (0, 1), 3)):
        if all(zeros[n] > 0.95 for n in high) and zeros[low] < 0.05:
            return name
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if min(zeros[first], zeros[first + 2]) > 0.4 and max(zeros[1 - first], zeros[3 - first]) < 0.05:
            return name
    return ""


def _breaks_utf8(raw: io.BufferedIOBase) -> int | None:
    """About where the bytes cease to be UTF-8, or None."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    at = 0
    while True:
        block = raw.read(_BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            return at + error.start
        if not block:
            return None
        at += len(block)


def _eight_bit(sample: bytes) -> tuple[str, str]:
    """The encoding of an 8-bit or Asian text, from a piece of it that is not UTF-8."""
    begin, end = sample.find(b"\n") + 1, sample.rfind(b"\n")
    inner = sample[begin:end] if end > begin and any(b > 127 for b in sample[begin:end]) else sample
    try:
        inner.decode("utf-8")
    except UnicodeDecodeError:
        sample = inner
    longer = re.findall(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}", sample)
    outside = sum(b > 127 for b in sample) - sum(len(sequence) for sequence in longer)
    if len(longer) > outside:
        return "utf-8", _STRAY
    try:
        western = sample.decode("cp1252")
    except UnicodeDecodeError:
        western = ""
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None and not western:
        raise ValueError("its encoding is not known")
    if western and (best is None or _reads_western(western)):
        return "cp1252", "replace"
    return best.encoding if best else "cp1252", "replace"


def _reads_western(text: str) -> bool:
    """Is it Western letters with few beyond ASCII, as in French or German, not Russian?"""
    beyond = [c for c in text if ord(c) > 127 and c not in _SIGNS]
    letters = [c for c in text if c.isalpha()]
    few = len(beyond) <= 0.26 * max(1, len(letters))
    return few and not _INSIDE.search(text) and _WESTERN.fullmatch(text) is not None


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Single bytes that break UTF-8 are read as Windows would have written them."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_STRAY, _stray)
