"""The settings of a project, as they stand in ``groundtune.yaml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from finetune.recipe import Recipe

Action = Literal["keep", "mask", "pseudonym", "drop"]
Level = Literal["off", "report", "proven", "mask", "pseudonym"]


def _off(given: object) -> object:
    """YAML reads ``off`` as false."""
    return "off" if given is False else given


class Privacy(BaseModel):
    """What becomes of personal data and secrets in documents and examples, before they are indexed or learned."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    personal_data: Annotated[Level, BeforeValidator(_off)] = Field(
        "proven",
        description="off, report (count), proven (mask secrets, cards, IBAN, ids), mask or pseudonym: all kinds",
    )
    kinds: dict[str, Action] = Field(
        {}, description="one kind's own action: {email: mask}; keep, mask, pseudonym or drop"
    )
    allow: list[str] = Field([], description="never touched: values, @domain for all its addresses, /pattern/")
    names: Annotated[str, BeforeValidator(_off)] = Field(
        "auto", description="spaCy model that finds names; auto: one that is installed; off"
    )

    @field_validator("kinds")
    @classmethod
    def _known(cls, given: dict[str, Action]) -> dict[str, Action]:
        from corpus.privacy.find_personal_data import NAME
        from corpus.privacy.personal_data_kinds import kinds

        if unknown := given.keys() - {*kinds(), NAME}:
            raise ValueError(f"no kind {', '.join(sorted(unknown))}; there are {', '.join([*kinds(), NAME])}")
        return given

    @field_validator("allow")
    @classmethod
    def _patterns(cls, given: list[str]) -> list[str]:
        import re

        for entry in given:
            if len(entry) > 2 and entry[0] == entry[-1] == "/":
                try:
                    re.compile(entry[1:-1])
                except re.error as error:
                    raise ValueError(f"{entry} is no regular expression ({error})") from error
        return given


class Duplicates(BaseModel):
    """What becomes of documents that repeat earlier ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: Literal["drop", "keep"] = Field(
        "drop", description="a document with the text of an earlier one: drop or keep"
    )
    near: Annotated[Literal["report", "drop", "off"], BeforeValidator(_off)] = Field(
        "report", description="nearly the same text: report, drop or off"
    )
    similarity: float = Field(0.9, gt=0, le=1, description="from where texts are nearly the same (Jaccard of 5 words)")


class Settings(BaseModel):
    """Every setting with its sense; paths are relative to the project folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    documents: list[str] = Field(
        default_factory=list, description="files, folders and globs (docs/**/*.md) to retrieve from"
    )
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
    passage_tokens: int = Field(
        32, ge=32, le=2000, description="longest passage, in the embedder's tokens; no more than it reads"
    )
    answer_tokens: int = Field(64, ge=8, le=2048, description="longest answer, in the model's tokens")
    rewrite: str = Field(
        "rules",
        pattern="^(rules|model|none)$",
        description="what makes follow-ups in a chat stand by themselves: rules, model or none",
    )
    privacy: Privacy = Field(default_factory=Privacy, description="personal data and secrets")
    duplicates: Duplicates = Field(default_factory=Duplicates, description="documents that repeat others")
    recipe: Recipe = Field(default_factory=Recipe, description="settings of the fine-tune")
    seed: int = Field(0, ge=0, description="seed of every random choice")
