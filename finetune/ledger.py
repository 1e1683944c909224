"""What becomes of each example: learned, held back to validate on, or left out and named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from corpus.errors import Fault, InputError
from corpus.records import Example
from finetune.lengths import LeftOut, too_long
from finetune.packing import Item, Pack

MINIMUM_EXAMPLES = 8
_NOTHING_HELD_BACK = Fault(
    "the examples",
    "all say nearly the same, or rest on the same passages: none can be held back to validate on",
    mend="add examples about other things; until then nothing tells whether training helps",
)


class Ledger:
    """Counts from what is really packed and trained on, not from what was given."""

    def __init__(self, training: Sequence[Example], validation: Sequence[Example], max_tokens: int) -> None:
        self.training = tuple(e.id for e in training)
        self.validation = tuple(e.id for e in validation)
        self.max_tokens = max_tokens
        self.learned: set[str] = set()
        """Ids of the examples that a step of training has learned from."""
        self._fitting: set[str] = set()
        self._shortest: dict[str, int] = {}

    def measure(self, item: Item) -> None:
        """Take note of how long an example is as it would be shown."""
        length = len(item.tokens)
        self._shortest[item.example] = min(length, self._shortest.get(item.example, length))
        if length <= self.max_tokens:
            self._fitting.add(item.example)

    def learn(self, packs: Iterable[Pack]) -> None:
        """Take note of what a step of training has learned from."""
        self.learned.update(i.example for p in packs for i in p.items)

    @property
    def counts(self) -> tuple[int, int]:
        """How many examples were learned, and how many validate."""
        return sum(x in self.learned for x in self.training), sum(x in self._fitting for x in self.validation)

    @property
    def not_reached(self) -> int:
        """How many examples would fit, and no step came to learn from them."""
        return sum(x in self._fitting and x not in self.learned for x in self.training)

    def left_out(self) -> tuple[LeftOut, ...]:
        """Every example that is too long to learn from or to validate on."""
        return self._but_for(self._fitting | self.learned)

    def require_enough(self) -> None:
        """Raise ``InputError`` where too few of the examples that were measured are short enough to train on."""
        given = (*self.training, *self.validation)
        used = sum(x in self._fitting for x in given)
        if used < min(MINIMUM_EXAMPLES, len(given)) or not any(x in self._fitting for x in self.training):
            raise InputError(
                f"{used} examples are short enough to train on; wanted at least {MINIMUM_EXAMPLES}",
                list(self._too_long()),
            )

    def notices(self) -> Iterator[Fault]:
        """What should be told before training, from what was measured."""
        yield from self._too_long()
        if not self.validation:
            yield _NOTHING_HELD_BACK

    def _too_long(self) -> Iterator[Fault]:
        if left_out := self._but_for(self._fitting):
            yield too_long(left_out, len(self.training) + len(self.validation), self.max_tokens)

    def _but_for(self, trained: set[str]) -> tuple[LeftOut, ...]:
        unused = [x for x in self.training if x not in trained] + [x for x in self.validation if x not in self._fitting]
        return tuple(LeftOut(x, self._shortest.get(x, 0)) for x in unused)
