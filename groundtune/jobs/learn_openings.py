"""The words that the house opens its answers with: learned from the examples when a project is provisioned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.atomic_files import read_json, write_json
from corpus.fingerprint import fingerprint

if TYPE_CHECKING:
    from groundtune.project.project import Project
    from lm.answer_openings import Opening
    from lm.engine_contract import Embedder

_COST = 1.0
"""How much more an opening out of place costs than one in place gains."""
_OPENINGS = 1
"""Raised where they are learned differently."""


def learn_openings(project: Project, embedder: Embedder) -> list[dict[str, object]]:
    """Learn which questions get which opening: each with its words and the shares of questions rightly and wrongly given it."""
    from lm.answer_openings import openings
    from router.question_sort import learn_sort
    from router.wording import learn_wording, with_words

    examples = [e for e in project.training_examples() if e.answer is not None]
    made_of = fingerprint(examples, (), embedder.name, project.settings.seed, _OPENINGS)
    file = project.openings_file
    kept = read_json(file) if file.is_file() else {}
    if kept.get("made_of") != made_of:
        used = openings(examples)
        asked = [e.question for e in examples]
        wording = learn_wording(asked)
        kept = {"made_of": made_of, "wording": wording.to_json(), "openings": []}
        vectors = with_words(embedder.embed(asked), asked, wording)
        for words, ids in sorted(used.items()):
            sort = learn_sort(vectors, [e.id in ids for e in examples], project.settings.seed, cost=_COST)
            if sort:
                kept["openings"].append({"words": words, "sort": sort.to_json()})
        write_json(file, kept)
    return [
        {"words": o["words"], "known": o["sort"]["right"], "mistaken": o["sort"]["wrong"]} for o in kept["openings"]
    ]


def house_opening(project: Project, embedder: Embedder) -> Opening | None:
    """From a question to the words its answer opens with, as learned; None where the house has none."""
    from router.question_sort import QuestionSort
    from router.wording import Wording, with_words

    kept = read_json(project.openings_file) if project.openings_file.is_file() else {"openings": []}
    if not kept["openings"]:
        return None
    known = [(o["words"], QuestionSort.from_json(o["sort"])) for o in kept["openings"]]
    wording = Wording.from_json(kept["wording"])

    def opening(question: str) -> str:
        vector = with_words(embedder.embed([question]), [question], wording)[0]
        fitting = [(sort.probability(vector), words) for words, sort in known if sort.holds(vector)]
        return max(fitting)[1] if fitting else ""

    return opening
