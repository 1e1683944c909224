"""Follow-up questions: does retrieval find their document when they are asked as they stand, rewritten, or mixed?

``python -m benchmarks.quality.followups [--project DIR]``: 205 conversations about the sample shop (``followups.jsonl``,
written by hand), half of them to choose on (``development``), half to report (``test``). 155 end with a question that needs
those before it; 50 with a change of subject, which must stay as it is. ``reference``, a rewriting by hand, is the ceiling.
Measured are recall among the first three documents, reciprocal rank, and whether one of the first four passages holds the
answer's key phrase; with ``--project`` (a provisioned sample) also whether two arms' answers to the test half hold it.
Earlier answers are those of ``extract``. Kept in ``benchmarks/results/followups.json``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.machine import keep, rounded
from compare.significance import holm, interval, paired_difference
from corpus.documents.read_documents import read_documents
from corpus.text.match import normalise
from groundtune.assistant import Assistant
from groundtune.offline import be_quiet
from groundtune.project.project import open_project
from groundtune.project.settings import Settings
from lm.answerer import Batching
from lm.engines.choose_engine import load_embedder, load_generator
from lm.models.catalogue import cache_folder
from lm.questions.followup import Rewrite, Turn, rewrite_by_model, rewrite_by_rules
from rag.answer.extract_arm import ExtractAnswerer
from rag.index.index import Index
from rag.retrieve.retrieve import Retriever

if TYPE_CHECKING:
    import numpy

SAMPLE = Path("data/outdoor-shop")
CONVERSATIONS = Path(__file__).with_suffix(".jsonl")
FIRST, SHOWN = 3, 4
HALVES = ("development", "test")
KINDS = ("followup", "change")
MEASURES = (f"recall_at_{FIRST}", "reciprocal_rank", f"key_in_first_{SHOWN}")
_DEEP = 60
_ARMS = ("extract", "hybrid")
_ANSWERED = ("nothing", "rules", "reference")
_CHOSEN = "rules"


@dataclass(frozen=True)
class Case:
    """A conversation: the last question, those before it, and what is right."""

    id: str
    kind: str
    half: str
    earlier: tuple[str, ...]
    question: str
    standalone: str
    source: str
    key: str


Way = Callable[[Case], tuple[str, "numpy.ndarray | None"]]
"""From a conversation to the text to retrieve with, and the vector where it is not the text's own."""


def main() -> None:
    """Measure every way on both halves, and keep the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--project", type=Path, help="a provisioned sample, to let arms answer as well")
    given = options.parse_args()
    be_quiet()
    cases = conversations()
    figures, texts = retrieval(cases)
    told = {"data": "benchmarks/quality/followups.jsonl, data/outdoor-shop", "retrieval": figures}
    if given.project:
        told["answers"] = answers(cases, texts, Assistant(open_project(given.project)))
    print(keep("followups", told))


def conversations() -> list[Case]:
    """Every conversation of the file."""
    lines = CONVERSATIONS.read_text(encoding="utf-8").splitlines()
    return [Case(**(fields | {"earlier": tuple(fields["earlier"])})) for fields in map(json.loads, lines)]


def retrieval(cases: Sequence[Case]) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The figures of every way, by half and kind, over one untuned index; and what each way asked, by conversation."""
    embedder = load_embedder("minilm-l6", cache_folder())
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder) / "index", embedder, max_tokens=Settings().passage_tokens)
        index.build(read_documents([SAMPLE / "documents"], SAMPLE).documents)
        retriever = Retriever(index, embedder)
        asked = {name: {c.id: way(c) for c in cases} for name, way in ways(retriever).items()}
        found = {name: {c.id: _scores(retriever, c, *each[c.id]) for c in cases} for name, each in asked.items()}
    told = {}
    for half in HALVES:
        for kind in KINDS:
            ids = [c.id for c in cases if (c.half, c.kind) == (half, kind)]
            told[f"{half}_{kind}"] = _table({name: [each[i] for i in ids] for name, each in found.items()})
    return told, {name: {i: text for i, (text, _) in each.items()} for name, each in asked.items()}


def ways(retriever: Retriever) -> dict[str, Way]:
    """Every way to understand the last question."""
    embed = retriever.embedder.embed
    earlier = cache(lambda question: ExtractAnswerer(retriever, retriever.embedder, SHOWN).answer(question).text)
    generator = load_generator("smollm2-135m", cache_folder())

    def rewritten(case: Case, rewrite: Rewrite) -> str:
        turns: list[Turn] = []
        for question in (*case.earlier, case.question):
            asked = rewrite(question, turns)
            turns.append(Turn(asked, earlier(asked), question if asked != question else ""))
        return turns[-1].question

    def text(rewrite: Rewrite) -> Way:
        return lambda case: (rewritten(case, rewrite), None)

    def mixed(case: Case, only: Rewrite | None = None) -> tuple[str, numpy.ndarray | None]:
        if only and rewritten(case, only) == case.question:
            return case.question, None
        before = " ".join(case.earlier)
        vector = embed([case.question, before]).sum(axis=0)
        return f"{before} {case.question}", vector / (vector**2).sum() ** 0.5

    rules = partial(rewrite_by_rules, nearness=retriever.nearness)
    return {
        "nothing": lambda case: (case.question, None),
        "joined": text(lambda question, turns: " ".join([*(t.question for t in turns[-1:]), question])),
        "joined_by_rules": text(lambda q, turns: f"{turns[-1].question} {q}" if rules(q, turns) != q else q),
        "rules": text(rules),
        "rules_without_index": text(rewrite_by_rules),
        "model": text(partial(rewrite_by_model, generator=generator)),
        "vectors": mixed,
        "vectors_by_rules": partial(mixed, only=rules),
        "reference": lambda case: (case.standalone, None),
    }


def answers(cases: Sequence[Case], texts: Mapping[str, Mapping[str, str]], assistant: Assistant) -> dict[str, Any]:
    """The share of the test half's answers that hold the key phrase, as asked and as rewritten."""
    told: dict[str, Any] = {}
    for arm in _ARMS:
        answerer = assistant.answerer(arm)
        for kind in KINDS:
            asked = [c for c in cases if (c.half, c.kind) == ("test", kind)]
            held: dict[str, list[float]] = {}
            for name in _ANSWERED:
                questions = [texts[name][c.id] for c in asked]
                each = (
                    answerer.answer_each(questions)
                    if isinstance(answerer, Batching)
                    else map(answerer.answer, questions)
                )
                held[name] = [float(normalise(c.key) in normalise(a.text)) for c, a in zip(asked, each, strict=True)]
            told[f"{arm}_{kind}"] = {name: rounded(asdict(interval(values))) for name, values in held.items()} | {
                "rules_minus_nothing": rounded(asdict(paired_difference(held["rules"], held["nothing"])))
            }
            print(arm, kind, {name: round(_mean(values), 3) for name, values in held.items()}, flush=True)
    return told


def _scores(retriever: Retriever, case: Case, text: str, vector: numpy.ndarray | None) -> tuple[float, ...]:
    """The three measures, and whether the question was changed."""
    passages = [f.passage for f in retriever.retrieve(text, _DEEP, vector)]
    order = list(dict.fromkeys(p.source for p in passages))
    rank = order.index(case.source) + 1 if case.source in order else 0
    key = normalise(case.key)
    held = any(p.source == case.source and key in normalise(p.text) for p in passages[:SHOWN])
    return float(0 < rank <= FIRST), 1 / rank if rank else 0.0, float(held), float(text != case.question)


def _table(scores: dict[str, list[tuple[float, ...]]]) -> dict[str, Any]:
    told: dict[str, Any] = {"conversations": len(scores[_CHOSEN])}
    told["changed"] = {name: round(_mean(s[-1] for s in each), 4) for name, each in scores.items()}
    others = [name for name in scores if name != _CHOSEN]
    for n, measure in enumerate(MEASURES):
        of_way = {name: [s[n] for s in each] for name, each in scores.items()}
        told[measure] = {name: rounded(asdict(interval(values))) for name, values in of_way.items()}
        gaps = [paired_difference(of_way[_CHOSEN], of_way[name]) for name in others]
        adjusted = holm([g.p for g in gaps])
        told[f"{measure}_{_CHOSEN}_minus"] = {
            name: rounded(asdict(gap) | {"p_holm": p}) for name, gap, p in zip(others, gaps, adjusted, strict=True)
        }
        print(measure, {name: round(_mean(values), 3) for name, values in of_way.items()}, flush=True)
    return told


def _mean(values: Iterable[float]) -> float:
    each = list(values)
    return sum(each) / len(each)


if __name__ == "__main__":
    main()
