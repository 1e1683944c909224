"""PDFs that are hostile or absurd. Knows nothing of who reads them."""

from __future__ import annotations

import random
import zlib

Made = tuple[str, bytes]


def _pdf_of(objects: list[bytes], *, root: int = 1) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for n, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % n + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return (
        out
        + head
        + table
        + b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, len(out))
    )


def _stream(content: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n" % (more, len(content)) + content + b"\nendstream"


def cyclic_pdf(rng: random.Random) -> Made:
    """Pages that are their own children, counts that are not, forms that draw themselves."""
    count = rng.choice((1, -1, 10**9, 2**63))
    kids = rng.choice((b"2 0 R", b"3 0 R 2 0 R", b"3 0 R " * 1000, b"9 0 R", b"4 0 R 3 0 R"))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 5 0 R"
    page += b"/Resources<</XObject<</X 6 0 R>>/Font<</F 7 0 R>>>>>>"
    nested = b"[" * rng.choice((1, 500, 100_000))
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        page,
        b"<</Type/Pages/Count 1/Kids[2 0 R]/Parent 4 0 R>>",
        _stream(b"/X Do BT /F 12 Tf (Words) Tj ET " + (nested if rng.random() < 0.3 else b"")),
        _stream(b"/X Do " * rng.choice((1, 50)), form),
        b"<</Type/Font/Subtype/Type0/DescendantFonts[7 0 R]/ToUnicode 7 0 R>>",
        nested if rng.random() < 0.3 else b"null",
    ]
    return "pdf", _pdf_of(objects)


def object_stream_pdf(rng: random.Random) -> Made:
    """Objects packed into streams that extend themselves, lie about their number, or are cut."""
    inner = (
        b"1 0 2 40 3 80 "
        + b"<</Type/Catalog/Pages 2 0 R>>".ljust(40)
        + b"<</Type/Pages/Count 1/Kids[3 0 R]>>".ljust(40)
    )
    inner += b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"
    packed = zlib.compress(inner)
    packed = packed[: rng.randrange(len(packed))] if rng.random() < 0.5 else packed
    number, first = rng.choice((3, 10**9, -1)), rng.choice((14, 0, 10**9))
    more = b"/Type/ObjStm/N %d/First %d/Extends 4 0 R/Filter/FlateDecode" % (number, first)
    out = b"%PDF-1.7\n"
    at = len(out)
    out += b"4 0 obj\n" + _stream(packed, more) + b"\nendobj\n"
    table = b"".join(
        bytes((kind, *place.to_bytes(4, "big"), n))
        for kind, place, n in [(0, 0, 0), (2, 4, 0), (2, 4, 1), (2, 4, 2), (1, at, 0)]
    )
    reference = b"/Type/XRef/Size %d/W[1 4 1]/Root 1 0 R/Prev %d" % (rng.choice((5, 2**31)), rng.choice((len(out), 0)))
    return "pdf", out + b"5 0 obj\n" + _stream(table, reference) + b"\nendobj\nstartxref\n%d\n%%%%EOF" % len(out)


def pdf_bomb(rng: random.Random) -> Made:
    text = rng.choice((b"(x) Tj ", b"q ", b"[", b"0 0 m 9 9 l S "))
    content = zlib.compress(b"BT /F 9 Tf " + text * (rng.choice((2**25, 2**27)) // len(text)), 9)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        _stream(content, b"/Filter/FlateDecode"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    return "pdf", _pdf_of(objects)
