"""A causal language model with LoRA matrices to train: losses of answers' tokens, steps of the optimiser, snapshots."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from corpus.errors import ResourceError
from finetune.attention import NAME, register, segments
from finetune.divergence import require_finite
from finetune.hardware import bfloat16_pays, free_threads
from finetune.packing import IGNORED, Pack, tensors
from finetune.recipe import Recipe
from lm.engine_contract import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from _typeshed import DataclassInstance

_WARM_UP = 0.06
_FLOOR = 0.1

State = TypeVar("State")
"""A dataclass of what is trained: where it stands."""


class LoraModel:
    """The model in a Hugging Face folder, frozen, and matrices of ``recipe.rank`` on the linear layers of ``recipe.layers``.

    Below the first adapted layer nothing is computed backwards.
    """

    def __init__(self, folder: Path, recipe: Recipe, *, device: str = "cpu", seed: int = 0) -> None:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer

        attention = "sdpa"
        if device == "cpu":
            register()
            attention = NAME
        torch.manual_seed(seed)
        torch.set_num_threads(recipe.threads or free_threads())
        self.recipe, self.device, self.seed = recipe, device, seed
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.causal_lm = AutoModelForCausalLM.from_pretrained(folder, attn_implementation=attention)
        self.bf16 = bfloat16_pays(device)
        lora = LoraConfig(
            r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            target_modules="all-linear" if recipe.layers == 1 else _linear_of_last(recipe.layers, self.causal_lm),
            task_type="CAUSAL_LM",
        )
        self.model = get_peft_model(self.causal_lm, lora).to(device)
        self.weights = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        self.optimizer = torch.optim.AdamW(
            list(self.weights.values()), lr=recipe.learning_rate, weight_decay=0.01, betas=(0.9, 0.98)
        )
        if self.bf16:
            self._store_frozen_products_in_bfloat16()

    def _store_frozen_products_in_bfloat16(self) -> None:
        """What autocast would do to the frozen linear layers in every pass, once."""
        import torch

        tied = self.causal_lm.get_input_embeddings().weight
        for module in self.causal_lm.modules():
            frozen = isinstance(module, torch.nn.Linear) and not module.weight.requires_grad
            if frozen and module.weight is not tied:
                module.weight.data = module.weight.data.to(torch.bfloat16)

    def prompt(self, messages: Sequence[Message]) -> tuple[int, ...]:
        """The tokens of a chat up to where the model replies."""
        return self.tokens(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))

    def tokens(self, text: str) -> tuple[int, ...]:
        """The tokens of a text, nothing added."""
        return tuple(self.tokenizer(text, add_special_tokens=False).input_ids)

    @property
    def vocabulary(self) -> int:
        return int(self.causal_lm.config.vocab_size)

    def losses(self, packs: Sequence[Pack]) -> tuple[torch.Tensor, torch.Tensor]:
        """``(n,)`` each for the n tokens of the answers, pack after pack: cross-entropy in nats; was it the likeliest?

        Logits are made only where there is a label.
        """
        import torch

        given = {k: v.to(self.device) for k, v in tensors(packs).items()}
        labels = given.pop("labels")[0]
        more = {"packed": segments(packs)} if self.device == "cpu" else {}
        wanted = labels != IGNORED
        with torch.autocast(self.device.split(":")[0], dtype=torch.bfloat16, enabled=self.bf16):
            hidden = self.causal_lm.model(**given, use_cache=False, **more).last_hidden_state[0][wanted]
            logits = self.causal_lm.lm_head(hidden)
        loss = torch.nn.functional.cross_entropy(logits.float(), labels[wanted], reduction="none")
        return loss, logits.argmax(-1) == labels[wanted]

    def optimise(self, step: int, steps: int, backward: Callable[[], float]) -> float:
        """One step of ``steps``, from 0: ``backward`` fills the gradients and returns the loss, which is returned.

        Raises ``Diverged`` where loss or gradient are no numbers, ``ResourceError`` where memory does not do.
        """
        import torch

        torch.manual_seed(self.seed * 1_000_003 + step)  # so that a resumed run drops the same
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * _schedule(step, steps)
        try:
            loss = backward()
        except (RuntimeError, MemoryError) as error:
            if "alloc" not in str(error) and "memory" not in str(error).lower():
                raise
            raise ResourceError("training ran out of memory", mend="lower recipe.max_tokens or free memory") from error
        norm = torch.nn.utils.clip_grad_norm_(list(self.weights.values()), 1.0).item()
        for value, what in ((loss, "the loss"), (norm, "the gradient's norm")):
            require_finite(value, what, step + 1, self.recipe)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss

    def snapshot(self) -> dict[str, torch.Tensor]:
        """The matrices as they are now."""
        return {n: p.detach().clone() for n, p in self.weights.items()}

    def load(self, snapshot: dict[str, torch.Tensor]) -> None:
        """Make the matrices what they were."""
        for name, weight in self.weights.items():
            weight.data.copy_(snapshot[name])

    def start_from(self, adapter: Path) -> None:
        """Make the matrices do what an adapter in peft's layout does, of the same scale and at most the same rank.

        Rows and columns beyond its rank stay as they are, so that they do nothing yet. Raises ``ModelError`` where it has
        a matrix that is not trained here, or a larger one.
        """
        import torch
        from safetensors.torch import load_file

        from lm.models.weights import ADAPTER_WEIGHTS, lora_scale, unusable

        if abs(lora_scale(adapter) - self.recipe.alpha / self.recipe.rank) > 1e-6:
            raise unusable(adapter, ValueError("its scale is another"))
        for name, matrix in load_file(adapter / ADAPTER_WEIGHTS).items():
            weight = self.weights.get(
                name.replace(".lora_A.", ".lora_A.default.").replace(".lora_B.", ".lora_B.default.")
            )
            if weight is None or any(a > b for a, b in zip(matrix.shape, weight.shape, strict=True)):
                raise unusable(adapter, ValueError(f"{name} does not fit"))
            with torch.no_grad():
                weight[tuple(slice(0, n) for n in matrix.shape)] = matrix.to(weight.dtype)

    def save(self, folder: Path) -> None:
        """Write the matrices in peft's layout."""
        self.model.save_pretrained(folder)


def _linear_of_last(share: float, model: torch.nn.Module) -> list[str]:
    """The names of the linear modules in this share of the model's layers, from the last one."""
    import torch

    of_layer = re.compile(r"\.layers\.(\d+)\.")
    places = {
        n: int(of_layer.findall(n)[-1])
        for n, m in model.named_modules()
        if isinstance(m, torch.nn.Linear) and of_layer.search(n)
    }
    layers = max(places.values()) + 1
    return [n for n, at in places.items() if at >= layers - max(1, round(share * layers))]


def _schedule(step: int, steps: int) -> float:
    warm_up = max(1, int(_WARM_UP * steps))
    if step < warm_up:
        return (step + 1) / warm_up
    share = (step - warm_up) / max(1, steps - warm_up)
    return _FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * share))


def save_checkpoint(file: Path, lora: LoraModel, state: DataclassInstance) -> None:
    """Write the fields of ``state`` with matrices and optimiser, whole or not at all."""
    import torch

    held = vars(state) | {"weights": lora.snapshot(), "optimizer": lora.optimizer.state_dict()}
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".writing")
    with open(beside, "wb") as out:
        torch.save(held, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(beside, file)


def load_checkpoint(file: Path, lora: LoraModel, kind: Callable[..., State]) -> State | None:
    """Make matrices and optimiser what they were, and return the state, made anew by its ``kind``. None: there is no file."""
    import torch

    if not file.is_file():
        return None
    held = torch.load(file, map_location=lora.device, weights_only=True)
    lora.load(held.pop("weights"))
    lora.optimizer.load_state_dict(held.pop("optimizer"))
    return kind(**held)
