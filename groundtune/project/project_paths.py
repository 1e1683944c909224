"""Where everything of a project lies: its settings in ``groundtune.yaml``, all that is made in ``.groundtune/``."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

SETTINGS = "groundtune.yaml"


@dataclass(frozen=True)
class ProjectPaths:
    """The paths of a project; none of them needs to be there yet."""

    folder: Path

    @property
    def settings_file(self) -> Path:
        return self.folder / SETTINGS

    @property
    def built(self) -> Path:
        return self.folder / ".groundtune"

    @property
    def decision_file(self) -> Path:
        return self.built / "decision.json"

    @property
    def index(self) -> Path:
        return self.built / "index"

    @property
    def adopted(self) -> Path:
        """Collections that were taken over from Chroma."""
        return self.built / "adopted"

    @property
    def collection(self) -> str:
        """The name of the index's collection on a Chroma server: the folder's, and what tells it from others so called."""
        here = self.folder.resolve()
        name = re.sub(r"[^a-zA-Z0-9]+", "-", here.name).strip("-")[:40] or "project"
        return f"groundtune-{name}-{hashlib.sha256(here.as_posix().encode()).hexdigest()[:8]}"

    @property
    def adapters(self) -> Path:
        return self.built / "adapters"

    @property
    def retrieval(self) -> Path:
        return self.built / "retrieval"

    @property
    def memory(self) -> Path:
        return self.built / "memory"

    @property
    def lookup(self) -> Path:
        """What was learned of answers that repeat."""
        return self.built / "lookup"

    @property
    def router_file(self) -> Path:
        return self.built / "router" / "rules.json"

    @property
    def routes_file(self) -> Path:
        """What the arms scored on questions kept out of training."""
        return self.built / "router" / "measured.json"

    @property
    def answerability(self) -> Path:
        return self.built / "answerability"

    @property
    def abstention_file(self) -> Path:
        return self.built / "router" / "abstention.json"

    @property
    def quoting_file(self) -> Path:
        """How much of the documents ``extract`` quotes."""
        return self.built / "router" / "quoting.json"

    @property
    def openings_file(self) -> Path:
        """The words that the house opens its answers with."""
        return self.built / "router" / "openings.json"

    @property
    def comparisons(self) -> Path:
        return self.built / "comparisons"

    @property
    def grades(self) -> Path:
        """What people said of compared answers."""
        return self.built / "grades"

    @property
    def human_answers(self) -> Path:
        """What people answered themselves."""
        return self.built / "human_answers"

    @property
    def documents_file(self) -> Path:
        """What was found in each file when it was last read."""
        return self.built / "documents.json"

    @property
    def protection_file(self) -> Path:
        """What was found and done when the documents were last indexed, in counts."""
        return self.built / "protection.json"

    @property
    def audit_file(self) -> Path:
        return self.built / "audit.json"
