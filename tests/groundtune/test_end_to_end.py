"""The whole path on the real offline models, without a network, killed and resumed. Slow."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from finetune.parity import MINIMUM
from tests.conftest import ROOT, SAMPLE

pytestmark = pytest.mark.slow

DOCUMENTS = ("returns-and-refunds.md", "warranty.md", "boot-fitting.md", "product-recalls.html", "shop-safety.pdf")
NO_NETWORK = """
import socket, sys
class Blocked(OSError): pass
def refuse(self, address, *rest):
    if self.family != getattr(socket, "AF_UNIX", None):
        print(f"@network {address}", file=sys.stderr)
        raise Blocked(f"no network in this test: {address}")
socket.socket.connect = refuse
socket.socket.connect_ex = refuse
"""
RUN = "import sys; sys.argv[0] = 'groundtune'\nfrom groundtune.cli.main import main\n"


def start(args: list[str]) -> subprocess.Popen[str]:
    code = NO_NETWORK + RUN + "main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def run(*args: str) -> str:
    process = start(list(args))
    out, err = process.communicate(timeout=1500)
    assert process.returncode == 0, err
    assert "@network" not in err
    return out


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of five documents and 48 examples of the sample shop."""
    made = tmp_path_factory.mktemp("e2e")
    (made / "documents").mkdir()
    for name in DOCUMENTS:
        shutil.copy(SAMPLE / "documents" / name, made / "documents")
    wanted = {f"documents/{name}" for name in DOCUMENTS}

    def rows(name: str) -> list[str]:
        lines = (SAMPLE / name).read_text().splitlines()
        return [x for x in lines if json.loads(x)["source"] and set(json.loads(x)["source"]) <= wanted]

    (made / "examples.jsonl").write_text("\n".join(rows("examples.jsonl")[:48]) + "\n")
    (made / "questions.jsonl").write_text("\n".join(rows("questions.jsonl")[:6]) + "\n")
    return made


def test_the_whole_path_offline_killed_and_resumed(real_models: Path, folder: Path) -> None:
    here = ["--project", str(folder)]
    run(
        "init", str(folder), "--documents", str(folder / "documents"), "--examples", str(folder / "examples.jsonl"),
        "--questions", str(folder / "questions.jsonl"),
    )  # fmt: skip
    with open(folder / "groundtune.yaml", "a") as settings:
        settings.write("passages: 3\nrecipe:\n  epochs: 2\n  batch_examples: 12\n  max_tokens: 640\n")
    run("advise", "--answers", str(SAMPLE / "answers.yaml"), *here)

    killed = start(["provision", *here])
    deadline = time.monotonic() + 600
    while not (folder / ".groundtune" / "index" / "manifest.json").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(8)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert json.loads(run("status", *here, "--json"))["adapter"] is None

    made = json.loads(run("provision", *here, "--json"))
    assert made["index"]["documents"] == len(DOCUMENTS)
    assert made["index"]["added"] == 0, "the index was complete before the kill"
    assert made["adapter"]["version"] == "0001"
    assert made["adapter"]["parity"]["f1"] >= MINIMUM
    again = json.loads(run("provision", *here, "--json"))
    assert again["adapter"] == made["adapter"] | {"reused": True}

    told = json.loads(run("ask", "How long does a boot fitting take?", *here, "--json", "--arm", "hybrid"))
    assert told["citations"][0]["source"] == "documents/boot-fitting.md"
    assert "50 minutes" in told["text"]
    result = json.loads(run("compare", *here, "--json"))
    assert set(result["arms"]) == {"base", "rag", "tuned", "hybrid", "auto", "extract", "lookup", "oracle"}
    assert result["questions"] == 6


def test_asking_imports_no_torch(real_models: Path, folder: Path) -> None:
    after = "import resource\nprint('@' + ' '.join({m.split('.')[0] for m in sys.modules}), file=sys.stderr)\n"
    after += "print('@memory', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    code = (
        "import sys\ntry:\n    " + "from groundtune.cli.main import app\n    app(sys.argv[1:], standalone_mode=False)\n"
    )
    code += "finally:\n    pass\n" + after
    asked = subprocess.run(
        [sys.executable, "-c", code, "ask", "How long does a boot fitting take?", "-p", str(folder), "--json"],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    modules = set(asked.stderr.split("@")[1].split())
    assert not modules & {"torch", "sentence_transformers", "transformers", "peft"}
    kib = int(asked.stderr.rpartition("@memory")[2])
    assert kib < 1.5 * 2**20


def test_the_tokenizer_of_the_model_keeps_spaces_and_new_lines(real_models: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(real_models / "models" / "smollm2-135m" / "hf" / "tokenizer.json"))
    text = "It is  €49.90,\n\nisn't it?"
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_embeddings_are_those_of_sentence_transformers(real_models: Path) -> None:
    from lm.engines.choose_engine import load_embedder
    from lm.engines.sentence_transformers_embed import SentenceTransformersEmbedder

    texts = ["How long may I return boots?", "A tent.", "word " * 400]
    ours = load_embedder("minilm-l6", real_models)
    theirs = SentenceTransformersEmbedder(str(real_models / "models" / "minilm-l6" / "hf"), "reference")
    assert ours.dimension == theirs.dimension == 384
    assert (ours.embed(texts) * theirs.embed(texts)).sum(1).min() > 0.9999
    assert ours.count_tokens(texts) == theirs.count_tokens(texts)


def test_a_folder_model_runs_on_transformers_like_on_openvino(real_models: Path) -> None:
    from lm.engine_contract import ContinuingGenerator
    from lm.engines.choose_engine import load_generator
    from lm.prompts import messages_for

    chat = messages_for("What is the capital of France?")
    folder = f"path:{real_models / 'models' / 'smollm2-135m' / 'hf'}"
    reference = load_generator(folder, real_models, engine="transformers").generate(chat, max_new_tokens=12)
    pieces: list[str] = []
    generator = load_generator("smollm2-135m", real_models)
    served = generator.generate(chat, max_new_tokens=12, on_text=pieces.append)
    assert reference.text.strip() == served.text.strip() == "".join(pieces).strip()
    assert "Paris" in served.text
    assert 0 < (reference.confidence or 0) <= 1
    assert served.confidence == pytest.approx(reference.confidence, abs=0.1)
    assert isinstance(generator, ContinuingGenerator)
    (shares,) = generator.next_tokens([chat], "The capital of", most=3)
    assert max(shares, key=lambda token: shares[token]) == " France"
    assert 0 < sum(shares.values()) <= 1
    told: list[str] = []
    begun = generator.continue_reply(chat, "The capital of", max_new_tokens=8, on_text=told.append)
    assert begun.text.startswith("The capital of France")
    assert "".join(told).strip() == begun.text.strip()


def test_an_answer_that_nobody_reads_on_leaves_the_engine_free(real_models: Path) -> None:
    from lm.engines.choose_engine import load_generator
    from lm.model_arm import ModelAnswerer
    from lm.prompts import messages_for

    generator = load_generator("smollm2-135m", real_models)
    answerer = ModelAnswerer("base", generator, max_new_tokens=8)
    whole = answerer.answer("What is the capital of France?").text
    pieces: list[str] = []

    def first_only(text: str) -> None:
        pieces.append(text)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generator.generate(messages_for("Tell me a long story."), max_new_tokens=400, on_text=first_only)
    assert len(pieces) == 1
    assert answerer.answer("What is the capital of France?").text == whole
