"""Which arm is worth asking, question by question, learned from recorded scores.

What is learned is each arm's lead: by how much its score is expected to be above that of the cheapest arm. Leads are learned
directly, by ridge regression on the question's vector and on what its wording shows, both of like weight, the penalty
chosen by generalised cross-validation (Golub, Heath and Wahba 1979). To learn instead whether each arm is right, by logistic
regression, ranks worse on the recorded answers of RouteLLM (Ong et al. 2024; ``benchmarks/results/routing.json``). Leads are
then scaled to what they came to on questions that they were not learned from; where that is within chance, or where there
are few questions, it is the best arm on average that is taken.

One dial: the budget, from 0 (always the cheapest arm) to 1 (whatever arm is expected to score best).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy

    Groups = Sequence[str]

MINIMUM = 30
"""With fewer questions nothing is learned: the best arm on average is taken."""
NEIGHBOURS = 40
_FOLDS = 5
_CLEAR = 2.0
"""Standard errors that the slope of what happened on what was expected, out of fold, must be above 0."""
_GUESS = 1e-3
"""The slope where it is within chance: it decides only between questions that are alike otherwise."""
_LIMIT = 3.0
"""Standard deviations beyond which a feature counts no further: rare marks would weigh too much."""
_PENALTIES = tuple(10.0 ** (n / 2) for n in range(-2, 9))
_HALVINGS = 60
_PROHIBITIVE = 1e6
"""A lead that no arm has."""


@dataclass(frozen=True)
class Recorded:
    """Questions that every arm has answered, with what each answer scored and cost; all of length ``n``."""

    vectors: numpy.ndarray
    """Unit vectors, ``(n, d)``."""
    features: numpy.ndarray
    """Numbers known before the arms answer, ``(n, f)``; ``f`` may be 0."""
    scores: Mapping[str, numpy.ndarray]
    """0 to 1, by arm."""
    costs: Mapping[str, numpy.ndarray]
    """0 or more, by arm, in any one unit."""
    groups: Groups
    """Questions of one group are never parted: not one of them learned from and another judged by it."""

    def __post_init__(self) -> None:
        """Raises ``ValueError`` where there are fewer than two arms or the lengths differ."""
        n, rows = len(self.groups), [*self.scores.values(), *self.costs.values(), self.vectors, self.features]
        if len(self.scores) < 2 or set(self.scores) != set(self.costs) or not n or any(len(r) != n for r in rows):
            raise ValueError(
                f"{n} questions need vectors, features, scores and costs, each so many, of two arms or more"
            )

    @property
    def arms(self) -> tuple[str, ...]:
        """The cheapest on average first; among arms that cost the same the better one first."""
        return tuple(sorted(self.scores, key=lambda a: (self.costs[a].mean(), -self.scores[a].mean(), a)))

    def leads(self, arms: Sequence[str]) -> numpy.ndarray:
        """By how much each of ``arms`` scored above the first of them, ``(n, arms)``."""
        import numpy

        return numpy.stack([self.scores[a] - self.scores[arms[0]] for a in arms], axis=1)

    def only(self, rows: numpy.ndarray) -> Recorded:
        """The questions at these places."""
        return Recorded(
            self.vectors[rows],
            self.features[rows],
            {a: s[rows] for a, s in self.scores.items()},
            {a: c[rows] for a, c in self.costs.items()},
            [self.groups[n] for n in rows],
        )

    def folds(self, seed: int, count: int = _FOLDS) -> list[numpy.ndarray]:
        """Places of the questions in folds of about as many groups each."""
        import numpy

        names, group = numpy.unique(list(self.groups), return_inverse=True)
        fold = numpy.empty(len(names), dtype=int)
        fold[numpy.random.default_rng(seed).permutation(len(names))] = numpy.arange(len(names)) % count
        return [rows for k in range(count) if len(rows := numpy.flatnonzero(fold[group] == k))]


class Leads(Protocol):
    """What expects leads."""

    def expected(self, vectors: numpy.ndarray, features: numpy.ndarray) -> numpy.ndarray:
        """Of each arm over the cheapest, ``(n, arms)``."""


class Learning(Protocol):
    """What makes ``Leads`` of records: ``learn_ridge``, ``learn_neighbours``."""

    def __call__(self, recorded: Recorded, arms: Sequence[str], /) -> Leads: ...


@dataclass(frozen=True)
class Ridge:
    """Expected leads as a linear function of the vector and the standardised features."""

    middle: numpy.ndarray
    mean: numpy.ndarray
    spread: numpy.ndarray
    weights: numpy.ndarray
    bias: numpy.ndarray

    def expected(self, vectors: numpy.ndarray, features: numpy.ndarray) -> numpy.ndarray:
        """See ``Leads``."""
        import numpy

        return numpy.asarray(
            _joined(vectors - self.middle, features, self.mean, self.spread) @ self.weights + self.bias
        )


@dataclass(frozen=True)
class Neighbours:
    """Expected leads as the mean of those of the nearest earlier questions, by cosine: the simple baseline."""

    vectors: numpy.ndarray
    leads: numpy.ndarray

    def expected(self, vectors: numpy.ndarray, features: numpy.ndarray) -> numpy.ndarray:
        """See ``Leads``; the features tell nothing here."""
        import numpy

        count = min(NEIGHBOURS, len(self.vectors))
        near = [numpy.argsort(-(self.vectors @ v), kind="stable")[:count] for v in vectors]
        return numpy.array([self.leads[rows].mean(axis=0) for rows in near]).reshape(-1, self.leads.shape[1])


@dataclass(frozen=True)
class Scaled:
    """Expected leads brought to what they came to out of fold: ``mean`` + ``slope`` times what is expected beyond it."""

    of: Leads | None
    """None where there was too little to learn from."""
    middle: numpy.ndarray
    slope: numpy.ndarray
    mean: numpy.ndarray
    clear: bool
    """Was any slope beyond chance? Else what is expected only says who comes first where a budget is too small for all."""

    def expected(self, vectors: numpy.ndarray, features: numpy.ndarray) -> numpy.ndarray:
        """See ``Leads``."""
        import numpy

        if self.of is None:
            return numpy.tile(self.mean, (len(vectors), 1))
        return self.brought(self.of.expected(vectors, features))

    def brought(self, expected: numpy.ndarray) -> numpy.ndarray:
        """What was ``expected``, scaled."""
        import numpy

        return numpy.asarray(self.mean + self.slope * (expected - self.middle))


@dataclass(frozen=True)
class LearnedRouter:
    """Chooses among ``arms``, the cheapest first, whose mean costs are ``costs``."""

    arms: tuple[str, ...]
    costs: numpy.ndarray
    leads: Scaled
    held: numpy.ndarray
    """The leads of the questions learned from, as expected out of fold, ``(n, arms)``: what a budget comes to."""
    questions: int

    @property
    def tells_questions_apart(self) -> bool:
        """Does anything tell beforehand which arm does better? Else the best on average is taken wherever the budget allows."""
        return self.leads.clear

    @property
    def reason(self) -> str:
        """What it rests on, in plain words."""
        if self.tells_questions_apart:
            return f"what was recorded of {self.questions} questions"
        if self.questions < MINIMUM:
            return f"the best arm on average: {self.questions} questions are too few to learn from (from {MINIMUM} on)"
        return f"the best arm on average: nothing on {self.questions} questions tells beforehand which arm does better"

    def weight(self, budget: float) -> float:
        """The lead that one unit of cost must bring so that, out of fold, the mean cost keeps within the budget.

        ``budget``: from the cheapest arm's mean cost (0) to the dearest's (1). Raises ``ValueError`` outside.
        """
        if not 0 <= budget <= 1:
            raise ValueError(f"a budget of {budget}, wanted 0 to 1")
        cheapest, dearest = float(self.costs[0]), float(self.costs[-1])
        most = cheapest + budget * (dearest - cheapest)

        def kept(weight: float) -> bool:
            return float(self.costs[_chosen(self.held, self.costs, weight)].mean()) <= most + 1e-9 * dearest

        steps = [float(x) for x in self.costs - self.costs[0] if x > 1e-9 * dearest]
        if not steps or (budget and kept(0.0)):
            return 0.0
        if not budget:
            return _PROHIBITIVE / min(steps)
        low, high = 0.0, 4 * float(abs(self.held).max() + 1) / min(steps)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if kept(middle) else (middle, high)
        return high

    def choose(self, vectors: numpy.ndarray, features: numpy.ndarray, budget: float = 1.0) -> list[str]:
        """The arm for each question with a unit vector and features as learned from. A larger budget takes no cheaper arm."""
        chosen = _chosen(self.leads.expected(vectors, features), self.costs, self.weight(budget))
        return [self.arms[n] for n in chosen]


def learn_ridge(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """Leads by ridge regression; see the module."""
    import numpy
    from sklearn.linear_model import RidgeCV

    middle = recorded.vectors.mean(axis=0)
    mean, spread = recorded.features.mean(axis=0), recorded.features.std(axis=0)
    values = _joined(recorded.vectors - middle, recorded.features, mean, spread)
    wanted = recorded.leads(arms)
    ridge = RidgeCV(_PENALTIES, alpha_per_target=True).fit(values, wanted)
    return Ridge(middle, mean, spread, numpy.asarray(ridge.coef_).T, numpy.asarray(ridge.intercept_))


def learn_neighbours(recorded: Recorded, arms: Sequence[str]) -> Leads:
    """Leads by the nearest questions; see ``Neighbours``."""
    return Neighbours(recorded.vectors, recorded.leads(arms))


def learn(recorded: Recorded, how: Learning = learn_ridge, seed: int = 0) -> LearnedRouter:
    """A router for new questions. What it expects is scaled, and budgets are kept, by folds that it was not learned from."""
    import numpy

    arms, n = recorded.arms, len(recorded.groups)
    wanted = recorded.leads(arms)
    costs = numpy.array([float(recorded.costs[a].mean()) for a in arms])
    mean = wanted.mean(axis=0)
    if n < MINIMUM or len(set(recorded.groups)) < 2 * _FOLDS:
        return LearnedRouter(arms, costs, Scaled(None, mean, 0 * mean, mean, False), mean[None], n)
    held = numpy.zeros_like(wanted)
    for rows in recorded.folds(seed):
        of_fold = how(recorded.only(numpy.setdiff1d(numpy.arange(n), rows)), arms)
        held[rows] = of_fold.expected(recorded.vectors[rows], recorded.features[rows])
    slope = numpy.array([_slope(held[:, a], wanted[:, a]) for a in range(len(arms))])
    scaled = Scaled(how(recorded, arms), held.mean(axis=0), slope.clip(_GUESS), mean, bool(slope.any()))
    return LearnedRouter(arms, costs, scaled, scaled.brought(held), n)


def _chosen(leads: numpy.ndarray, costs: numpy.ndarray, weight: float) -> numpy.ndarray:
    """The place of the arm with the highest lead less its weighted cost; of equal ones the cheaper."""
    import numpy

    return numpy.asarray(numpy.argmax(leads - weight * (costs - costs[0]), axis=1))


def _joined(
    vectors: numpy.ndarray, features: numpy.ndarray, mean: numpy.ndarray, spread: numpy.ndarray
) -> numpy.ndarray:
    """Vectors beside standardised features that together are about as long as a unit vector; constant ones count nothing."""
    import numpy

    varying = spread > 0
    standard = (features - mean) / numpy.where(varying, spread, 1.0) * varying
    return numpy.hstack([vectors, standard.clip(-_LIMIT, _LIMIT) / max(1, varying.sum()) ** 0.5])


def _slope(expected: numpy.ndarray, happened: numpy.ndarray) -> float:
    """Of least squares; 0 where it is within chance of 0."""
    x, y = expected - expected.mean(), happened - happened.mean()
    if not (square := float(x @ x)):
        return 0.0
    slope = float(x @ y) / square
    rest = y - slope * x
    error = (float(rest @ rest) / max(1, len(x) - 2) / square) ** 0.5
    return slope if slope > _CLEAR * error else 0.0
