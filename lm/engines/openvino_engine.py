"""The engine ``openvino``: int8 weights on a CPU, LoRA adapters, prefix caching."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.cancellation import awaited, can_be_cancelled, stop_if_cancelled, stopper
from corpus.errors import ModelError
from lm.engine_contract import Generation, Message
from lm.engines.one_at_a_time import LOADING, OneAtATime, alone
from lm.models.weights import ADAPTER_WEIGHTS, lora_scale, require_numbers, unusable

if TYPE_CHECKING:
    import openvino_genai

    from lm.engines.openvino_likelihood import OpenVinoLikelihood
    from lm.engines.openvino_types import ChatTokenizer, Pipeline

_ALONE = "base"
# Activations and the key-value cache stay in float: with them quantised, too, an adapter answers like itself less often.
_EXACT = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f16", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
_CACHE_GIB = 1


class OpenVinoGenerator(OneAtATime):
    """One exported model. Each adapter has a pipeline of its own: cached prefixes hold for one set of weights only."""

    tells_confidence = True

    def __init__(self, folder: Path, name: str, *, settings: dict[str, str] | None = None) -> None:
        super().__init__()
        self.folder = folder
        self.name = name
        self.settings = dict(_EXACT if settings is None else settings)
        self._loader = ThreadPoolExecutor(2, "loads-a-model")
        self._pipelines: dict[str, Future[Pipeline]] = {}
        self._likelihoods: dict[str, Future[OpenVinoLikelihood]] = {}
        self._adapters: dict[str, openvino_genai.AdapterConfig] = {}

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
        return self._generate([messages], adapter, max_new_tokens, on_text)[0]

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
        continuation = self._generate([messages], adapter, max_new_tokens, on_text, begun)[0]
        return replace(continuation, text=begun + continuation.text)

    @alone
    def generate_each(
        self, chats: Sequence[Sequence[Message]], *, adapter: Path | None = None, max_new_tokens: int = 96
    ) -> list[Generation]:
        """See ``BatchGenerator``: continuous batching."""
        return self._generate(chats, adapter, max_new_tokens, None) if chats else []

    @alone
    def next_tokens(
        self, chats: Sequence[Sequence[Message]], begun: str, *, adapter: Path | None = None, most: int = 4
    ) -> list[dict[str, float]]:
        """See ``ContinuingGenerator``: one step of a beam search, the only way here to more than the likeliest token."""
        if not chats:
            return []
        pipeline, config, more = self._ready(adapter, 1)
        config.num_beams = config.num_return_sequences = most
        config.length_penalty = 0.0
        beams = pipeline.generate(self._prompts(pipeline.get_tokenizer(), chats, begun), config, **more)
        rows = list(zip(beams.texts, (math.exp(s) for s in beams.scores), strict=True))
        return [dict(rows[at : at + most]) for at in range(0, len(rows), most)]

    @alone
    def log_probabilities(
        self, chats: Sequence[Sequence[Message]], replies: Sequence[str], *, adapter: Path | None = None
    ) -> list[list[float]]:
        """See ``ScoringGenerator``."""
        if not chats:
            return []
        likelihood = awaited(self._likelihood(adapter))
        return likelihood.log_probabilities(self._prompts(likelihood.tokenizer, chats, ""), replies)

    def _likelihood(self, adapter: Path | None) -> Future[OpenVinoLikelihood]:
        from lm.engines.openvino_likelihood import OpenVinoLikelihood

        key = str(adapter) if adapter else _ALONE
        if key not in self._likelihoods:
            if not (self.folder / "openvino_model.xml").is_file():
                raise self._not_here()
            self._likelihoods[key] = self._loader.submit(OpenVinoLikelihood, self.folder, adapter)
        return self._likelihoods[key]

    def _not_here(self) -> ModelError:
        return ModelError(f"{self.folder}: no OpenVINO model here", mend=f"run: groundtune models pull {self.name}")

    def _generate(
        self,
        chats: Sequence[Sequence[Message]],
        adapter: Path | None,
        max_new_tokens: int,
        on_text: Callable[[str], None] | None,
        begun: str = "",
    ) -> list[Generation]:
        pipeline, config, more = self._ready(adapter, max_new_tokens)
        prompts = self._prompts(pipeline.get_tokenizer(), chats, begun)
        faults: list[BaseException] = []
        stop_if_cancelled()
        if on_text is not None or (can_be_cancelled() and len(prompts) == 1):  # several at once take no streamer
            more["streamer"] = _streamer(on_text, faults)
        start = time.perf_counter()
        results = pipeline.generate(prompts, config, **more)
        seconds = time.perf_counter() - start
        if faults:
            raise faults[0]
        if len(prompts) > 1:
            tokenizer = pipeline.get_tokenizer()
            rows = zip(prompts, results.texts, results.scores, strict=True)
            counts = [(_count(tokenizer, p), t, _count(tokenizer, t), s) for p, t, s in rows]
            share = seconds / len(prompts)
            return [Generation(t, p, c, share, confidence=_mean_probability(s, c + 1)) for p, t, c, s in counts]
        metrics = results.perf_metrics
        generated = metrics.get_num_generated_tokens()
        return [
            Generation(
                results.texts[0],
                metrics.get_num_input_tokens(),
                generated,
                seconds,
                first_token_s=metrics.get_ttft().mean / 1000,
                confidence=_mean_probability(results.scores[0], generated),
            )
        ]

    def _ready(
        self, adapter: Path | None, max_new_tokens: int
    ) -> tuple[Pipeline, openvino_genai.GenerationConfig, dict[str, object]]:
        """The pipeline, the settings of greedy generation, and what else it is called with."""
        import openvino_genai

        pipeline = awaited(self._pipeline(adapter))
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = max_new_tokens
        config.do_sample = False
        config.apply_chat_template = False
        config.eos_token_id = pipeline.get_tokenizer().get_eos_token_id()
        config.logprobs = 1
        return pipeline, config, {} if adapter is None else {"adapters": self._adapters[str(adapter)]}

    def _prompts(self, tokenizer: ChatTokenizer, chats: Sequence[Sequence[Message]], begun: str) -> list[str]:
        return [tokenizer.apply_chat_template(list(chat), add_generation_prompt=True) + begun for chat in chats]

    @alone
    def prepare(self, *, adapter: Path | None = None) -> None:
        """See ``PreparingGenerator``: the pipeline is built by a thread, outside Python's lock."""
        import openvino_genai  # noqa: F401 - here, for two threads that import wait for each other

        self._pipeline(adapter)

    @alone
    def prepare_scoring(self, *, adapter: Path | None = None) -> None:
        """See ``PreparingScorer``."""
        import openvino_genai  # noqa: F401 - as in prepare

        self._likelihood(adapter)

    @alone
    def close(self) -> None:
        """Let go of the weights; what is asked afterwards loads them anew."""
        self._pipelines.clear()
        self._likelihoods.clear()
        self._adapters.clear()

    def _pipeline(self, adapter: Path | None) -> Future[Pipeline]:
        key = str(adapter) if adapter else _ALONE
        if key not in self._pipelines:
            self._pipelines[key] = self._loader.submit(self._load, adapter)
        return self._pipelines[key]

    def _load(self, adapter: Path | None) -> Pipeline:
        import openvino_genai

        if not (self.folder / "openvino_model.xml").is_file():
            raise self._not_here()
        scheduler = openvino_genai.SchedulerConfig()
        scheduler.enable_prefix_caching = True
        scheduler.cache_size = _CACHE_GIB
        more: dict[str, object] = dict(self.settings)
        if adapter is not None:
            self._adapters[str(adapter)] = more["adapters"] = _adapter_config(adapter)
        try:
            with LOADING:
                pipeline: Pipeline = openvino_genai.LLMPipeline(
                    str(self.folder), "CPU", scheduler_config=scheduler, **more
                )
                return pipeline
        except RuntimeError as error:
            raise ModelError(f"{self.folder}: OpenVINO cannot load it ({error})", mend="groundtune doctor") from error


def _adapter_config(adapter: Path) -> openvino_genai.AdapterConfig:
    """The adapter at its full scale, ``lora_alpha / r``: OpenVINO does not read it from the folder.

    It is compiled in, for it never changes within its pipeline: the same answers in four fifths of the time (50 questions).
    """
    import openvino_genai

    require_numbers(adapter)
    scale = lora_scale(adapter)
    try:
        loaded = openvino_genai.Adapter(str(adapter / ADAPTER_WEIGHTS))
    except RuntimeError as error:
        raise unusable(adapter, error) from error
    return openvino_genai.AdapterConfig(loaded, scale, openvino_genai.AdapterConfig.Mode.MODE_STATIC)


def _streamer(
    on_text: Callable[[str], None] | None, faults: list[BaseException]
) -> Callable[[str], openvino_genai.StreamingStatus]:
    """OpenVINO prints what a streamer raises and generates on; here the first fault is kept and ends the generation."""
    import openvino_genai

    stop = stopper()

    def each(text: str) -> openvino_genai.StreamingStatus:
        if faults:
            return openvino_genai.StreamingStatus.CANCEL
        try:
            stop()
            if on_text:
                on_text(text)
        except BaseException as error:  # noqa: BLE001 - raised again once the pipeline has stopped
            faults.append(error)
            return openvino_genai.StreamingStatus.CANCEL
        return openvino_genai.StreamingStatus.RUNNING

    return each


def _mean_probability(log: float, tokens: int) -> float:
    """Geometric mean over the tokens, the closing one among them, from the whole reply's log-probability."""
    return math.exp(min(0.0, log / max(1, tokens)))


def _count(tokenizer: ChatTokenizer, text: str) -> int:
    return int(tokenizer.encode(text, add_special_tokens=False).input_ids.shape[1])
