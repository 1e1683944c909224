"""From a model's name to an engine or embedder: the only place that chooses one.

A name is one of the catalogue (``smollm2-135m``), ``hub:OWNER/NAME``, ``path:FOLDER`` or, for generators,
``endpoint:PROVIDER:MODEL[@URL]``.
"""

from __future__ import annotations

import os
from pathlib import Path

from corpus.errors import ModelError
from lm.engine_contract import Embedder, TextGenerator
from lm.models.catalogue import entry, is_pulled, model_folder

ENGINES = ("auto", "openvino", "transformers")


def load_generator(spec: str, cache: Path, *, engine: str = "auto") -> TextGenerator:
    """The engine for ``spec``; ``auto`` is OpenVINO where an export exists and no GPU is wanted. Loads no weights."""
    if engine not in ENGINES:
        raise ModelError(f'no engine "{engine}"', mend=f"use one of {', '.join(ENGINES)}")
    kind, _, rest = spec.partition(":")
    if kind == "endpoint":
        from lm.engines.endpoint_engine import EndpointGenerator

        provider, _, model = rest.partition(":")
        model, _, url = model.partition("@")
        if not provider or not model:
            raise ModelError(f'"{spec}": no provider or model', mend="write endpoint:PROVIDER:MODEL or …@URL")
        return EndpointGenerator(provider, model, base_url=url or None, api_key=os.environ.get("GROUNDTUNE_API_KEY"))
    if kind == "hub":
        from lm.engines.transformers_engine import TransformersGenerator

        return TransformersGenerator(rest, spec)
    folder = _local(spec, "generator", cache)
    exported = folder / "openvino" if (folder / "openvino").is_dir() else folder
    has_export = (exported / "openvino_model.xml").is_file()
    if engine == "openvino" or (engine == "auto" and has_export):
        from lm.engines.openvino_engine import OpenVinoGenerator

        return OpenVinoGenerator(exported, spec)
    from lm.engines.transformers_engine import TransformersGenerator

    return TransformersGenerator(training_folder(spec, cache), spec)


def training_folder(spec: str, cache: Path) -> Path:
    """The Hugging Face folder of a local model: what is fine-tuned. Raises ``ModelError`` where there is none."""
    if spec.startswith(("hub:", "endpoint:")):
        raise ModelError(f"{spec}: only a local model can be fine-tuned", mend="download it and use path:FOLDER")
    folder = _local(spec, "generator", cache)
    return folder / "hf" if (folder / "hf").is_dir() else folder


def load_embedder(spec: str, cache: Path) -> Embedder:
    """The embedder for ``spec``. Loads no weights."""
    kind, _, rest = spec.partition(":")
    if kind != "hub":
        folder = _local(spec, "embedder", cache)
        exported = folder / "openvino" if (folder / "openvino").is_dir() else folder
        if (exported / "openvino_model.xml").is_file():
            from lm.engines.openvino_embed import OpenVinoEmbedder

            return OpenVinoEmbedder(exported, spec)
        rest = str(folder)
    from lm.engines.sentence_transformers_embed import SentenceTransformersEmbedder

    return SentenceTransformersEmbedder(rest, spec)


def _local(spec: str, kind: str, cache: Path) -> Path:
    if spec.startswith("path:"):
        folder = Path(spec[len("path:") :]).expanduser()
        if not folder.is_dir():
            raise ModelError(f"{folder}: no such folder", mend="name a folder with a model in Hugging Face's layout")
        return folder
    known = entry(spec)
    if known.kind != kind:
        raise ModelError(f"{spec} is no {kind} but a {known.kind}", mend="groundtune models list")
    if not is_pulled(spec, cache):
        raise ModelError(f"{spec} is not on this machine yet", mend=f"run: groundtune models pull {spec}")
    return model_folder(spec, cache)
