"""What is used of the objects that OpenVINO and its tokenizers hand over, as types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy

    from lm.engine_contract import Message


class Tensor(Protocol):
    @property
    def data(self) -> numpy.ndarray: ...

    @property
    def shape(self) -> Sequence[int]: ...


class InputName(Protocol):
    @property
    def any_name(self) -> str: ...


class InferRequest(Protocol):
    """One run of a compiled model; several may run at the same time."""

    def infer(self, inputs: Mapping[str, numpy.ndarray]) -> Mapping[int, numpy.ndarray]: ...

    def start_async(self, inputs: Mapping[str, numpy.ndarray]) -> None: ...

    def wait(self) -> None: ...

    def get_output_tensor(self, index: int) -> Tensor: ...

    def reset_state(self) -> None: ...


class CompiledModel(Protocol):
    @property
    def inputs(self) -> Iterable[InputName]: ...

    def create_infer_request(self) -> InferRequest: ...

    def get_property(self, name: str) -> int: ...


class Encoding(Protocol):
    """A text as tokens, by the library ``tokenizers``."""

    @property
    def ids(self) -> list[int]: ...


class BatchTokenizer(Protocol):
    """A tokenizer of the library ``tokenizers``."""

    def encode_batch(self, texts: list[str], *, add_special_tokens: bool = True) -> list[Encoding]: ...

    def enable_truncation(self, max_length: int) -> None: ...

    def no_truncation(self) -> None: ...

    def no_padding(self) -> None: ...


class TokenizedInputs(Protocol):
    @property
    def input_ids(self) -> Tensor: ...


class ChatTokenizer(Protocol):
    """A tokenizer of openvino_genai."""

    def apply_chat_template(self, history: list[Message], *, add_generation_prompt: bool) -> str: ...

    def encode(self, text: str, *, add_special_tokens: bool) -> TokenizedInputs: ...

    def get_eos_token_id(self) -> int: ...


class Measured(Protocol):
    @property
    def mean(self) -> float: ...


class PerfMetrics(Protocol):
    """What one call of a pipeline counted and timed."""

    def get_num_input_tokens(self) -> int: ...

    def get_num_generated_tokens(self) -> int: ...

    def get_ttft(self) -> Measured:
        """Time to the first token, in milliseconds."""
        ...


class DecodedResults(Protocol):
    """The texts that a pipeline generated, and their scores."""

    @property
    def texts(self) -> list[str]: ...

    @property
    def scores(self) -> list[float]: ...

    @property
    def perf_metrics(self) -> PerfMetrics: ...


class Pipeline(Protocol):
    """A language model of openvino_genai. ``more`` are ``adapters`` and ``streamer``."""

    def get_tokenizer(self) -> ChatTokenizer: ...

    def generate(self, prompts: list[str], config: object, **more: object) -> DecodedResults: ...
