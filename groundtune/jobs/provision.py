"""Building what was advised: the index, the adapter, the router. Each is complete or absent; the same call resumes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import read_json, write_json
from corpus.errors import Fault, InputError, Omission, ProjectError
from corpus.fingerprint import fingerprint
from corpus.records import Candidate, Example, Passage
from groundtune.assistant import Assistant
from groundtune.jobs.learn_openings import learn_openings
from groundtune.jobs.learn_quoting import learn_quotes
from groundtune.jobs.measure_arms import measure_arms, told_of
from groundtune.project.not_read import NotRead
from groundtune.project.project_documents import Documents
from lm.models.catalogue import cache_folder

if TYPE_CHECKING:
    from finetune.run_finetune import AdapterReport
    from groundtune.project.project import Project
    from rag.answer.quote_length import LearnedQuoting
    from rag.index.index import IndexReport
    from rag.retrieve.retrieve import Retriever
    from rag.retrieve.tune_retrieval import Tuned

_NEAR = 10
BUILDS = {"prompt": (), "defer": (), "rag": ("index",), "finetune": ("adapter",), "hybrid": ("index", "adapter")}


@dataclass(frozen=True)
class Provisioned:
    """What was built; None where the approach does not need it."""

    index: IndexReport | None
    adapter: AdapterReport | None
    router: dict[str, Any] | None
    not_read: NotRead = field(default_factory=NotRead)
    retrieval: dict[str, float] | None = None
    """Mean reciprocal rank of the right passages, untuned and tuned, out of fold; None where nothing was tuned."""
    rows_left_out: tuple[Omission, ...] = ()
    """Rows of the examples and questions that hold nothing to learn or to ask."""
    protection: dict[str, Any] | None = None
    """Personal data, secrets and duplicates among the documents indexed and the examples learned from, in counts."""
    notices: tuple[Fault, ...] = ()
    """What was told before training: examples left out, answers that will be cut off, nothing held back."""
    quoting: LearnedQuoting | None = None
    """How much of the documents is quoted; None where it is the default, for want of examples."""

    def to_json(self) -> dict[str, Any]:
        """The shape ``groundtune provision --json`` prints (stable: keys are only added)."""
        return {
            "index": asdict(self.index) if self.index else None,
            "adapter": asdict(self.adapter) if self.adapter else None,
            "retrieval": self.retrieval,
            "quoting": self.quoting.to_json() if self.quoting else None,
            "router": self.router,
            "skipped": [vars(f) for f in self.not_read.files],
            "rows_left_out": [vars(o) for o in self.rows_left_out],
            "protection": self.protection,
            "notices": [vars(f) for f in self.notices],
            **self.not_read.to_json(),
        }


def chosen_approach(assistant: Assistant, asked: str | None) -> str:
    """The approach to build: the one asked for, else the last decision's. Raises where there is neither."""
    if asked:
        if asked not in BUILDS:
            raise InputError(f'no approach "{asked}"', mend=f"use one of {', '.join(BUILDS)}")
        return asked
    decision = assistant.project.decision()
    if decision is None:
        raise ProjectError("nothing was advised yet", mend="run groundtune advise first, or name --approach")
    return str(decision["approach"])


def provision(
    assistant: Assistant,
    approach: str,
    *,
    strict: bool = False,
    on_index: Callable[[int, int], None] | None = None,
    on_indexed: Callable[[IndexReport, NotRead], None] | None = None,
    on_training: Callable[[Any], None] | None = None,
    on_notice: Callable[[Fault], None] | None = None,
) -> Provisioned:
    """Build the parts of ``approach``. ``on_indexed`` is told when retrieval can answer, before training starts.

    ``on_notice`` is told, before training, of examples that will not be learned and answers that will be cut off.
    """
    builds = BUILDS[approach]
    index: IndexReport | None = None
    not_read = NotRead()
    if "index" in builds:
        index, not_read = build_index(assistant, strict=strict, on_progress=on_index)
        if on_indexed:
            on_indexed(index, not_read)
    tuned = tune_retrieval(assistant) if "index" in builds else None
    quoting = learn_quotes(assistant) if "index" in builds else None
    notices: list[Fault] = []

    def notice(fault: Fault) -> None:
        notices.append(fault)
        if on_notice:
            on_notice(fault)

    adapter = train_adapter(assistant, on_training, tuned, notice) if "adapter" in builds else None
    router = calibrated(assistant) if builds else None
    openings = learn_openings(assistant.project, assistant.embedder) if "adapter" in builds else []
    assistant.forget_tuning()
    if approach != "defer" and assistant.project.settings.examples:
        assistant.keep_lookup()
    measured = measure_arms(assistant) if approach != "defer" else None
    if measured:
        router = (router or _by_default()) | told_of(measured, assistant.available)
    if router is not None and openings:
        router["openings"] = openings
    protection = {
        "documents": read_json(assistant.project.protection_file) if index else None,
        "examples": assistant.project.examples_protection() if builds else None,
    }
    rows = tuple(o for f in assistant.project.examples_files() for o in f.left_out) if builds else ()
    mrr = dict(tuned.mrr) if tuned else None
    return Provisioned(index, adapter, router, not_read, mrr, rows, protection, tuple(notices), quoting)


def build_index(
    assistant: Assistant,
    *,
    strict: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    anew: bool = False,
    emptied: bool = False,
) -> tuple[IndexReport, NotRead]:
    """Read the documents that may have changed, protect them, and bring the index in step with them or make it ``anew``.

    ``emptied``: that no document is left is what was wanted. Raises ``InputError`` for passages that the embedder cuts off.
    """
    project = assistant.project
    wanted, most = project.settings.passage_tokens, assistant.embedder.max_tokens
    if wanted > most:
        least = f"at most {most}: {assistant.embedder.name} reads no further"
        fault = Fault(
            "groundtune.yaml, passage_tokens", str(wanted), least, "lower it, or name an embedder that reads more"
        )
        raise InputError("the passages would be longer than what the embedder reads", [fault])
    build = assistant.index.rebuild if anew else assistant.index.build
    with Documents(project, anew=anew) as documents:

        def agree(left: int) -> None:
            documents.require(strict=strict, any_is_left=left > 0 or emptied)
            documents.keep_report()

        report: IndexReport = build(documents.sources(), on_progress, agree)
    if report.added == report.passages:  # a whole build: what an estimate is compared with
        write_json(project.made / "index_report.json", asdict(report))
    return report, documents.not_read


def tune_retrieval(assistant: Assistant) -> Tuned | None:
    """Learn from the training examples how to retrieve, where enough of them have known right passages."""
    from rag.retrieve.earlier_answers import Memory
    from rag.retrieve.retrieve import Retriever
    from rag.retrieve.tune_retrieval import TUNING, load_tuned, tune

    project = assistant.project
    examples, passages = project.training_examples(), assistant.index.passages()
    assistant.forget_tuning()
    if not examples:
        for folder in (project.retrieval, project.memory):
            shutil.rmtree(folder, ignore_errors=True)
        return None
    remembered = project.settings.recipe.remembered > 0
    made_of = fingerprint(examples, passages, assistant.embedder.name, project.settings.seed, remembered, TUNING)
    tuned = load_tuned(project.retrieval, passages, assistant.memory, made_of)
    if tuned:  # written last
        return tuned
    retriever = Retriever(assistant.index, assistant.embedder)
    standing, right = right_passages(retriever, examples)
    memory = Memory.of(standing, right, assistant.embedder)
    memory.save(project.memory)
    tuned = tune(retriever, standing, right, memory if remembered else None, project.settings.seed)
    if tuned:
        tuned.save(project.retrieval, made_of)
    else:
        shutil.rmtree(project.retrieval, ignore_errors=True)
    assistant.forget_tuning()
    return tuned


def right_passages(
    retriever: Retriever, examples: Sequence[Example]
) -> tuple[list[Example], dict[str, tuple[Passage, ...]]]:
    """The examples as the documents have them now, and the passages that hold each one's answer, by its id.

    An example whose answer stands in no passage has the sentence that says the same in newer words or figures as its
    answer; where there is none, it has no passages.
    """
    from corpus.examples.evidence_passages import Evidence
    from corpus.examples.restated import Restatements

    passages = retriever.index.passages()
    evidence, restatements = Evidence(passages), Restatements(passages)
    standing: list[Example] = []
    right: dict[str, tuple[Passage, ...]] = {}
    for e in examples:
        near = [] if e.evidence or e.answer is None else [f.passage for f in retriever.retrieve(e.question, _NEAR)]
        held = evidence.right(e, near)
        restated = None if held else restatements.now(e)
        standing.append(restated or e)
        right[e.id] = evidence.right(restated) if restated else held
    return standing, right


def train_adapter(
    assistant: Assistant,
    on_progress: Callable[[Any], None] | None = None,
    tuned: Tuned | None = None,
    on_notice: Callable[[Fault], None] | None = None,
) -> AdapterReport:
    """Fine-tune on the training examples, shown with what retrieval returns where there is an index."""
    from finetune.run_finetune import finetune
    from groundtune.jobs.training_memory import training_memory
    from lm.models.load_model import training_folder
    from rag.answer.shown_texts import Shown, at_most, what_to_show
    from rag.retrieve.select_sentences import EARLIER_TEXTS, TEXTS, all_sentences, ranked_by_prior

    project, settings = assistant.project, assistant.project.settings
    examples = project.training_examples()
    _require_enough(project, len(examples))
    if on_notice and not settings.questions and not project.held_out_questions():
        on_notice(project.nothing_held_out())
    model = training_folder(settings.generator, cache_folder())
    indexed = assistant.index.exists
    passages = assistant.index.passages() if indexed else ()

    memory, most = assistant.memory if indexed else None, settings.recipe.remembered
    earlier = {e.id for e in memory.entries} if memory else set()

    def shown(example: Example, k: int, most: int) -> list[Passage]:
        """As the assistant will be shown a new question: by what was not tuned on this one, and not itself."""
        if tuned and example.id in tuned.out_of_fold:
            return at_most(most, tuned.out_of_fold[example.id], earlier)[:k]
        texts = what_to_show(assistant.tuned_retriever, memory, example.question, k, most, but=(example.id,))
        return [s.text for s in texts]

    def candidates(example: Example) -> list[Candidate]:
        texts = [Shown(t, (t,)) for t in shown(example, TEXTS, EARLIER_TEXTS if most else 0)]
        return [s.candidate for s in ranked_by_prior(assistant.embedder, example.question, texts)]

    selecting = indexed and settings.recipe.selector
    return finetune(
        examples,
        retrieve=(lambda e, k: shown(e, k, most)) if indexed else None,
        passages=[*all_sentences(passages), *passages] if selecting else passages,
        candidates=candidates if selecting else None,
        model=model,
        folder=project.adapters,
        recipe=settings.recipe,
        seed=settings.seed,
        generator=settings.generator,
        engine=assistant.generator,
        answer_tokens=settings.answer_tokens,
        starter=assistant.starter,
        memory_gib=training_memory(model, settings.recipe.rank),
        on_progress=on_progress,
        on_notice=on_notice,
    )


def _require_enough(project: Project, learned_from: int) -> None:
    """Raise where there is too little to learn from, told with what of the examples is held out to compare on."""
    from finetune.ledger import MINIMUM_EXAMPLES

    settings = project.settings
    if not settings.examples:
        raise ProjectError(
            "the project names no examples to learn from", mend='add "examples: FILE" to groundtune.yaml'
        )
    if learned_from >= MINIMUM_EXAMPLES:
        return
    held_out = 0 if settings.questions else len(project.held_out_questions())
    told, mend = f"{learned_from} training examples", "collect more examples"
    if held_out:
        told = f"{learned_from + held_out} examples, of which {held_out} are held out to compare on"
        told += f": {learned_from} to learn from"
        mend += ", or name held-out questions of their own (questions: FILE), and all of these are learned from"
    raise InputError(f"{settings.examples}: {told}; wanted at least {MINIMUM_EXAMPLES}", mend=mend)


def calibrated(assistant: Assistant) -> dict[str, Any] | None:
    """When to say that nothing is known: as the training questions teach (``calibrated``), else by the defaults."""
    from groundtune.jobs.calibrate_abstention import calibrate_abstention, in_own_words
    from router.default_judge import default_judge

    learned = calibrate_abstention(assistant)
    if learned:
        assistant.project.router_file.unlink(missing_ok=True)
        return learned | {"calibrated": True}
    router = calibrate_router(assistant)
    if router is None:
        return None
    default = default_judge(assistant.embedder.name)
    examples = assistant.project.training_examples()
    if word_for_word := len(examples) - len(in_own_words(examples, assistant.index.passages())):
        router |= {"word_for_word": word_for_word}
    return router | ({"refuse_below": default.refuse_below} if default else {}) | {"calibrated": False}


def _by_default() -> dict[str, Any]:
    """What ``calibrated`` tells where there are no documents."""
    from router.rules import default_rules

    return {"nothing_relevant": default_rules().nothing_relevant, "calibrated": False}


def calibrate_router(assistant: Assistant) -> dict[str, float] | None:
    """Set the threshold for "nothing relevant" from the training questions: ``auto`` abstains by it without a judge."""
    from groundtune.jobs.calibrate_abstention import in_own_words
    from router.relevance_threshold import calibrate
    from router.rules import default_rules

    project = assistant.project
    if not assistant.index.exists:
        return None

    def similarity(question: str) -> float:
        return max((f.similarity for f in assistant.retriever.retrieve(question, project.settings.passages)), default=0)

    asked = in_own_words(project.training_examples(), assistant.index.passages())
    rules = calibrate(asked, similarity, default_rules())
    rules.save(project.router_file)
    return {"nothing_relevant": rules.nothing_relevant}
