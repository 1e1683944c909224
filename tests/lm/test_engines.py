"""One conformance suite over every engine: the fake, an endpoint behind a server, and the two that run models here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corpus.atomic_files import write_json
from corpus.errors import ModelError
from lm.engine_abilities import lacking
from lm.engines.choose_engine import load_generator
from lm.engines.endpoint_engine import EndpointGenerator
from lm.prompts import messages_for
from tests.engine_conformance import QUESTIONS, check_engine, check_unknown_adapter
from tests.fakes import FakeGenerator

SERVED = ("shop-model", "0001", "shop-0001", "reads-max-tokens", "refuses-max-tokens")


class _Server(BaseHTTPRequestHandler):
    """``/v1/chat/completions`` as OpenAI has it, streamed: says which model was asked, and the question back."""

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["model"] not in SERVED:
            self._reply(404, json.dumps({"error": {"message": f"no model {asked['model']}", "type": "not_found"}}))
            return
        if asked["model"] == "refuses-max-tokens" and "max_tokens" in asked:
            told = {"message": "Unsupported parameter: 'max_tokens'", "type": "invalid_request_error"}
            self._reply(400, json.dumps({"error": told}))
            return
        newer = "max_tokens" if asked["model"] == "reads-max-tokens" else "max_completion_tokens"
        most = asked.get(newer)
        words = f"{asked['model']} heard: {asked['messages'][-1]['content']}".split(" ")[:most]
        usage = {"prompt_tokens": 7, "completion_tokens": len(words), "total_tokens": 7 + len(words)}
        head = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": asked["model"]}
        events = [
            {"choices": [{"index": 0, "delta": {"role": "assistant", "content": w if n == 0 else f" {w}"}}]}
            for n, w in enumerate(words)
        ]
        events += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": usage}]
        lines = [f"data: {json.dumps(head | event)}\n\n" for event in events]
        self._reply(200, "".join([*lines, "data: [DONE]\n\n"]), "text/event-stream")

    def _reply(self, status: int, body: str, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server of ours on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Server) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_address[1]}/v1"
        served.shutdown()


def _endpoint(server: str, model: str = "shop-model") -> EndpointGenerator:
    return EndpointGenerator("openai", model, base_url=server, api_key="none")


def test_the_fake_keeps_the_contract() -> None:
    check_engine(FakeGenerator(lambda messages, adapter: f"Heard: {messages[-1]['content']}"))


def test_an_endpoint_keeps_the_contract(server: str, tmp_path: Path) -> None:
    check_engine(_endpoint(server))
    check_unknown_adapter(_endpoint(server), tmp_path)


@pytest.mark.parametrize(("named", "wanted"), [(None, "0001"), ("shop-0001", "shop-0001")])
def test_an_endpoint_is_asked_for_the_adapter_by_its_project_and_version(
    server: str, tmp_path: Path, named: str | None, wanted: str
) -> None:
    adapter = tmp_path / "0001"
    if named:
        write_json(adapter / "manifest.json", {"name": named})
    made = _endpoint(server).generate(messages_for(QUESTIONS[1]), adapter=adapter)
    assert made.text == f"{wanted} heard: {QUESTIONS[1]}"
    assert (made.prompt_tokens, made.confidence) == (7, None)


def test_what_an_engine_cannot_do_is_told(server: str) -> None:
    lacks = {lack.ability: lack.consequence for lack in lacking(_endpoint(server))}
    assert list(lacks) == ["likelihood", "going on", "certainty", "batches"]
    assert all(lacks.values())


def test_what_an_endpoint_lacks_or_says_is_told_with_a_mend(server: str) -> None:
    with pytest.raises(ModelError, match="no model nothing") as told:
        _endpoint(server, "nothing").generate(messages_for(QUESTIONS[0]))
    assert "model's name" in str(told.value)
    with pytest.raises(ModelError, match="endpoint:openai:shop-model"):
        _endpoint("http://127.0.0.1:9/v1").generate(messages_for(QUESTIONS[0]))


@pytest.mark.parametrize("model", ["reads-max-tokens", "refuses-max-tokens", "shop-model"])
def test_a_reply_ends_where_it_is_to_end_whatever_the_server_calls_that(server: str, model: str) -> None:
    engine = _endpoint(server, model)
    for _ in range(2):
        assert engine.generate(messages_for("One two three four five six?"), max_new_tokens=5).completion_tokens == 5


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["openvino", "transformers"])
def test_the_engines_that_run_models_here_keep_the_contract(real_models: Path, engine: str, tmp_path: Path) -> None:
    running = load_generator("smollm2-135m", real_models, engine=engine)
    check_engine(running)
    check_unknown_adapter(running, tmp_path)
    assert [lack.ability for lack in lacking(running)] == ([] if engine == "openvino" else ["batches"])
