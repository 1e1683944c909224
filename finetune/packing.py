"""Questions that share the start of their prompt, packed into one sequence.

Several questions about the same passages differ only at the end of the prompt. Packed, the shared start is computed once
and each question attends to it and to itself alone: the losses and gradients are those of separate sequences, at a
fraction of the tokens (shared-prefix, or tree, attention).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

IGNORED = -100
"""The label of a token that has no loss (PyTorch's convention)."""


@dataclass(frozen=True)
class Item:
    """One question as token ids: ``prompt`` has no loss, every token of ``completion`` (EOS included) has."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]
    example: str = ""
    """Id of the example that it teaches, if it is one."""

    @property
    def tokens(self) -> tuple[int, ...]:
        return self.prompt + self.completion


@dataclass(frozen=True)
class Pack:
    """A shared start and the branches behind it. ``len`` is the tokens computed, ``separate`` without packing."""

    shared: tuple[int, ...]
    items: tuple[Item, ...]

    def __len__(self) -> int:
        return len(self.shared) + sum(len(i.tokens) - len(self.shared) for i in self.items)

    @property
    def separate(self) -> int:
        return sum(len(i.tokens) for i in self.items)


def pack(groups: Iterable[Sequence[Item]], max_tokens: int) -> list[Pack]:
    """Pack each group, cut into pieces of at most ``max_tokens``; an item longer than that is left out."""
    packs = []
    for group in groups:
        shared = _common_start([i.prompt for i in group])
        piece: list[Item] = []
        size = len(shared)
        for item in group:
            own = len(item.tokens) - len(shared)
            if len(item.tokens) > max_tokens:
                continue
            if piece and size + own > max_tokens:
                packs.append(Pack(shared, tuple(piece)))
                piece, size = [], len(shared)
            piece.append(item)
            size += own
        if piece:
            packs.append(Pack(shared, tuple(piece)))
    return packs


def _common_start(prompts: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The longest common start that leaves each prompt at least one token (the answer's first token needs it)."""
    first, last = min(prompts), max(prompts)
    limit = min(len(p) for p in prompts) - 1
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), limit)
    return first[: min(length, limit)]


def micro_batches(packs: Iterable[Pack], max_tokens: int) -> list[list[Pack]]:
    """``packs`` in their order, as many together as fit ``max_tokens``: one long product is faster than several short."""
    batches: list[list[Pack]] = []
    size = 0
    for packed in packs:
        if not batches or size + len(packed) > max_tokens:
            batches.append([])
            size = 0
        batches[-1].append(packed)
        size += len(packed)
    return batches


def computed_tokens(packs: Sequence[Pack]) -> int:
    """Tokens of one sequence of ``packs``: what all of them start with (the system prompt) is computed once."""
    return sum(len(p) for p in packs) - (len(packs) - 1) * len(start_of_all(packs))


def start_of_all(packs: Sequence[Pack]) -> tuple[int, ...]:
    """The tokens that all packs begin with, which stand once before them all."""
    return _common_start([p.shared for p in packs]) if all(p.shared for p in packs) else ()


def tensors(packs: Sequence[Pack]) -> dict[str, torch.Tensor]:
    """``input_ids`` (1, T), ``position_ids`` (1, T), ``attention_mask`` (1, 1, T, T) bool, ``labels`` (1, T).

    A token sees its own branch, its own pack's shared start, and what all packs start with. ``labels[t]`` is the token that
    position ``t`` should predict (already shifted), ``IGNORED`` where there is no loss.
    """
    import torch

    start = start_of_all(packs)
    ids: list[int] = [*start]
    positions: list[int] = [*range(len(start))]
    home: list[int] = [-1] * len(start)
    branch: list[int] = [0] * len(start)
    labels: list[int] = [IGNORED] * len(start)
    for number, packed in enumerate(packs):
        shared, of_pack = len(packed.shared), len(packed.shared) - len(start)
        ids += packed.shared[len(start) :]
        positions += range(len(start), shared)
        branch += [0] * of_pack
        labels += [IGNORED] * of_pack
        for n, item in enumerate(packed.items, 1):
            own = item.tokens[shared:]
            ids += own
            positions += range(shared, shared + len(own))
            branch += [n] * len(own)
            follows = len(item.prompt) - shared - 1
            labels += [IGNORED] * follows + [*item.completion, IGNORED]
        home += [number] * (len(ids) - len(home))
    pack_of, branch_of = torch.tensor(home), torch.tensor(branch)
    together = (pack_of[None, :] == -1) | (pack_of[None, :] == pack_of[:, None])
    visible = together & ((branch_of[None, :] == 0) | (branch_of[None, :] == branch_of[:, None]))
    return {
        "input_ids": torch.tensor([ids]),
        "position_ids": torch.tensor([positions]),
        "attention_mask": (visible & torch.ones_like(visible).tril())[None, None],
        "labels": torch.tensor([labels]),
    }
