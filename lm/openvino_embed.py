"""Embedding on a CPU with OpenVINO and the model's own tokenizer: no torch, no transformers. Knows nothing of passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.errors import ModelError

if TYPE_CHECKING:
    import numpy

_BATCH = 16


class OpenVinoEmbedder:
    """A sentence-transformers model with mean pooling, exported to OpenVINO. Weights load at the first call."""

    def __init__(self, folder: Path, name: str, *, dimension: int = 384, max_tokens: int = 256) -> None:
        self.folder = folder
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens
        self._tokenizer: Any = None
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        """``(len(texts), dimension)`` float32 unit vectors; texts of like length share a batch, two batches in flight."""
        import numpy
        import openvino

        self._load()
        out = numpy.zeros((len(texts), self.dimension), dtype=numpy.float32)
        encoded = [self._tokenizer.encode(text) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        queue = openvino.AsyncInferQueue(self._model)

        def pooled(request: Any, given: tuple[list[int], Any]) -> None:
            rows, mask = given
            states = request.get_output_tensor(0).data
            weights = mask[:, :, None].astype(numpy.float32)
            mean = (states * weights).sum(1) / weights.sum(1)
            out[rows] = mean / numpy.linalg.norm(mean, axis=1, keepdims=True)

        queue.set_callback(pooled)
        for at in range(0, len(order), _BATCH):
            rows = order[at : at + _BATCH]
            longest = max(len(encoded[i].ids) for i in rows)
            ids = numpy.zeros((len(rows), longest), dtype=numpy.int64)
            mask = numpy.zeros_like(ids)
            for row, i in enumerate(rows):
                ids[row, : len(encoded[i].ids)] = encoded[i].ids
                mask[row, : len(encoded[i].ids)] = 1
            given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
            queue.start_async({k: v for k, v in given.items() if k in self._inputs}, (rows, mask))
        queue.wait_all()
        return out

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, not cut off, special tokens left out."""
        self._load_tokenizer()
        self._tokenizer.no_truncation()
        counts = [len(e.ids) for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]
        self._tokenizer.enable_truncation(self.max_tokens)
        return counts

    def _load_tokenizer(self) -> None:
        if self._tokenizer is None:
            from tokenizers import Tokenizer

            file = self.folder / "tokenizer.json"
            if not file.is_file():
                raise ModelError(
                    f"{file}: no such file", mend=f"pull the model again: groundtune models pull {self.name}"
                )
            self._tokenizer = Tokenizer.from_file(str(file))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(self.max_tokens)

    def _load(self) -> None:
        self._load_tokenizer()
        if self._model is None:
            import openvino

            core = openvino.Core()
            # float32 throughout: the vectors are those of the published model
            settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "THROUGHPUT"}
            self._model = core.compile_model(str(self.folder / "openvino_model.xml"), "CPU", settings)
            self._inputs = {i.any_name for i in self._model.inputs}
