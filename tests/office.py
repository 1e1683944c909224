"""Small office files for tests, from their XML or by the libraries that write them, and what is told of them."""

from __future__ import annotations

import atexit
import re
import zipfile
from functools import cache
from pathlib import Path

from corpus.documents.read_apart import Apart
from corpus.documents.read_documents import documents_of
from corpus.errors import Omission
from corpus.records import Document

_OPEN = "http://schemas.openxmlformats.org"
RELATIONSHIPS = f"{_OPEN}/officeDocument/2006/relationships"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": f"{_OPEN}/wordprocessingml/2006/main",
        "s": f"{_OPEN}/spreadsheetml/2006/main",
        "p": f"{_OPEN}/presentationml/2006/main",
        "a": f"{_OPEN}/drawingml/2006/main",
        "c": f"{_OPEN}/drawingml/2006/chart",
        "dgm": f"{_OPEN}/drawingml/2006/diagram",
        "pic": f"{_OPEN}/drawingml/2006/picture",
        "wp": f"{_OPEN}/drawingml/2006/wordprocessingDrawing",
        "xdr": f"{_OPEN}/drawingml/2006/spreadsheetDrawing",
        "m": f"{_OPEN}/officeDocument/2006/math",
        "r": RELATIONSHIPS,
        "mc": f"{_OPEN}/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)


def read(file: Path) -> tuple[Document, list[str]]:
    """The one document of a file, and what was left out of it, as it is told."""
    document, *faults = documents_of([(file, file.name)], apart=_apart())
    assert isinstance(document, Document)
    told = []
    for fault in faults:
        assert isinstance(fault, Omission)
        told.append(f"{fault.where}: {fault.found}".removeprefix(file.name).lstrip(", :"))
    return document, told


@cache
def _apart() -> Apart:
    """One process for all tests of a run: to start one for each file takes longer than they do."""
    made = Apart()
    atexit.register(made.__exit__, None, None, None)
    return made


def named_characters(left_out: list[str]) -> int:
    """How many characters are named as left out."""
    return sum(int(n) for told in left_out for n in re.findall(r"(\d+) characters?\b", told))


def package(file: Path, main: str, parts: dict[str, str]) -> Path:
    """An archive of parts; each is named from ``main`` by its kind, or by ``id=kind``."""
    folder, _, name = main.rpartition("/")
    tie = '<Relationship Id="{}" Type="' + RELATIONSHIPS + '/{}" Target="{}"/>'
    ties, content = [], {}
    for n, (kind, xml) in enumerate(parts.items()):
        given, _, named = kind.rpartition("=")
        if named == "main":
            content[main] = xml
            continue
        content[f"{folder}/{named}{n}.xml"] = xml
        ties.append(tie.format(given or f"r{n}", named, f"{named}{n}.xml"))
    space = f'xmlns="{_OPEN}/package/2006/relationships"'
    content["_rels/.rels"] = f"<Relationships {space}>{tie.format('r', 'officeDocument', main)}</Relationships>"
    content[f"{folder}/_rels/{name}.rels"] = f"<Relationships {space}>{''.join(ties)}</Relationships>"
    with zipfile.ZipFile(file, "w") as archive:
        for at, xml in content.items():
            archive.writestr(at, xml.replace(">", f" {NAMESPACES}>", 1) if "Relationships" not in xml[:15] else xml)
    return file


def docx(file: Path, body: str, **parts: str) -> Path:
    """A Word document of a body and further parts by their kind."""
    return package(file, "word/document.xml", {"main": f"<w:document><w:body>{body}</w:body></w:document>", **parts})


def paragraph(*runs: str, style: str = "", properties: str = "") -> str:
    """A paragraph; runs are words, or XML as it is."""
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    held = "".join(r if r.startswith("<") else run(r) for r in runs)
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{held}</w:p>"


def run(words: str, properties: str = "") -> str:
    """A run of words with its properties."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'
