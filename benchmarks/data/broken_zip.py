"""Archives, and office formats in them, that are hostile or absurd. Knows nothing of who reads them."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from functools import cache

from benchmarks.data.sound import MAIN, ZIPPED, sound

Made = tuple[str, bytes]


def _with_main(suffix: str, content: bytes | None, more: dict[str, bytes] | None = None) -> bytes:
    """A sound archive whose main text is ``content``, with ``more`` entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound(suffix))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = content if content is not None and name == MAIN[suffix] else old.read(name)
            new.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        for name, data in (more or {}).items():
            new.writestr(zipfile.ZipInfo(name), data)
    return out.getvalue()


def _main_of(suffix: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(sound(suffix))) as archive:
        return archive.read(MAIN[suffix])


def xml_bomb(rng: random.Random) -> Made:
    """Entities that multiply, that are long and often named, or that name files and the network."""
    suffix = rng.choice(ZIPPED)
    laughs = '<!ENTITY a0 "haha">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    entities, named = rng.choice(
        [
            (laughs, "&a12;"),
            (f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 100_000),
            ('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
            ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
        ]
    )
    text = _main_of(suffix).decode()
    text = text[text.index("?>") + 2 :] if text.startswith("<?xml") else text
    inner = (
        text.replace("Tents", named)
        if "Tents" in text
        else text.replace("</row>", f"<c t='str'><v>{named}</v></c></row>", 1)
    )
    name = text.strip()[1:].split(">")[0].split()[0]
    return suffix, _with_main(suffix, f'<?xml version="1.0"?><!DOCTYPE {name} [{entities}]>{inner}'.encode())


def deep_xml(rng: random.Random) -> Made:
    suffix = rng.choice(ZIPPED)
    tag = {"docx": "w:tbl", "pptx": "p:grpSp", "xlsx": "row", "epub": "div"}[suffix]
    text = _main_of(suffix).decode()
    depth = rng.choice((200, 10_000, 100_000))
    at = {"docx": "<w:body>", "pptx": "<p:spTree>", "xlsx": "<sheetData>", "epub": "<body>"}[suffix]
    return suffix, _with_main(suffix, text.replace(at, at + f"<{tag}>" * depth + f"</{tag}>" * depth, 1).encode())


@cache
def _zeros(size: int) -> bytes:
    """That many zeros, deflated: each MiB in the same words, so that it need not be done anew."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b"\0" * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return block * (size // 2**20) + packer.flush()


def bomb(rng: random.Random) -> Made:
    """An archive that unpacks a thousandfold: to what it says, or to more."""
    suffix = rng.choice(ZIPPED)
    size = rng.choice((2**28, 3 * 2**28, 3 * 2**30 - 2**20))
    name = rng.choice((MAIN[suffix], "docProps/core.xml", "xl/sharedStrings.xml"))
    return suffix, zeros_in(suffix, size, name, rng.choice((size, size, 1000)))


def zeros_in(suffix: str, size: int, entry: str = "", said: int | None = None) -> bytes:
    """A sound archive in which ``entry`` (its main text) unpacks to ``size`` zeros, and says ``said``."""
    packed, name = _zeros(size), (entry or MAIN[suffix]).encode()
    told = size if said is None else said
    head = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 0, 0, len(packed), told, len(name), 0)
    local = b"PK\x03\x04" + head + name + packed
    where = struct.pack("<HHHHHHLLLHHHHHLL", 20, 20, 0, 8, 0, 0, 0, len(packed), told, len(name), 0, 0, 0, 0, 0, 0)
    directory = b"PK\x01\x02" + where + name
    with zipfile.ZipFile(io.BytesIO(sound(suffix))) as archive:
        kept = {i.filename: archive.read(i) for i in archive.infolist() if i.filename.encode() != name}
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(directory), len(local), 0)
    out = io.BytesIO(local + directory + end)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for each, content in kept.items():
            archive.writestr(zipfile.ZipInfo(each), content)
    return out.getvalue()


def nested_zip(rng: random.Random) -> Made:
    suffix, inner = rng.choice(ZIPPED), b"PK" * 1000
    for depth in range(20):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for n in range(5):
                archive.writestr(zipfile.ZipInfo(f"{depth}-{n}.{suffix}"), inner, zipfile.ZIP_DEFLATED)
        inner = out.getvalue()
    return suffix, rng.choice((inner, _with_main(suffix, inner), _with_main(suffix, None, {"inner.zip": inner})))


def zip_slip(rng: random.Random) -> Made:
    suffix = rng.choice(ZIPPED)
    names = ["../../../etc/evil", "/etc/evil", "..\\..\\evil", "C:\\evil", "a/" * 2000 + "x", "x\0y", "word/../../x"]
    return suffix, _with_main(suffix, None, dict.fromkeys(rng.sample(names, 4), b"evil"))


def wide_xlsx(rng: random.Random) -> Made:
    row = rng.choice((1_048_576, 2**31, 10**15))
    cell = rng.choice(("XFD", "A", "ZZZZZZ"))
    cells = f'<row r="{row}"><c r="{cell}{row}"><v>1</v></c></row>' * rng.choice((1, 1000))
    size = '<dimension ref="A1:XFD1048576"/>'
    main = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    shared = '<row r="1"><c r="A1" t="s"><v>999999999</v></c></row>' if rng.random() < 0.3 else ""
    return "xlsx", _with_main("xlsx", f"{main}{size}<sheetData>{shared}{cells}</sheetData></worksheet>".encode())
