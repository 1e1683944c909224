"""The settings of a project, as they stand in ``groundtune.yaml``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from finetune.recipe import Recipe


class Settings(BaseModel):
    """Every setting with its sense; paths are relative to the project folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    documents: list[str] = Field(default_factory=list, description="files and folders to retrieve from")
    examples: str | None = Field(None, description="training questions and answers (JSONL, JSON or CSV)")
    questions: str | None = Field(None, description="held-out questions; without it some examples are held out")
    held_out: float = Field(0.2, gt=0, lt=1, description="share of the examples held out where questions is not set")
    generator: str = Field("smollm2-135m", description="language model: a known name, hub:…, path:… or endpoint:…")
    embedder: str = Field("minilm-l6", description="embedding model: a known name, hub:… or path:…")
    chroma_url: str | None = Field(
        None, pattern=r"^https?://[^/\s]+/?$", description="Chroma server that holds the vectors, http://HOST:PORT"
    )
    engine: str = Field("auto", pattern="^(auto|openvino|transformers)$", description="what runs the language model")
    passages: int = Field(
        4, ge=1, le=20, description="passages shown to the model as it came, or looked through without one"
    )
    passage_tokens: int = Field(32, ge=32, le=2000, description="longest passage, in the embedder's tokens")
    answer_tokens: int = Field(64, ge=8, le=2048, description="longest answer, in the model's tokens")
    recipe: Recipe = Field(default_factory=Recipe, description="settings of the fine-tune")
    seed: int = Field(0, ge=0, description="seed of every random choice")
