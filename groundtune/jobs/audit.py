"""A project's documents and examples, looked through: personal data, copies, faulty examples. Writes its report alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import write_json
from corpus.documents.document_files import Listing
from corpus.errors import Fault, Omission
from corpus.examples import ExamplesFile, examples_file
from corpus.privacy.audit_texts import counts, duplicates_of, faults_of, place_json, places_among, places_in
from corpus.records import Document, file_of
from groundtune.project.not_read import NotRead, by_suffix

if TYPE_CHECKING:
    from groundtune.project.project import Project

_TEXT = (".md", ".markdown", ".txt", ".html", ".htm", ".csv", ".tsv")
_SHORTEST_PASSAGE = 20
"""Sections of fewer words repeat one another without harm."""


def audit(project: Project) -> dict[str, Any]:
    """What the project's files hold, as ``.groundtune/audit.json`` keeps it: kinds, places, copies, faults; no values."""
    settings, protector = project.settings, project.protector()
    documents, listing, not_read = _documents(project)
    files = {name: f for f, name in listing.files}
    in_documents = [p for d in _whole(documents) for p in places_in(d, protector, _raw(files.get(d.source)))]
    training, held_out = (_examples(project, name) for name in (settings.examples, settings.questions))
    in_examples = [p for file in (training, held_out) if file for p in places_among(file, protector)]
    kinds = counts(in_documents, in_examples, protector.policy)
    faults = _faults(training, held_out)
    report = {
        "documents": len(documents),
        "examples": len(training.examples) if training else 0,
        "questions": len(held_out.examples) if held_out else 0,
        "level": settings.privacy.personal_data,
        "names_looked_for": protector.report.names_looked_for,
        "kinds": kinds,
        "places": [place_json(p) for p in (*in_documents, *in_examples)],
        "duplicates": _duplicates(documents, listing.again, training, settings.duplicates.similarity),
        "faults": faults,
        "rows_left_out": [_omission_json(o) for file in (training, held_out) if file for o in file.left_out],
        "rows_not_learned": [_omission_json(o) for file in (training, held_out) if file for o in file.beside],
        "unreadable": [f.where for f in not_read.files],
        "skipped": [vars(f) for f in not_read.files],
        **not_read.to_json(),
        "to_decide": _to_decide(kinds, faults, not_read),
    }
    write_json(project.audit_file, report)
    return report


def _to_decide(kinds: list[dict[str, Any]], faults: list[dict[str, Any]], not_read: NotRead) -> list[str]:
    """What a person should decide on: kinds kept by no decision of theirs, wrong examples, and what is not read."""
    kept = [str(row["kind"]) for row in kinds if row["action"] == "keep" and not row["decided"]]
    wrong = sorted({str(f["fault"]) for f in faults} - {"repeated"})
    passed_over = {
        "unreadable": not_read.files,
        "left_out": not_read.pieces,
        "formats_not_read": not_read.formats,
    }
    return [*kept, *wrong, *(name for name, some in passed_over.items() if some)]


def _duplicates(
    documents: tuple[Document, ...], again: Mapping[str, str], training: ExamplesFile | None, similarity: float
) -> dict[str, Any]:
    passages = [
        (f"{d.source}{f' > {s.heading}' if s.heading else ''}{f', page {s.page}' if s.page else ''}", s.text)
        for d in documents
        for s in d.sections
        if len(d.sections) > 1 and len(s.text.split()) >= _SHORTEST_PASSAGE
    ]
    links = [{"first": first, "others": [{"name": name, "similarity": 1.0}]} for name, first in again.items()]
    examples = [(e.id, f"{e.question}\n{e.answer}") for e in training.examples] if training else []
    return {
        "documents": duplicates_of([(d.source, d.text) for d in documents], similarity) + links,
        "passages": duplicates_of(passages, similarity),
        "examples": duplicates_of(examples, similarity),
    }


def _faults(training: ExamplesFile | None, held_out: ExamplesFile | None) -> list[dict[str, Any]]:
    bad = [f for file in (training, held_out) if file for f in file.faults]
    unusable = [{"fault": "unusable", "where": f.where, "wanted": f.wanted, "mend": f.mend} for f in bad]
    return unusable + faults_of(training.examples if training else (), held_out.examples if held_out else ())


def _omission_json(omission: Omission) -> dict[str, str]:
    return {"where": omission.where, "found": omission.found}


def _examples(project: Project, name: str | None) -> ExamplesFile | None:
    """The examples as they stand in their file, and the rows of it that are none."""
    return examples_file(project.folder / Path(name).expanduser()) if name else None


def _documents(project: Project) -> tuple[tuple[Document, ...], Listing, NotRead]:
    """What would be indexed, as it stands, unprotected; the files; and what of them cannot be read."""
    from corpus.documents.read_documents import documents_of
    from groundtune.project.project_documents import Documents
    from rag.index.adopt_collection import adopted

    listing = Documents(project, anew=True).listing
    read = [*documents_of(listing.files), *(d for source in adopted(project.adopted) for d in source.read())]
    documents = tuple(d for d in read if isinstance(d, Document))
    pieces = tuple(o for o in read if isinstance(o, Omission))
    faults = tuple(f for f in read if isinstance(f, Fault) and not isinstance(f, Omission))
    not_read = NotRead((*listing.faults, *faults), pieces, by_suffix(listing.unread))
    return documents, listing, not_read


def _whole(documents: Iterable[Document]) -> Iterator[Document]:
    """Each file as one document: lines are counted through all parts of a long one."""
    for file, parts in groupby(documents, key=lambda d: file_of(d.source)):
        first, *more = parts
        sections, texts, at = list(first.sections), [first.text], len(first.text)
        for part in more:
            sections += [replace(s, start=s.start + at) for s in part.sections]
            texts.append(part.text)
            at += len(part.text)
        yield replace(first, source=file, text="".join(texts), sections=tuple(sections))


def _raw(file: Path | None) -> str | None:
    """A text file's own text; None for other formats and for what is not UTF-8."""
    if file is None or file.suffix.lower() not in _TEXT:
        return None
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None
