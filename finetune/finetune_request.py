"""What a fine-tune is asked for: what to learn from, which model, by which recipe, and who is told. Trains nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from corpus.errors import Fault
from corpus.progress import OnProgress, untold
from corpus.records import Candidate, Example, Passage
from finetune.budget import Budget
from finetune.hardware import MemoryGib
from finetune.mixture import Retrieve
from finetune.recipe import Recipe
from finetune.starter import FEW
from lm.engine_contract import TextGenerator

Candidates = Callable[[Example], Sequence[Candidate]]
"""The sentences found for an example, by what was not tuned on it, the best by their prior first."""


@dataclass(frozen=True)
class FinetuneRequest:
    """An adapter that is wanted. The same examples, passages, model, recipe, seed and starter make the same one."""

    examples: Sequence[Example]
    _: KW_ONLY
    retrieve: Retrieve | None
    """What is shown with an example; not asked where there are ``candidates``."""
    passages: Sequence[Passage]
    """What may be shown: with ``candidates`` all sentences."""
    candidates: Candidates | None = None
    """Among these the sentences to show are chosen. Which one answers is learned first, where enough questions tell it."""
    model: Path
    """The folder of the model in Hugging Face's layout."""
    folder: Path
    """Of the adapter's versions, ``folder/NNNN``."""
    recipe: Recipe
    seed: int = 0
    generator: str = ""
    """The model's name in the settings."""
    project: str = ""
    """The project's name: with its version an adapter's name, where a server has several."""
    engine: TextGenerator | None = None
    """The one that will serve the adapter: it is checked against transformers + peft before the version counts."""
    device: str = "cpu"
    answer_tokens: int | None = None
    """So many tokens are generated when asked; longer answers are told of."""
    starter: Path | None = None
    """An adapter that few examples begin from."""
    memory_gib: MemoryGib | None = None
    on_progress: OnProgress = untold
    on_notice: Callable[[Fault], None] | None = None
    """Told, before training, of examples left out and of answers longer than ``answer_tokens``."""

    @property
    def starter_used(self) -> Path | None:
        """The starter where the examples are few and the recipe has one; None else."""
        return self.starter if len(self.examples) < FEW and self.recipe.starter else None

    @property
    def budget(self) -> Budget:
        """The time there is for learning to choose and to read."""
        return Budget.of(self.recipe.minutes)
