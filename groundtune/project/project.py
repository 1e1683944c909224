"""An opened project: its settings, and the documents, examples and questions they name. Makes nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import read_json
from corpus.errors import Fault, ProjectError
from corpus.records import Example
from corpus.yaml_files import parse_keyed, text_of
from groundtune.project.project_paths import SETTINGS, ProjectPaths
from groundtune.project.settings_file import checked_settings

if TYPE_CHECKING:
    from corpus.examples import ExamplesFile
    from corpus.privacy.protect import Protected, Protector
    from groundtune.project.settings import Settings


@dataclass(frozen=True)
class Project(ProjectPaths):
    """An opened project: its settings, what they name, and the paths of everything in it."""

    settings: Settings

    def within(self, minutes: float) -> Project:
        """The same project, whose training takes about so many minutes at most."""
        recipe = self.settings.recipe.model_copy(update={"minutes": minutes})
        return replace(self, settings=self.settings.model_copy(update={"recipe": recipe}))

    def protector(self) -> Protector:
        """A new one: it takes the project's documents, or its examples, one after another, and reports on them."""
        from corpus.privacy.person_names import name_finder
        from corpus.privacy.protect import Policy, Protector
        from corpus.privacy.pseudonyms import Pseudonyms

        privacy, copies = self.settings.privacy, self.settings.duplicates
        policy = Policy(
            privacy.personal_data, privacy.kinds, tuple(privacy.allow), copies.exact, copies.near, copies.similarity
        )
        names = name_finder(privacy.names) if privacy.personal_data != "off" else None
        number = Pseudonyms(self.built / "privacy").number
        return Protector(policy, number, names.find, names.by) if names else Protector(policy, number)

    def document_paths(self) -> list[Path]:
        return [self._path(p) for p in self.settings.documents]

    def question_paths(self) -> set[Path]:
        """The files with questions and answers: they are learned from and asked, never retrieved from."""
        named = (self.settings.examples, self.settings.questions)
        return {self._path(name).resolve() for name in named if name}

    def decision(self) -> dict[str, Any] | None:
        """The last decision, or None."""
        decision: dict[str, Any] | None = read_json(self.decision_file) if self.decision_file.is_file() else None
        return decision

    def training_examples(self) -> tuple[Example, ...]:
        """The examples to learn from: the file, less what is split off where no held-out questions are named."""
        return self._split()[0] if self.settings.examples else ()

    def held_out_questions(self) -> tuple[Example, ...]:
        """The questions to compare on. Raises ``ProjectError`` where the project names none."""
        if self.settings.questions:
            return self._examples(self.settings.questions)
        if self.settings.examples:
            return self._split()[1]
        raise ProjectError(
            f"{self.folder / SETTINGS}: neither questions nor examples", mend='add "questions: FILE" with held-out ones'
        )

    def nothing_held_out(self) -> Fault:
        """Why there are no held-out questions where the split of the examples gave none."""
        of = f"{self.settings.held_out:g} of the {len(self.training_examples())} examples in {self.settings.examples}"
        return Fault(
            f"{self.settings_file}, held_out",
            f"{of}: none can be held out to compare on, as there are too few, or so alike that they stay together",
            mend='name held-out questions of your own ("questions: FILE"), or add examples that ask something else',
        )

    def _split(self) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
        from corpus.examples.split import split

        examples = self._examples(self.settings.examples or "")
        if self.settings.questions:
            return examples, ()
        return split(examples, held_out=self.settings.held_out, seed=self.settings.seed)

    def examples_files(self) -> list[ExamplesFile]:
        """The files of examples and questions as they stand, with what in them is none and why."""
        from corpus.examples import examples_file

        return [examples_file(self._path(p)) for p in (self.settings.examples, self.settings.questions) if p]

    def examples_protection(self) -> dict[str, Any] | None:
        """What is found and done among the training examples, in counts; None where the project has none."""
        return self._protected(self.settings.examples)[1].to_json() if self.settings.examples else None

    def _examples(self, name: str) -> tuple[Example, ...]:
        return self._protected(name)[0]

    def _protected(self, name: str) -> tuple[tuple[Example, ...], Protected]:
        """The examples of a file, protected by the project's policy, and what was found and done."""
        from corpus.examples import read_examples

        protector = self.protector()
        examples = tuple(kept for e in read_examples(self._path(name)) if (kept := protector.example(e)))
        return examples, protector.report

    def _path(self, name: str) -> Path:
        return self.folder / Path(name).expanduser()


def open_project(folder: Path | str) -> Project:
    """Open the project in ``folder``. Raises ``ProjectError`` where there is none, ``InputError`` for bad settings."""
    folder = Path(folder)
    file = folder / SETTINGS
    if not file.is_file():
        raise ProjectError(
            f"{folder}: not a groundtune project (no {SETTINGS})",
            mend="make one: groundtune init DIR --documents PATH --examples FILE",
        )
    text = text_of(file)
    return Project(folder, checked_settings(file, parse_keyed(text, file.name), text))
