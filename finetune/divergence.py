"""When training has gone wrong beyond recovery."""

from __future__ import annotations

import math

from corpus.errors import InputError
from finetune.recipe import Recipe

_MARGIN = 1.01
"""An untrained model's loss lies at chance, a little above or below."""


class Diverged(InputError):
    """The recipe makes the loss grow without bound."""


def require_finite(value: float, what: str, step: int, recipe: Recipe) -> None:
    """Raise ``Diverged`` where ``value`` is NaN or infinite."""
    if not math.isfinite(value):
        raise _diverged(f"{what} is {value}, no number", step, recipe)


def require_below_chance(loss: float, vocabulary: int, step: int, recipe: Recipe) -> None:
    """Raise ``Diverged`` where ``loss`` (nats a token) is above that of guessing: ln of the vocabulary."""
    require_finite(loss, "the validation loss", step, recipe)
    chance = math.log(vocabulary)
    if loss > _MARGIN * chance:
        reason = f"the validation loss is {loss:.2f}, worse than guessing among {vocabulary:,} tokens ({chance:.2f})"
        raise _diverged(reason, step, recipe)


def _diverged(told: str, step: int, recipe: Recipe) -> Diverged:
    default = Recipe()
    lower = recipe.learning_rate / 10
    if recipe.learning_rate > default.learning_rate:
        lower = min(lower, default.learning_rate)
    mend = f"set recipe.learning_rate to {lower:g} or less (it is {recipe.learning_rate:g})"
    if recipe.alpha / recipe.rank > default.alpha / default.rank:
        at_most = round(recipe.rank * default.alpha / default.rank)
        mend += f", and recipe.alpha to {at_most}: it multiplies the update by alpha / rank = {recipe.alpha / recipe.rank:g}"
    return Diverged(f"training diverged at step {step}: {told}; no adapter was made of it", mend=mend)
