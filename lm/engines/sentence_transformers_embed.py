"""Embedding with sentence-transformers: any model it loads, on any device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.cancellation import stop_if_cancelled
from corpus.errors import ModelError
from lm.engines.one_at_a_time import OneAtATime, alone

if TYPE_CHECKING:
    import numpy
    from sentence_transformers import SentenceTransformer


class SentenceTransformersEmbedder(OneAtATime):
    """A sentence-transformers model by folder or hub name. Weights load at the first call."""

    def __init__(self, model: str, name: str) -> None:
        super().__init__()
        self.model = model
        self.name = name
        self._loaded: SentenceTransformer | None = None

    @property
    def dimension(self) -> int:
        dimension = self._load().get_embedding_dimension()
        if dimension is None:
            raise ModelError(f"{self.model}: does not state how long its vectors are", mend="choose another embedder")
        return int(dimension)

    @property
    def max_tokens(self) -> int:
        return int(self._load().max_seq_length or 512)

    @alone
    def embed(self, texts: Sequence[str]) -> numpy.ndarray:
        """``(len(texts), dimension)`` float32 unit vectors."""
        import numpy

        stop_if_cancelled()
        vectors = self._load().encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return numpy.asarray(vectors, dtype=numpy.float32)

    @alone
    def embed_tokens(self, texts: Sequence[str]) -> list[numpy.ndarray]:
        """For each text ``(tokens, dimension)`` float32 unit vectors, special tokens included."""
        import numpy

        stop_if_cancelled()
        tensors = self._load().encode(
            list(texts), output_value="token_embeddings", convert_to_numpy=False, show_progress_bar=False
        )
        states = [numpy.asarray(one.float().cpu().numpy()) for one in tensors]
        return [s / numpy.linalg.norm(s, axis=-1, keepdims=True) for s in states]

    @alone
    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens left out."""
        encoded = self._load().tokenizer(list(texts), add_special_tokens=False, truncation=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def _load(self) -> SentenceTransformer:
        if self._loaded is None:
            from sentence_transformers import SentenceTransformer

            try:
                self._loaded = SentenceTransformer(self.model)
            except (OSError, ValueError) as error:
                raise ModelError(
                    f"{self.model}: cannot be loaded ({str(error).splitlines()[0]})",
                    mend="name a sentence-transformers folder, or a hub model that can be reached",
                ) from error
        return self._loaded
