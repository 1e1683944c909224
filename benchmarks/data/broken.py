"""Files that are broken, hostile or absurd, made from a seed. Knows nothing of who reads them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.data import broken_pdf, broken_text, broken_zip
from benchmarks.data.sound import ZIPPED, sound

Made = tuple[str, bytes]
"""Suffix and content."""


def files(number: int, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """Kind, file name and content of ``number`` files; the same for the same seed. Heavy kinds come in their share only."""
    rng = random.Random(seed)
    heavy = {kind for kind in KINDS if kind.startswith("heavy ")}
    light = [kind for kind in KINDS if kind not in heavy]
    share = max(1, number // 600)
    order = [kind for kind in sorted(heavy) for _ in range(share if number >= 600 else 0)]
    order += [light[n % len(light)] for n in range(number - len(order))]
    rng.shuffle(order)
    for n, kind in enumerate(order):
        suffix, content = KINDS[kind](random.Random(f"{seed}-{n}"))
        yield kind, f"{n:05}.{suffix}", content


def write(folder: Path, made: tuple[str, str, bytes]) -> Path:
    """Write one of ``files`` into ``folder``."""
    _, name, content = made
    (folder / name).write_bytes(content)
    return folder / name


def _truncated(suffix: str) -> Callable[[random.Random], Made]:
    return lambda rng: (suffix, sound(suffix)[: rng.randrange(len(sound(suffix)))])


def _flipped(suffix: str) -> Callable[[random.Random], Made]:
    def make(rng: random.Random) -> Made:
        content = bytearray(sound(suffix))
        for _ in range(rng.choice((1, 3, 10, 100))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        return suffix, bytes(content)

    return make


def _spliced(suffix: str) -> Callable[[random.Random], Made]:
    """Pieces moved, doubled and taken out."""

    def make(rng: random.Random) -> Made:
        content = sound(suffix)
        for _ in range(rng.randint(1, 5)):
            a, b = sorted(rng.randrange(len(content) + 1) for _ in range(2))
            at = rng.randrange(len(content) + 1)
            content = (
                content[:at] + content[a:b] + content[at:] if rng.random() < 0.5 else content[:a] + content[b:]
            ) or b"x"
            content = content[: 4 * len(sound(suffix))]
        return suffix, content

    return make


KINDS: dict[str, Callable[[random.Random], Made]] = {
    **{f"truncated {suffix}": _truncated(suffix) for suffix in ("pdf", *ZIPPED, "eml", "html")},
    **{f"bits flipped in {suffix}": _flipped(suffix) for suffix in ("pdf", *ZIPPED, "eml", "html", "csv")},
    **{f"spliced {suffix}": _spliced(suffix) for suffix in ("pdf", *ZIPPED, "eml", "html")},
    "cyclic PDF": broken_pdf.cyclic_pdf,
    "PDF object streams": broken_pdf.object_stream_pdf,
    "XML bomb": broken_zip.xml_bomb,
    "deep XML": broken_zip.deep_xml,
    "nested zip": broken_zip.nested_zip,
    "zip slip": broken_zip.zip_slip,
    "XLSX of absurd size": broken_zip.wide_xlsx,
    "garbage": broken_text.garbage,
    "another suffix": broken_text.other_suffix,
    "zeros, nothing": broken_text.zeros_only,
    "mixed encodings": broken_text.mixed_encodings,
    "half characters": broken_text.surrogates,
    "deep HTML": broken_text.deep_html,
    "odd HTML": broken_text.odd_html,
    "odd CSV": broken_text.odd_csv,
    "odd mail": broken_text.odd_mail,
    "odd Markdown": broken_text.odd_markdown,
    "heavy zip bomb": broken_zip.bomb,
    "heavy PDF bomb": broken_pdf.pdf_bomb,
    "heavy endless line": broken_text.endless_line,
}
