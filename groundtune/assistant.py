"""The arms of a project, wired: one engine and one embedder serve them all. Builds nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.atomic_files import read_json
from corpus.records import Example
from finetune.versions import reads_sentences, selector_of
from groundtune import open_project
from groundtune.arms import AUTO, FAST, project_arm
from groundtune.project.adapter import adapter_fault, is_here, starter, usable_adapter
from groundtune.project.project import Project
from groundtune.required_arm import require_arm
from lm.answerer import Answer, Answerer
from lm.arm_facts import arm_of, baselines, generating, readers
from lm.engine_contract import ClosingGenerator, Embedder, PreparingGenerator, PreparingScorer, TextGenerator
from lm.models.catalogue import cache_folder
from rag.index.passage_filter import EVERYTHING, Filter

if TYPE_CHECKING:
    import numpy

    from groundtune.jobs.taught_examples import TaughtExamples
    from lm.answer_openings import Opening
    from lm.questions.conversation import Conversation
    from lm.questions.followup import Rewrite
    from rag.answer.judge import Judge
    from rag.answer.lookup_arm import LookupAnswerer
    from rag.answer.quote_length import Quoting
    from rag.index.index import Index
    from rag.retrieve.earlier_answers import Memory
    from rag.retrieve.retrieve import Retriever
    from router.answer_chance import Weighing
    from router.measured_arms import Measured


class Assistant:
    """Hands out answerers by arm. ``generator`` and ``embedder`` are loaded by the settings unless given.

    Where a filter is given with a question (``where``), the answer rests on documents that pass it, and only arms that read
    documents answer.
    """

    def __init__(
        self,
        project: Project,
        *,
        generator: TextGenerator | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.project: Project = project
        self._generator = generator
        self._embedder = embedder
        self._answerers: dict[str, Answerer] = {}
        self.taught: dict[str, TaughtExamples] = {}
        """What ``taught_examples`` worked out last."""

    @cached_property
    def generator(self) -> TextGenerator:
        from lm.engines.choose_engine import load_generator

        settings = self.project.settings
        return self._generator or load_generator(settings.generator, cache_folder(), engine=settings.engine)

    @cached_property
    def embedder(self) -> Embedder:
        from lm.engines.choose_engine import load_embedder

        return self._embedder or load_embedder(self.project.settings.embedder, cache_folder())

    @cached_property
    def index(self) -> Index:
        from rag.index.index import Index
        from rag.index.vector_store import COLLECTION

        project, settings = self.project, self.project.settings
        return Index(
            project.index,
            self.embedder,
            max_tokens=settings.passage_tokens,
            chroma_url=(settings.chroma_url or "").rstrip("/"),
            collection=project.collection if settings.chroma_url else COLLECTION,
        )

    @cached_property
    def retriever(self) -> Retriever:
        from rag.retrieve.retrieve import Retriever
        from rag.retrieve.tune_retrieval import load_tuning

        return Retriever(self.index, self.embedder, load_tuning(self.project.retrieval)[0])

    @cached_property
    def tuned_retriever(self) -> Retriever:
        """With the map on questions that was learned from the examples: what the fine-tuned arm reads from."""
        from rag.retrieve.tune_retrieval import load_tuning

        return self.retriever.tuned(load_tuning(self.project.retrieval)[1])

    @cached_property
    def memory(self) -> Memory | None:
        """The earlier questions that the fine-tuned arm is shown; None where there are none."""
        from rag.retrieve.earlier_answers import load_memory

        return load_memory(self.project.memory, self.index.passages())

    @cached_property
    def judge(self) -> Judge | None:
        """When the arms with retrieval abstain: as calibrated, else a default learned from other projects, if any."""
        from groundtune.reader import judge

        return judge(self)

    @cached_property
    def opening(self) -> Opening | None:
        """The words that the house opens an answer with, by the question; None where it has none."""
        from groundtune.jobs.learn_openings import house_opening

        return house_opening(self.project, self.embedder)

    def close(self) -> None:
        """Let go of the index's store and the engine's weights. What is asked afterwards opens them anew."""
        if "index" in self.__dict__:
            self.index.forget()
        if isinstance(engine := self.__dict__.get("generator"), ClosingGenerator):
            engine.close()

    def forget_tuning(self) -> None:
        """Read what was learned from the examples anew at the next question."""
        for name in ("retriever", "tuned_retriever", "memory", "judge", "opening"):
            self.__dict__.pop(name, None)
        self._answerers.clear()

    @property
    def adapter(self) -> Path | None:
        """The adapter in use, or None. Raises ``ProjectError`` where it was trained on another model."""
        return usable_adapter(self.project)

    @property
    def sound_adapter(self) -> Path | None:
        """The adapter in use; None also where it cannot be used with today's model."""
        return None if adapter_fault(self.project) else self.adapter

    @cached_property
    def starter(self) -> Path | None:
        """The adapter that reads for a model known by name, before anything was taught; None where there is none."""
        return starter(self.project)

    @property
    def model_is_here(self) -> bool:
        """Can the language model be asked on this machine, at no price?"""
        return self._generator is not None or is_here(self.project)

    @property
    def available(self) -> tuple[str, ...]:
        """The arms that are built, without ``auto``."""
        return self.available_within(EVERYTHING)

    def available_within(self, where: Filter) -> tuple[str, ...]:
        """Those of them that can answer from documents that pass ``where``."""
        return tuple(
            arm.name
            for arm in map(project_arm, (*generating(), *baselines()))
            if arm.is_built(self) and (not where or arm.reads_documents)
        )

    def ask(self, question: str, arm: str = AUTO, where: Filter = EVERYTHING) -> Answer:
        """One question to one arm, answered from the documents that pass ``where``. Raises what ``answerer`` raises."""
        return self.answerer(arm, where).answer(question)

    def answerer(self, arm: str, where: Filter = EVERYTHING) -> Answerer:
        """The answerer of one arm for the documents that pass ``where``.

        Raises ``InputError`` for an unknown arm or a filter that nothing passes, ``ProjectError`` for an arm not built.
        """
        if where:
            require_arm(self, arm, where)
            return self._make(arm, where)
        if arm not in self._answerers:
            require_arm(self, arm, where)
            self._answerers[arm] = self._make(arm, where)
        return self._answerers[arm]

    def prepare(self, arm: str, where: Filter = EVERYTHING) -> None:
        """Begin to load the weights that ``arm`` generates with, beside all else that its first answer needs.

        Raises what ``answerer`` raises. For ``auto`` these are the adapter's, if there is one: it seldom does without.
        """
        require_arm(self, arm, where)
        if arm not in (*baselines(), FAST) and isinstance(self.generator, PreparingGenerator):
            self._prepare_selector(arm)
            self.generator.prepare(adapter=self.adapter_of(arm))

    def _prepare_selector(self, arm: str) -> None:
        reads = (arm == AUTO or arm in readers(self.available)) and self.index.exists
        adapter = self.adapter_of(arm)
        if reads and self.selects(adapter) and isinstance(self.generator, PreparingScorer):
            learned = selector_of(adapter) if adapter else None
            self.generator.prepare_scoring(adapter=learned.folder if learned else None)

    def selects(self, adapter: Path | None) -> bool:
        """Are single sentences chosen for the model with this adapter, or without one? Whole passages are shown else."""
        return reads_sentences(adapter) if adapter else self.project.settings.recipe.selector

    def adapter_of(self, arm: str) -> Path | None:
        """The adapter that an arm generates with, ``auto`` too; None: the model as it came, or none."""
        known = arm_of(arm)
        if arm == AUTO or (known and known.is_tuned):
            return self.adapter
        return self.starter if known and known.generates_with == "starter" else None

    def conversation(self, arm: str, where: Filter = EVERYTHING) -> Conversation:
        """A conversation with one arm, where follow-ups are understood. Raises what ``answerer`` raises."""
        from groundtune.reader import rewrite
        from lm.questions.conversation import Conversation

        return Conversation(self.answerer(arm, where), rewrite(self, where))

    @property
    def rewrite(self) -> Rewrite | None:
        """What makes a follow-up question stand by itself, as the settings say; None: nothing."""
        from groundtune.reader import rewrite

        return rewrite(self, EVERYTHING)

    def nearest_example(self, question: str) -> tuple[Example, float]:
        """The nearest training question and its cosine."""
        return self.lookup.nearest(question)

    @property
    def lookup(self) -> LookupAnswerer:
        """The arm that answers with the nearest example's answer."""
        from rag.answer.lookup_arm import LookupAnswerer

        lookup = self.answerer("lookup")
        assert isinstance(lookup, LookupAnswerer)
        return lookup

    def _make(self, arm: str, where: Filter) -> Answerer:
        from groundtune.auto import auto

        return auto(self, arm, where) if arm in (AUTO, FAST) else project_arm(arm).make(self, where)

    @property
    def quoting(self) -> Quoting:
        """How much is quoted: as learned from the examples, else the default."""
        from rag.answer.quote_length import DEFAULT, LearnedQuoting

        file = self.project.quoting_file
        return LearnedQuoting.from_json(read_json(file)["learned"]).quoting if file.is_file() else DEFAULT

    @property
    def weighing(self) -> Weighing | None:
        """What tells how likely an answer is right; None where that was not learned."""
        from groundtune.auto import weighing

        return weighing(self)

    @property
    def measured(self) -> Measured | None:
        """What the arms scored on the examples that training held back; None where that was not measured."""
        from router.measured_arms import Measured

        file = self.project.routes_file
        return Measured.from_json(read_json(file)["measured"]) if file.is_file() else None

    @cached_property
    def vector_of(self) -> Callable[[str], numpy.ndarray]:
        """A question's unit vector; the last few are kept, for routing and weighing ask for the same one."""
        return lru_cache(maxsize=8)(lambda question: self.embedder.embed([question])[0])


def open_assistant(folder: Path) -> Assistant:
    """The assistant of the project in ``folder``, its libraries quiet. Raises what ``open_project`` raises."""
    return Assistant(open_project(folder))
