"""A project folder: its settings in ``groundtune.yaml``, everything made in ``.groundtune/``. Makes nothing itself."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.atomic_files import read_json, write_text
from corpus.documents.document_files import leads_somewhere
from corpus.errors import Fault, InputError, ProjectError
from corpus.records import Example
from corpus.yaml_files import parse_keyed, text_of, yaml_text

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from corpus.examples import ExamplesFile
    from corpus.privacy.protect import Protected, Protector
    from groundtune.project.settings import Settings

SETTINGS = "groundtune.yaml"
_FILES = ("documents", "examples", "questions")
"""The settings that name a project's files."""


@dataclass(frozen=True)
class Project:
    """An opened project; paths of everything in it."""

    folder: Path
    settings: Settings

    def within(self, minutes: float) -> Project:
        """The same project, whose training takes about so many minutes at most."""
        recipe = self.settings.recipe.model_copy(update={"minutes": minutes})
        return replace(self, settings=self.settings.model_copy(update={"recipe": recipe}))

    @property
    def settings_file(self) -> Path:
        return self.folder / SETTINGS

    @property
    def made(self) -> Path:
        return self.folder / ".groundtune"

    @property
    def decision_file(self) -> Path:
        return self.made / "decision.json"

    @property
    def index(self) -> Path:
        return self.made / "index"

    @property
    def adopted(self) -> Path:
        """Collections that were taken over from Chroma."""
        return self.made / "adopted"

    @property
    def collection(self) -> str:
        """The name of the index's collection on a Chroma server: the folder's, and what tells it from others so called."""
        here = self.folder.resolve()
        name = re.sub(r"[^a-zA-Z0-9]+", "-", here.name).strip("-")[:40] or "project"
        return f"groundtune-{name}-{hashlib.sha256(here.as_posix().encode()).hexdigest()[:8]}"

    @property
    def adapters(self) -> Path:
        return self.made / "adapters"

    @property
    def retrieval(self) -> Path:
        return self.made / "retrieval"

    @property
    def memory(self) -> Path:
        return self.made / "memory"

    @property
    def lookup(self) -> Path:
        """What was learned of answers that repeat."""
        return self.made / "lookup"

    @property
    def router_file(self) -> Path:
        return self.made / "router" / "rules.json"

    @property
    def routes_file(self) -> Path:
        """What the arms scored on questions kept out of training."""
        return self.made / "router" / "measured.json"

    @property
    def answerability(self) -> Path:
        return self.made / "answerability"

    @property
    def abstention_file(self) -> Path:
        return self.made / "router" / "abstention.json"

    @property
    def quoting_file(self) -> Path:
        """How much of the documents ``extract`` quotes."""
        return self.made / "router" / "quoting.json"

    @property
    def openings_file(self) -> Path:
        """The words that the house opens its answers with."""
        return self.made / "router" / "openings.json"

    @property
    def comparisons(self) -> Path:
        return self.made / "comparisons"

    @property
    def documents_file(self) -> Path:
        """What was found in each file when it was last read."""
        return self.made / "documents.json"

    @property
    def protection_file(self) -> Path:
        """What was found and done when the documents were last indexed, in counts."""
        return self.made / "protection.json"

    @property
    def audit_file(self) -> Path:
        return self.made / "audit.json"

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
        number = Pseudonyms(self.made / "privacy").number
        return Protector(policy, number, names.find, names.by) if names else Protector(policy, number)

    def document_paths(self) -> list[Path]:
        return [self._path(p) for p in self.settings.documents]

    def question_paths(self) -> set[Path]:
        """The files with questions and answers: they are learned from and asked, never retrieved from."""
        named = (self.settings.examples, self.settings.questions)
        return {self._path(name).resolve() for name in named if name}

    def decision(self) -> dict[str, Any] | None:
        """The last decision, or None."""
        made: dict[str, Any] | None = read_json(self.decision_file) if self.decision_file.is_file() else None
        return made

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
        made = tuple(kept for e in read_examples(self._path(name)) if (kept := protector.example(e)))
        return made, protector.report

    def _path(self, name: str) -> Path:
        return self.folder / Path(name).expanduser()


def init(folder: Path, documents: list[str], examples: str | None, questions: str | None) -> Project:
    """Make a project of ``folder``. Raises ``ProjectError`` if it is one.

    Raises ``InputError`` for paths that are not there and for files of examples with rows that are not usable.
    """
    import os

    if (folder / SETTINGS).exists():
        raise ProjectError(f"{folder} is a project already", mend=f"edit {folder / SETTINGS}, or choose another folder")
    paths = [("--documents", d) for d in documents]
    paths += [(option, p) for option, p in (("--examples", examples), ("--questions", questions)) if p]
    there = {"--documents": leads_somewhere}
    missing = [(o, p) for o, p in paths if not there.get(o, Path.exists)(Path(p).expanduser())]
    faults = [Fault(f"{o} {p}", "no such file or folder") for o, p in missing]
    if faults:
        raise InputError("the project cannot be made", faults, mend="correct the paths; nothing was written")
    _check_rows([Path(p).expanduser() for p in (examples, questions) if p])

    def relative(path: str) -> str:
        return Path(os.path.relpath(Path(path).expanduser().resolve(), folder.resolve())).as_posix()

    wanted: dict[str, Any] = {"documents": [relative(d) for d in documents]}
    wanted |= {key: relative(p) for key, p in (("examples", examples), ("questions", questions)) if p}
    lines = ["# A groundtune project.", "documents:", *(f"  - {yaml_text(d)}" for d in wanted["documents"])]
    if not documents:
        lines[-1] = "documents: []"
    lines += [f"{key}: {yaml_text(wanted[key])}" for key in ("examples", "questions") if key in wanted]
    lines += ["", "# Every other setting, with its default:", *_explained(written=_FILES)]
    text = "\n".join(lines) + "\n"
    if parse_keyed(text, SETTINGS) != wanted:
        named = ", ".join(repr(d) for d in documents)
        raise InputError(f"{named}: a name that {SETTINGS} cannot hold", mend="rename it; nothing was written")
    _settings(folder / SETTINGS, wanted, text)
    write_text(folder / SETTINGS, text)
    return open_project(folder)


def _check_rows(paths: list[Path]) -> None:
    """Raises ``InputError`` naming the rows of all files that are no usable examples."""
    from corpus.examples import examples_file

    read = [examples_file(path) for path in paths]
    faults = [fault for file in read for fault in file.faults]
    if faults:
        count = "1 example" if len(faults) == 1 else f"{len(faults)} examples"
        raise InputError(f"{count} not usable", faults, mend="correct or remove them; nothing was written")
    for file in read:
        file.require()


def _explained(written: tuple[str, ...]) -> list[str]:
    """The settings as lines of comment: remove the ``# `` to set one."""
    from groundtune.project.settings import Settings

    def line(name: str, field: FieldInfo, indent: str = "") -> str:
        default = "null" if field.default is None else field.default
        return f"# {indent}{name}: {default}".ljust(36) + f" # {field.description}"

    nested = _nested()
    lines = [line(n, f) for n, f in Settings.model_fields.items() if n not in (*written, *nested)]
    for name, model in nested.items():
        lines += [f"# {name}:", *(line(n, f, "  ") for n, f in model.model_fields.items())]
    return lines


def _nested() -> dict[str, type[BaseModel]]:
    """The settings that hold settings."""
    from groundtune.project.settings import Settings

    given = {n: f.annotation for n, f in Settings.model_fields.items()}
    return {n: a for n, a in given.items() if isinstance(a, type) and hasattr(a, "model_fields")}


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
    return Project(folder, _settings(file, parse_keyed(text, file.name), text))


def _settings(file: Path, given: dict[str, Any], text: str) -> Settings:
    from pydantic import ValidationError

    from groundtune.project.settings import Settings

    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"])
            near = get_close_matches(str(fault["loc"][-1]), _keys(), n=1) if fault["type"] == "extra_forbidden" else []
            found = "no such setting" if fault["type"] == "extra_forbidden" else f"{fault['input']!r}"
            wanted = "" if fault["type"] == "extra_forbidden" else fault["msg"]
            where = f'{file.name}, line {_line(text, str(fault["loc"][-1]))}, key "{key}"'
            faults.append(Fault(where, found, wanted, f'write "{near[0]}"' if near else ""))
        raise InputError(f"{file}: {len(faults)} of the settings cannot be used", faults) from error


def _keys() -> list[str]:
    from groundtune.project.settings import Settings

    return [*Settings.model_fields, *(key for model in _nested().values() for key in model.model_fields)]


def _line(text: str, key: str) -> int | str:
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), "?")
