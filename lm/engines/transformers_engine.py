"""The engine ``transformers``: torch and peft, on a GPU or as the reference the others are checked against."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.cancellation import is_cancelled, stop_if_cancelled
from corpus.errors import ModelError
from lm.engine_contract import Generation, Message
from lm.engines.one_at_a_time import OneAtATime, alone
from lm.models.weights import require_numbers

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import BatchEncoding, PreTrainedModel, TextStreamer


class TransformersGenerator(OneAtATime):
    """A causal LM from a local folder or, by name, from a hub. Adapters are kept loaded and switched per call."""

    tells_confidence = True

    def __init__(self, model: str | Path, name: str, *, device: str = "", dtype: str = "") -> None:
        super().__init__()
        self.model = str(model)
        self.name = name
        self.device = device
        self.dtype = dtype
        self._loaded: PreTrainedModel | PeftModel | None = None
        self._adapters: dict[str, str] = {}

    @alone
    def generate(
        self,
        messages: Sequence[Message],
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """See ``TextGenerator``."""
        return self._generate(messages, "", adapter, max_new_tokens, on_text)

    @alone
    def continue_reply(
        self,
        messages: Sequence[Message],
        begun: str,
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """See ``ContinuingGenerator``."""
        if on_text:
            on_text(begun)
        continuation = self._generate(messages, begun, adapter, max_new_tokens, on_text)
        return replace(continuation, text=begun + continuation.text)

    @alone
    def next_tokens(
        self, chats: Sequence[Sequence[Message]], begun: str, *, adapter: Path | None = None, most: int = 4
    ) -> list[dict[str, float]]:
        """See ``ContinuingGenerator``."""
        import torch

        model = self._with(adapter)
        rows: list[dict[str, float]] = []
        for chat in chats:
            stop_if_cancelled()
            with torch.inference_mode(), self._only(adapter):
                logits = model(**self._prompt(chat, begun)).logits[0, -1]
            best = logits.float().softmax(-1).topk(most)
            rows.append(
                {self._tokenizer.decode([i]): p for i, p in zip(best.indices, best.values.tolist(), strict=True)}
            )
        return rows

    def _prompt(self, messages: Sequence[Message], begun: str) -> BatchEncoding:
        text = self._tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True) + begun
        return self._tokenizer(text, add_special_tokens=False, return_tensors="pt").to(self._device)

    def _only(self, adapter: Path | None) -> AbstractContextManager[object]:
        """The model without its adapters where none is asked for."""
        model = self._loaded
        return model.disable_adapter() if model is not None and adapter is None and self._adapters else nullcontext()

    def _generate(
        self,
        messages: Sequence[Message],
        begun: str,
        adapter: Path | None,
        max_new_tokens: int,
        on_text: Callable[[str], None] | None,
    ) -> Generation:
        import torch

        model = self._with(adapter)
        given = self._prompt(messages, begun)
        start = time.perf_counter()
        with torch.inference_mode(), self._only(adapter):
            out = model.generate(
                **given,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                eos_token_id=self._tokenizer.eos_token_id,
                pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
                output_scores=True,
                return_dict_in_generate=True,
                streamer=self._streamer(on_text) if on_text else None,
                stopping_criteria=[_stops_where_cancelled],
            )
        stop_if_cancelled()
        prompt = given.input_ids.shape[1]
        ids = out.sequences[0, prompt:]
        logs = [s[0].float().log_softmax(-1)[i].item() for s, i in zip(out.scores, ids, strict=True)]
        return Generation(
            self._tokenizer.decode(ids, skip_special_tokens=True),
            prompt,
            len(ids),
            time.perf_counter() - start,
            confidence=_geometric_mean(logs),
        )

    @alone
    def log_probabilities(
        self, chats: Sequence[Sequence[Message]], replies: Sequence[str], *, adapter: Path | None = None
    ) -> list[list[float]]:
        """See ``ScoringGenerator``."""
        import torch

        model = self._with(adapter)
        log_rows: list[list[float]] = []
        for chat, reply in zip(chats, replies, strict=True):
            stop_if_cancelled()
            text = self._tokenizer.apply_chat_template(list(chat), tokenize=False, add_generation_prompt=True)
            prompt, wanted = (self._tokenizer(t, add_special_tokens=False).input_ids for t in (text, reply))
            if not wanted:
                log_rows.append([])
                continue
            ids = torch.tensor([[*prompt, *wanted]], device=self._device)
            with torch.inference_mode(), self._only(adapter):
                logits = model(input_ids=ids, use_cache=False).logits[0, len(prompt) - 1 : -1]
            logs = logits.float().log_softmax(-1)[torch.arange(len(wanted)), ids[0, len(prompt) :]]
            log_rows.append(logs.tolist())
        return log_rows

    def _load(self) -> PreTrainedModel | PeftModel:
        if self._loaded is not None:
            return self._loaded
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._device = self.device or ("cuda" if torch.cuda.is_available() else "cpu")
        kind = self.dtype or ("bfloat16" if self._device.startswith("cuda") else "float32")
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(self.model)
            stop_if_cancelled()
            loaded = AutoModelForCausalLM.from_pretrained(self.model, dtype=getattr(torch, kind))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{self.model}: cannot be loaded ({str(error).splitlines()[0]})",
                mend="name a folder with config.json, the weights and the tokenizer, or a hub model that can be reached",
            ) from error
        self._loaded = loaded.to(self._device).eval()
        return self._loaded

    def _with(self, adapter: Path | None) -> PreTrainedModel | PeftModel:
        """The model, with the adapter switched on."""
        model = self._load()
        if adapter is None:
            return model
        from peft import PeftModel

        key = str(adapter)
        if key not in self._adapters:
            require_numbers(adapter)
        try:
            if not self._adapters:
                self._loaded = model = PeftModel.from_pretrained(model, key, adapter_name="a0").eval()
                self._adapters[key] = "a0"
            elif key not in self._adapters:
                self._adapters[key] = f"a{len(self._adapters)}"
                model.load_adapter(key, adapter_name=self._adapters[key])
        except (OSError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"{adapter}: does not fit {self.model} ({str(error).splitlines()[0]})",
                mend="run groundtune provision again",
            ) from error
        model.set_adapter(self._adapters[key])
        return model

    def _streamer(self, on_text: Callable[[str], None]) -> TextStreamer:
        from transformers import TextStreamer

        class Streamer(TextStreamer):  # type: ignore[misc]
            def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
                on_text(text)

        return Streamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)


def _stops_where_cancelled(ids: torch.Tensor, scores: object, **_: object) -> torch.Tensor:
    import torch

    return torch.full((ids.shape[0],), is_cancelled(), device=ids.device)


def _geometric_mean(logs: Sequence[float]) -> float | None:
    import math

    return math.exp(sum(logs) / len(logs)) if logs else None
