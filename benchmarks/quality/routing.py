"""Learned routing on recorded answers of other people's models: no model runs but the embedder of the questions.

``python -m benchmarks.quality.routing [adarague|routellm]``: keeps its figures in ``benchmarks/results/routing.json``.

``adarague`` (s-nlp/AdaRAGUE, MIT; questions HotpotQA, CC BY-SA 4.0, and 2WikiMultihopQA, Apache-2.0): answers of a Llama 3 8B
without retrieval and with one; an answer is right where it contains a reference, SQuAD-normalised. Learned from the train
split, judged on the test split; what a budget comes to is known from the train split, out of fold. Level by level, what is
known when the choice is made, and what has been spent by then:

- ``question``: the question alone; nothing.
- ``draft``: also the answer without retrieval; one call.
- ``passages``: also whether passages of the question's ten, those nearest by the embedder, hold that answer; one call and
  one retrieval, so that a choice spares the second call alone.
- ``answers``: also the answer with retrieval; both calls and the retrieval, so that nothing is spared.

``routellm`` (lm-sys/RouteLLM, Apache-2.0): correctness of Mixtral 8x7B (weak) and GPT-4 Turbo (strong) on GSM8K and MMLU, less
the prompts that it names as contaminated. Cross-validated, ten folds, MMLU by subject: no subject on both sides. APGR (Ong et
al. 2024): over all shares of strong calls, the mean share of the gap between weak and strong that is recovered; .5 is chance.
The signs of the wording (``router.surface``) were chosen in view of figures of these same sets, cross-validated.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy

from benchmarks.machine import RESULTS, datasets, keep
from compare.significance import paired_difference
from corpus.atomic_files import read_json
from corpus.text.squad_scores import squad_f1, squad_normalise
from groundtune.offline import be_quiet
from router.answerability import fit
from router.learned_router import Leads, Recorded, learn, learn_neighbours, learn_ridge
from router.replay import Played, always, gap_closed, oracle, replay
from router.surface import surface

WEAK, STRONG = "mistralai/Mixtral-8x7B-Instruct-v0.1", "gpt-4-1106-preview"
NONE, ONCE = "no_retrieve", "rag_one_retrieve"
BUDGETS = (0.2, 0.5, 0.7, 1.0)
_SEEDS, _FOLDS, _DRAWS = 3, 10, 500
_NEAREST, _AROUND = 5, 25
_UNSURE = re.compile(r"\b(?:not|unknown|none|no information|unclear|n/a|cannot)\b")

Learner = Callable[[Recorded, Sequence[str]], Leads]


def main() -> None:
    """Measure, keep."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("part", nargs="?", choices=("adarague", "routellm"), help="only this one; the other stays")
    given = options.parse_args()
    be_quiet()
    kept = read_json(RESULTS / "routing.json") if (RESULTS / "routing.json").is_file() else {}
    parts = {"adarague": adarague, "routellm": routellm}
    figures = {n: of() if given.part in (None, n) else kept.get(n) for n, of in parts.items()}
    print(keep("routing", figures))


def adarague() -> dict[str, Any]:
    """Each data set: the reference figures, then each level's routers on the test split."""
    return {name: _retrieval(name) for name in ("hotpotqa", "2wikimultihopqa")}


def routellm() -> dict[str, Any]:
    """GSM8K and MMLU: each way's APGR, and what budgets come to."""
    return {"gsm8k": _pair(*_prompts("gsm8k")), "mmlu": _pair(*_prompts("mmlu"))}


# --- adarague


def _retrieval(name: str) -> dict[str, Any]:
    train, test = (_levels(name, split) for split in ("train", "test"))
    reference = next(iter(test.values()))
    made: dict[str, Any] = {f"always_{arm}": _mean(p.scores) for arm, p in always(reference).items()}
    made |= {"oracle": _mean(oracle(reference).scores), "questions": len(reference.groups), "levels": {}}
    for level in train:
        made["levels"][level] = {
            way: _judged(train[level], test[level], how)
            for way, how in (("ridge", learn_ridge), ("trees", _trees), ("knn", learn_neighbours))
        }
    return made


def _judged(train: Recorded, test: Recorded, how: Learner) -> dict[str, Any]:
    """On the test split, at each budget; and as ranked, whether or not the training split bears it out."""
    router = learn(train, how)
    made: dict[str, Any] = {"rests_on": router.reason, "apgr": _with_interval(test, _lead(how, train, test))}
    once = test.scores[ONCE]
    for budget in BUDGETS:
        played = Played.of(test, router.choose(test.vectors, test.features, budget))
        apart, closed = paired_difference(list(played.scores), list(once)), gap_closed(test, played)
        made[f"budget_{budget}"] = {
            "right": _mean(played.scores),
            "taken_with_retrieval": _mean(played.costs),
            "over_always": [round(x, 4) for x in (apart.difference, apart.low, apart.high)],
            "gap_closed": closed and [round(x, 3) for x in (closed.share, closed.low, closed.high)],
        }
    return made


def _lead(how: Learner, train: Recorded, test: Recorded) -> numpy.ndarray:
    return how(train, (NONE, ONCE)).expected(test.vectors, test.features)[:, 1]


def _levels(name: str, split: str) -> dict[str, Recorded]:
    """The records by what is known when the choice is made; each level knows what those before it know."""
    file = datasets() / "adarague" / f"{name}_{split}.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    questions = [r["question"] for r in rows]
    vectors = _embedded(questions)
    scores = {arm: numpy.array([_right(r[arm] or "", r["references"]) for r in rows]) for arm in (NONE, ONCE)}
    costs = {NONE: numpy.zeros(len(rows)), ONCE: numpy.ones(len(rows))}
    nearest = _nearest(rows, vectors)
    draft, answer = (_support(rows, arm, nearest) for arm in (NONE, ONCE))
    said = numpy.array([_of_answers(q, r[NONE] or "", r[ONCE] or "") for q, r in zip(questions, rows, strict=True)])
    blocks = {
        "question": surface(questions),
        "draft": numpy.array([_of_draft(q, r[NONE] or "") for q, r in zip(questions, rows, strict=True)]),
        "passages": numpy.hstack([nearest[1], draft]),
        "answers": numpy.hstack([said, answer, answer - draft]),
    }
    made, known = {}, numpy.zeros((len(rows), 0))
    for level, block in blocks.items():
        known = numpy.hstack([known, block])
        made[level] = Recorded(vectors, known, scores, costs, [r["id"] for r in rows])
    return made


def _right(answer: str, references: Sequence[str]) -> float:
    said = squad_normalise(answer)
    return float(any(squad_normalise(r) in said for r in references))


def _of_draft(question: str, draft: str) -> list[float]:
    said, asked = squad_normalise(draft).split(), set(squad_normalise(question).split())
    words = draft.split()
    made = [numpy.log1p(len(draft)), len(said), len(said) == 1, said[:1] == ["yes"], said[:1] == ["no"], len(said) > 6]
    made += [
        len(set(said) & asked) / max(1, len(said)),
        bool(said) and squad_normalise(draft) in squad_normalise(question),
    ]
    made += [bool(re.search(r"\d", draft)), bool(re.fullmatch(r"\d{4}", draft.strip())), draft.count(",")]
    made += [sum(w[:1].isupper() for w in words) / max(1, len(words)), bool(_UNSURE.search(draft.lower()))]
    return [float(x) for x in made]


def _nearest(rows: Sequence[dict[str, Any]], vectors: numpy.ndarray) -> tuple[list[list[str]], numpy.ndarray]:
    """Of each question's ten the passages nearest it, normalised, and how near they and their words come to it."""
    passages = _embedded([f"{c['title']}: {c['text']}" for r in rows for c in r["context"]])
    texts, made, at = [], [], 0
    for row, vector in zip(rows, vectors, strict=True):
        cosines = passages[at : at + len(row["context"])] @ vector
        at += len(row["context"])
        near = [row["context"][n] for n in numpy.argsort(-cosines, kind="stable")[:_NEAREST]]
        texts.append([squad_normalise(f"{c['title']} {c['text']}") for c in near])
        best, asked = -numpy.sort(-cosines), set(squad_normalise(row["question"]).split())
        shared = max(len(asked & set(t.split())) / max(1, len(asked)) for t in texts[-1])
        made.append([shared, float(best[0]), float(best[1]), float(best[0] - best[2]), float(best[:_NEAREST].mean())])
    return texts, numpy.array(made)


def _support(rows: Sequence[dict[str, Any]], arm: str, nearest: tuple[list[list[str]], numpy.ndarray]) -> numpy.ndarray:
    """Do the nearest passages hold the answer of an arm, whole or its words, and near what is asked?"""
    made = []
    for row, texts in zip(rows, nearest[0], strict=True):
        said, asked = squad_normalise(row[arm] or "").split(), set(squad_normalise(row["question"]).split())
        holds = [bool(said) and f" {' '.join(said)} " in f" {t} " for t in texts]
        words = max(len(set(said) & set(t.split())) / max(1, len(set(said))) for t in texts)
        around = [
            len(asked & set(w[max(0, n - _AROUND) : n + _AROUND])) / max(1, len(asked))
            for w in (t.split() for t in texts)
            for n in range(len(w))
            if said and w[n : n + len(said)] == said
        ]
        made.append([float(x) for x in (holds[0], sum(holds), any(holds), words, max(around, default=0.0))])
    return numpy.array(made)


def _of_answers(question: str, draft: str, answer: str) -> list[float]:
    a, b, asked = squad_normalise(draft), squad_normalise(answer), squad_normalise(question)
    words = b.split()
    made = [
        a == b,
        squad_f1(draft, [answer]),
        bool(_UNSURE.search(answer.lower())),
        len(words),
        numpy.log1p(len(answer)),
    ]
    made += [len(set(words) & set(asked.split())) / max(1, len(words)), b in asked, len(words) == 1]
    return [float(x) for x in [*made, bool(a) and a in b, bool(b) and b in a]]


# --- routellm


def _prompts(name: str) -> tuple[list[str], numpy.ndarray, numpy.ndarray, list[str]]:
    """Prompts, whether the weak and the strong model are right, and groups: of MMLU its subjects."""
    csv.field_size_limit(10**9)
    folder = datasets() / "routellm"
    told = (folder / f"{name}_contaminated_prompts.jsonl").read_text(encoding="utf-8").splitlines()
    contaminated = {json.loads(line)["eval_prompt"] for line in told}
    files = sorted((folder / "mmlu").glob("*.csv")) if name == "mmlu" else [folder / "gsm8k_responses.csv"]
    rows = [(file, row) for file in files for row in _rows(file) if row["prompt"] not in contaminated]
    weak, strong = (numpy.array([row[arm] == "True" for _, row in rows], dtype=float) for arm in (WEAK, STRONG))
    groups = [file.stem if name == "mmlu" else row["prompt"] for file, row in rows]
    return [row["prompt"] for _, row in rows], weak, strong, groups


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _pair(prompts: list[str], weak: numpy.ndarray, strong: numpy.ndarray, groups: list[str]) -> dict[str, Any]:
    n = len(prompts)
    recorded = Recorded(
        _embedded(prompts),
        surface(prompts),
        {WEAK: weak, STRONG: strong},
        {WEAK: numpy.zeros(n), STRONG: numpy.ones(n)},
        groups,
    )
    made: dict[str, Any] = {"questions": n, "groups": len(set(groups)), "weak": _mean(weak), "strong": _mean(strong)}
    made |= {"oracle": _mean(oracle(recorded).scores), "ways": {}}
    for way, how in WAYS.items():
        leads = [_held_leads(recorded, how, seed) for seed in range(_SEEDS)]
        areas = [apgr(weak, strong, lead) for lead in leads]
        made["ways"][way] = {
            "apgr": round(float(numpy.mean(areas)), 4),
            "by_seed": [round(a, 4) for a in areas],
            "interval": _with_interval(recorded, leads[0])[1:],
            "apgr_in_ten_bins": round(float(numpy.mean([apgr_in_bins(weak, strong, lead) for lead in leads])), 4),
        }
    played, reasons = replay(recorded, learn_ridge, BUDGETS)
    made["rests_on"] = reasons[0]
    made["budgets"] = {str(b): {"right": _mean(p.scores), "strong": _mean(p.costs)} for b, p in played.items()}
    return made


def _held_leads(recorded: Recorded, how: Learner, seed: int) -> numpy.ndarray:
    """The strong model's expected lead, each question's from folds without it and without its group."""
    held = numpy.zeros(len(recorded.groups))
    for rows in recorded.folds(seed, _FOLDS):
        rest = recorded.only(numpy.setdiff1d(numpy.arange(len(held)), rows))
        held[rows] = how(rest, (WEAK, STRONG)).expected(recorded.vectors[rows], recorded.features[rows])[:, 1]
    return held


class _Told:
    """Leads by a function of vectors and features."""

    def __init__(self, of: Callable[[numpy.ndarray, numpy.ndarray], numpy.ndarray]) -> None:
        self.of = of

    def expected(self, vectors: numpy.ndarray, features: numpy.ndarray) -> numpy.ndarray:
        lead = self.of(vectors, features)
        return numpy.stack([numpy.zeros(len(lead)), lead], axis=1)


def _logistic(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """RouteLLM's way as nearly as records allow: is the strong model right where the weak one is not? From the vector."""
    learned = fit(recorded.vectors, recorded.leads(arms)[:, 1] > 0, scaled=False)
    return _Told(lambda vectors, features: learned.logit(vectors))


def _trees(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """Is each arm right? Randomised trees (Geurts et al. 2006) on what is known, without the vector."""
    from sklearn.ensemble import ExtraTreesRegressor

    def of(arm: str) -> Any:
        made = ExtraTreesRegressor(200, min_samples_leaf=8, max_features=0.3, random_state=0)
        return made.fit(recorded.features, recorded.scores[arm])

    cheap, dear = (of(arm) for arm in arms)
    return _Told(lambda vectors, features: dear.predict(features) - cheap.predict(features))


def _weak_wrong(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """Is the weak model wrong? From the vector."""
    learned = fit(recorded.vectors, recorded.scores[arms[0]] == 0, scaled=False)
    return _Told(lambda vectors, features: learned.logit(vectors))


def _vector_alone(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """Ridge on the lead, without what the wording shows."""
    learned = learn_ridge(_without_features(recorded), arms)
    return _Told(lambda vectors, features: learned.expected(vectors, features[:, :0])[:, 1])


def _without_features(recorded: Recorded) -> Recorded:
    r = recorded
    return Recorded(r.vectors, r.features[:, :0], r.scores, r.costs, r.groups)


def _boosted(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """Gradient boosting on what the wording shows."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    made = HistGradientBoostingRegressor(
        max_iter=80, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=40, l2_regularization=5.0, random_state=0
    ).fit(recorded.features, recorded.leads(arms)[:, 1])
    return _Told(lambda vectors, features: made.predict(features))


WAYS: dict[str, Learner] = {
    "ridge on the lead, vector and wording": learn_ridge,
    "ridge on the lead, vector": _vector_alone,
    "logistic, strong alone right, vector": _logistic,
    "logistic, weak wrong, vector": _weak_wrong,
    "gradient boosting on the lead, wording": _boosted,
    "knn": learn_neighbours,
}


# --- measures


def apgr(weak: numpy.ndarray, strong: numpy.ndarray, lead: numpy.ndarray) -> float:
    """With a threshold at each question; equal leads come in a random order."""
    order = numpy.lexsort((numpy.random.default_rng(0).random(len(lead)), -lead))
    gained = numpy.concatenate([[0.0], numpy.cumsum((strong - weak)[order])]) / len(lead)
    return float(numpy.trapezoid(gained, numpy.linspace(0, 1, len(gained))) / (strong.mean() - weak.mean()))


def apgr_in_bins(weak: numpy.ndarray, strong: numpy.ndarray, lead: numpy.ndarray) -> float:
    """With eleven thresholds, as RouteLLM's evaluation has it."""
    thresholds = numpy.unique(numpy.quantile(lead, numpy.linspace(0, 1, 11)))
    taken = [lead >= t for t in thresholds[:-1]] + [lead > thresholds[-1]]
    points = sorted((float(t.mean()), float(numpy.where(t, strong, weak).mean())) for t in taken)
    shares, right = zip(*points, strict=True)
    area = numpy.trapezoid(numpy.array(right) - weak.mean(), shares) / (shares[-1] - shares[0])
    return float(area / (strong.mean() - weak.mean()))


def _with_interval(recorded: Recorded, lead: numpy.ndarray) -> list[float]:
    """APGR of the dear arm's ``lead`` over the cheap one, and its 95 % interval: a bootstrap over groups."""
    weak, strong = (recorded.scores[a] for a in ((NONE, ONCE) if NONE in recorded.scores else (WEAK, STRONG)))
    names, group = numpy.unique(list(recorded.groups), return_inverse=True)
    members = [numpy.flatnonzero(group == k) for k in range(len(names))]
    random, drawn = numpy.random.default_rng(0), []
    for _ in range(_DRAWS):
        rows = numpy.concatenate([members[k] for k in random.integers(0, len(names), len(names))])
        drawn.append(apgr(weak[rows], strong[rows], lead[rows]))
    low, high = numpy.percentile(drawn, [2.5, 97.5])
    return [round(x, 4) for x in (apgr(weak, strong, lead), float(low), float(high))]


def _mean(values: numpy.ndarray) -> float:
    return round(float(values.mean()), 4)


def _embedded(texts: Sequence[str]) -> numpy.ndarray:
    from lm.engines.choose_engine import load_embedder
    from lm.models.catalogue import cache_folder

    return load_embedder("minilm-l6", cache_folder()).embed(list(texts))


if __name__ == "__main__":
    main()
