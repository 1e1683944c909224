"""How likely a text is after a prompt, by an exported model: ``OpenVinoGenerator`` generates, this one only reads.

openvino_genai tells no probabilities of a text that it is given, so the graph itself is run: cut down to the logits of the
last tokens, with the log-probability of each wanted token taken inside it, and with the adapter's products beside the
model's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import ModelError
from lm.engines.one_at_a_time import LOADING
from lm.models.weights import ADAPTER_WEIGHTS, lora_scale

if TYPE_CHECKING:
    import numpy
    import openvino

    from lm.engines.openvino_types import ChatTokenizer, InferRequest

_PREFIX = "base_model.model."
_FEWEST = 2
"""Chats from which on the beginning that they share is computed once."""


class OpenVinoLikelihood:
    """One exported model with at most one adapter, which is compiled in. Loads when it is made."""

    def __init__(self, folder: Path, adapter: Path | None = None) -> None:
        import openvino
        import openvino_genai

        with LOADING:
            self.tokenizer: ChatTokenizer = openvino_genai.Tokenizer(str(folder))
        core = openvino.Core()
        graph = core.read_model(str(folder / "openvino_model.xml"))
        if adapter is not None:
            _add_adapter(graph, adapter)
        _keep_wanted_tokens(graph)
        # activations rounded to 8 bits, bfloat16 where the processor has it: up to .13 nats apart, a fifth quicker than exact
        compiled = core.compile_model(graph, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
        self._request: InferRequest = compiled.create_infer_request()

    def log_probabilities(self, prompts: Sequence[str], replies: Sequence[str]) -> list[list[float]]:
        """For each pair the natural logarithms of the probabilities of the reply's tokens."""
        read = [(self._ids(p), self._ids(r)) for p, r in zip(prompts, replies, strict=True)]
        kept = [n for n, (_, reply) in enumerate(read) if reply]
        logs: list[list[float]] = [[] for _ in read]
        if not kept:
            return logs
        rows = [[*read[n][0], *read[n][1]] for n in kept]
        shared = _shared_start(rows, [len(read[n][0]) for n in kept]) if len(kept) >= _FEWEST else 0
        most = max(len(read[n][1]) for n in kept)
        log_rows = self._run(rows, shared, most)
        for n, row in zip(kept, log_rows, strict=True):
            logs[n] = [float(x) for x in row[most - len(read[n][1]) :]]
        return logs

    def _run(self, rows: Sequence[Sequence[int]], shared: int, wanted: int) -> numpy.ndarray:
        """``(rows, wanted)``: the log-probabilities of the last ``wanted`` tokens of each row, which all end together."""
        import numpy

        self._request.reset_state()
        if shared:
            start = numpy.array([rows[0][:shared]])
            self._infer(start, numpy.ones_like(start), numpy.arange(shared)[None], numpy.zeros(1, int), 1)
        width = max(len(r) for r in rows) - shared
        ids = numpy.zeros((len(rows), width), int)
        mask = numpy.zeros((len(rows), width), int)
        for n, row in enumerate(rows):
            own = row[shared:]
            ids[n, width - len(own) :], mask[n, width - len(own) :] = own, 1
        seen = numpy.concatenate([numpy.ones((len(rows), shared), int), mask], axis=1)
        places = numpy.maximum(seen.cumsum(axis=1)[:, shared:] - 1, 0)
        beams = numpy.zeros(len(rows), int) if shared else numpy.arange(len(rows))
        return self._infer(ids, seen, places, beams, wanted)

    def _infer(
        self,
        ids: numpy.ndarray,
        mask: numpy.ndarray,
        places: numpy.ndarray,
        beams: numpy.ndarray,
        wanted: int,
    ) -> numpy.ndarray:
        import numpy

        given = {
            "input_ids": ids,
            "attention_mask": mask,
            "position_ids": places,
            "beam_idx": beams.astype(numpy.int32),
            "wanted_tokens": ids[:, ids.shape[1] - wanted :],
        }
        return numpy.array(self._request.infer(given)[0])[:, :, 0]

    def _ids(self, text: str) -> list[int]:
        return [int(i) for i in self.tokenizer.encode(text, add_special_tokens=False).input_ids.data[0]]


def _shared_start(rows: Sequence[list[int]], prompts: Sequence[int]) -> int:
    """Tokens that all rows begin with, fewer than any prompt has: each row keeps a token before its reply."""
    first, last = min(rows), max(rows)
    alike = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return max(0, min(alike, min(prompts) - 1))


def _keep_wanted_tokens(graph: openvino.Model) -> None:
    """Instead of all logits, the log-probabilities of the last tokens, each given the tokens before it.

    A new input, ``wanted_tokens`` (rows, n), names the last n tokens again.
    """
    import numpy
    import openvino
    from openvino import opset13 as ops

    head = graph.get_results()[0].input_value(0).get_node()
    wanted = ops.parameter([-1, -1], numpy.int64, "wanted_tokens")
    count = ops.gather(ops.shape_of(wanted), ops.constant([1], numpy.int64), ops.constant(0, numpy.int64))
    start = ops.subtract(ops.constant([-1], numpy.int64), count)
    one, stop = ops.constant([1], numpy.int64), ops.constant([-1], numpy.int64)
    before = ops.slice(head.input_value(0), start, stop, one, one)
    head.input(0).replace_source_output(before.output(0))
    logs = ops.log_softmax(head.output(0), -1)
    taken = ops.gather_elements(logs, ops.unsqueeze(wanted, ops.constant(2, numpy.int64)), 2)
    old = graph.get_results()[0]
    graph.remove_result(old)
    graph.add_parameters([wanted])
    graph.add_results([openvino.op.Result(taken.output(0))])
    wanted.output(0).get_tensor().set_names({"wanted_tokens"})
    graph.validate_nodes_and_infer_types()


def _add_adapter(graph: openvino.Model, adapter: Path) -> None:
    """Beside each product with a weight that the adapter has, the adapter's own, added. Raises ``ModelError`` for a misfit."""
    import numpy
    from openvino import opset13 as ops
    from safetensors.numpy import load_file

    scale = lora_scale(adapter)
    weights = load_file(adapter / ADAPTER_WEIGHTS)
    products = {o.get_friendly_name(): o for o in graph.get_ordered_ops() if o.get_type_name() == "MatMul"}
    for name in (n for n in weights if n.endswith(".lora_A.weight")):
        module = name.removeprefix(_PREFIX).removesuffix(".lora_A.weight")
        matching = [o for n, o in products.items() if n.startswith(f"__module.{module}/")]
        if not matching:
            raise ModelError(f"{adapter}: nothing in the model for {module}", mend="run groundtune provision again")
        product, second = matching[0], name.replace(".lora_A.", ".lora_B.")
        down = ops.constant(weights[name].astype(numpy.float32))
        up = ops.constant((weights[second] * scale).astype(numpy.float32))
        low = ops.matmul(product.input_value(0), down, False, True)
        readers = list(product.output(0).get_target_inputs())
        added = ops.add(product.output(0), ops.matmul(low, up, False, True))
        for reader in readers:
            reader.replace_source_output(added.output(0))
