"""Embedding on a CPU with OpenVINO and the model's own tokenizer: no torch, no transformers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.cancellation import is_cancelled, stop_if_cancelled
from corpus.errors import ModelError
from lm.engines.one_at_a_time import OneAtATime, alone

if TYPE_CHECKING:
    import numpy

    from lm.engines.openvino_types import BatchTokenizer, CompiledModel, InferRequest

_BATCH = 16


class OpenVinoEmbedder(OneAtATime):
    """A sentence-transformers model with mean pooling, exported to OpenVINO. Weights load at the first call."""

    def __init__(self, folder: Path, name: str, *, dimension: int = 384, max_tokens: int = 256) -> None:
        super().__init__()
        self.folder = folder
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens
        self._tokenizer: BatchTokenizer | None = None
        self._model: CompiledModel | None = None
        self._together = 1

    @alone
    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        """``(len(texts), dimension)`` float32 unit vectors."""
        import numpy

        out = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)

        def pooled(rows: list[int], states: numpy.ndarray, mask: numpy.ndarray) -> None:
            weights = mask[:, :, None].astype(numpy.float32)
            out[rows] = _unit((states * weights).sum(1) / weights.sum(1))

        self._states(texts, pooled)
        return out

    @alone
    def embed_tokens(self, texts: Sequence[str]) -> list[numpy.ndarray]:
        """For each text ``(tokens, dimension)`` float32 unit vectors, special tokens included."""
        out: dict[int, numpy.ndarray] = {}

        def each(rows: list[int], states: numpy.ndarray, mask: numpy.ndarray) -> None:
            out.update({i: _unit(states[row, : mask[row].sum()]) for row, i in enumerate(rows)})

        self._states(texts, each)
        return [out[i] for i in range(len(texts))]

    def _states(self, texts: Sequence[str], take: Callable[[list[int], numpy.ndarray, numpy.ndarray], None]) -> None:
        """``take`` gets texts' places, their tokens' states and the mask; texts of like length share a batch."""
        import numpy

        tokenizer, model = self._load_tokenizer(), self._load()
        encoded = tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        batches = -(-len(order) // _BATCH)
        idle = [model.create_infer_request() for _ in range(min(self._together, batches))]
        running: deque[tuple[InferRequest, list[int], numpy.ndarray]] = deque()

        def finish() -> None:
            request, rows, mask = running.popleft()
            request.wait()
            take(rows, request.get_output_tensor(0).data, mask)
            idle.append(request)

        for at in range(0, len(order), _BATCH):
            if is_cancelled():
                break
            rows = order[at : at + _BATCH]
            longest = max(len(encoded[i].ids) for i in rows)
            ids = numpy.zeros((len(rows), longest), dtype=numpy.int64)
            mask = numpy.zeros_like(ids)
            for row, i in enumerate(rows):
                ids[row, : len(encoded[i].ids)] = encoded[i].ids
                mask[row, : len(encoded[i].ids)] = 1
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
            if not idle:
                finish()
            request = idle.pop()
            request.start_async({k: v for k, v in given.items() if k in self._inputs})
            running.append((request, rows, mask))
        while running:
            finish()
        stop_if_cancelled()

    @alone
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, not cut off, special tokens left out."""
        tokenizer = self._load_tokenizer()
        tokenizer.no_truncation()
        counts = [len(e.ids) for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        tokenizer.enable_truncation(self.max_tokens)
        return counts

    def _load_tokenizer(self) -> BatchTokenizer:
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            file = self.folder / "tokenizer.json"
            if not file.is_file():
                raise ModelError(
                    f"{file}: no such file", mend=f"pull the model again: groundtune models pull {self.name}"
                )
            tokenizer: BatchTokenizer = Tokenizer.from_file(str(file))
            tokenizer.no_padding()
            tokenizer.enable_truncation(self.max_tokens)
            self._tokenizer = tokenizer
        return self._tokenizer

    def _load(self) -> CompiledModel:
        if self._model is None:
            import openvino

            core = openvino.Core()
            # bfloat16 is as good as twice as fast, and its vectors are the published model's (cosine above .9999)
            fast = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
            settings = {"INFERENCE_PRECISION_HINT": "bf16" if fast else "f32", "PERFORMANCE_HINT": "THROUGHPUT"}
            model: CompiledModel = core.compile_model(str(self.folder / "openvino_model.xml"), "CPU", settings)
            self._inputs = {i.any_name for i in model.inputs}
            # requests that are waited for, and no queue with callbacks: its threads may still want the interpreter when
            # the model is taken apart at the end of the process, which then waits for them for ever
            self._together = int(model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")) + 2
            self._model = model
        return self._model


def _unit(vectors: numpy.ndarray) -> numpy.ndarray:
    import numpy

    return numpy.asarray(vectors / numpy.linalg.norm(vectors, axis=-1, keepdims=True))
