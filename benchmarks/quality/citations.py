"""Do citations hold? 500 answers of each arm that cites, every quote looked up in the document as it lies on disk.

``python -m benchmarks.quality.citations --sample DIR --xquad DIR``: asks two provisioned projects their held-out questions
(all of the sample shop's, XQuAD's for the rest) and counts, for every citation, whether its quote stands verbatim at its
offsets in the document read anew, and, for every sentence of an answer, whether a citation supports it and how many of its
words (SQuAD's normalisation) that quote holds. Kept in ``benchmarks/results/citations.json``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.machine import keep, rounded
from compare.significance import interval, share
from corpus.records import Document
from corpus.text.match import normalise
from corpus.text.sentences import sentences
from groundtune.assistant import Assistant
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from groundtune.project.project_documents import Documents
from lm.answerer import Answer, Answerer, Batching

ARMS = ("rag", "hybrid", "extract")
ANSWERS = 500
_TOGETHER = 16


def main() -> None:
    """Ask, look up, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample", type=Path, required=True)
    options.add_argument("--xquad", type=Path, required=True)
    options.add_argument("--answers", type=int, default=ANSWERS)
    given = options.parse_args()
    be_quiet()
    projects = [Assistant(open_project(folder)) for folder in (given.sample, given.xquad)]
    figures = {arm: measured(projects, arm, given.answers) for arm in ARMS}
    print(keep("citations", {"data": "data/outdoor-shop, XQuAD English (CC BY-SA 4.0)", "arms": figures}))


def measured(projects: Sequence[Assistant], arm: str, most: int) -> dict[str, Any]:
    """What the citations of ``most`` answers of one arm came to."""
    stand: list[bool] = []
    supported: list[float] = []
    overlaps: list[float] = []
    answers = cited = abstained = 0
    for assistant in projects:
        with Documents(assistant.project, anew=True) as documents:
            on_disk = {d.source: d for d in documents.each()}
        questions = [q.question for q in assistant.project.held_out_questions()][: most - answers]
        for answer in _answers(assistant.answerer(arm), questions):
            answers += 1
            abstained += answer.abstained
            cited += bool(answer.citations)
            stand += [stands(c, on_disk) for c in (*answer.citations, *answer.nearest)]
            if not answer.abstained:
                shares = overlap_of_sentences(answer)
                overlaps += shares
                supported += [float(s > 0) for s in shares]
        print(arm, answers, sum(stand), "of", len(stand), flush=True)
    return {
        "answers": answers,
        "abstained": abstained,
        "with_citations": cited,
        "quotes": len(stand),
        "verbatim_at_their_offsets": rounded(asdict(share(sum(stand), len(stand)))),
        "sentences": len(supported),
        "sentences_with_a_citation": rounded(asdict(interval(supported))),
        "words_of_a_sentence_in_its_citation": rounded(asdict(interval(overlaps))),
    }


def stands(citation: Any, documents: dict[str, Document]) -> bool:
    """Is the quote, not empty, what the document holds at its offsets?"""
    found = documents.get(citation.source)
    return bool(citation.quote) and found is not None and found.text[citation.start : citation.end] == citation.quote


def overlap_of_sentences(answer: Answer) -> list[float]:
    """For each sentence of the answer the share of its words that the citations for it hold; 0 without one."""
    shares = []
    for place, (a, b) in enumerate(sentences(answer.text), 1):
        said = set(normalise(answer.text[a:b]).split())
        quoted = {w for c in answer.citations if place in c.sentences for w in normalise(c.quote).split()}
        if said:
            shares.append(len(said & quoted) / len(said))
    return shares


def _answers(answerer: Answerer, questions: Sequence[str]) -> Iterator[Answer]:
    for at in range(0, len(questions), _TOGETHER):
        some = questions[at : at + _TOGETHER]
        yield from answerer.answer_each(some) if isinstance(answerer, Batching) else map(answerer.answer, some)


if __name__ == "__main__":
    main()
