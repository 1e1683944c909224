"""Lessons as packs of tokens, and packs as the batches that the optimiser steps on."""

from __future__ import annotations

from collections.abc import Sequence

from finetune.ledger import Ledger
from finetune.lora import LoraModel
from finetune.mixture import Lesson
from finetune.packing import Item, Pack, pack
from lm.prompts import messages_for


def packs_of(groups: Sequence[Sequence[Lesson]], lora: LoraModel, ledger: Ledger, max_tokens: int) -> list[Pack]:
    """The lessons in the model's tokens; the ledger takes note of how long each is, also of those that fit no pack."""
    items = [[_item(lesson, lora) for lesson in group] for group in groups]
    for item in (i for group in items for i in group):
        ledger.measure(item)
    return pack(items, max_tokens)


def _item(lesson: Lesson, lora: LoraModel) -> Item:
    prompt = lora.prompt(messages_for(lesson.question, lesson.passages))
    return Item(prompt, (*lora.tokens(lesson.reply), lora.tokenizer.eos_token_id), lesson.example)


def batches_of(packs: Sequence[Pack], questions: int) -> list[list[Pack]]:
    """The packs in batches of so many questions at least; the last one holds what is left."""
    batches: list[list[Pack]] = []
    batch: list[Pack] = []
    for packed in packs:
        batch.append(packed)
        if sum(len(p.items) for p in batch) >= questions:
            batches.append(batch)
            batch = []
    return [*batches, batch] if batch else batches


def at_most(count: int, batches: list[list[Pack]]) -> list[list[Pack]]:
    """``batches``, those beyond the first ``count`` joined to the last of them."""
    last = [p for batch in batches[count - 1 :] for p in batch]
    return [*batches[: count - 1], last] if last else batches
