"""Drawing questions anew, all questions of one document together: bootstrap intervals and sign-flip tests of many columns.

Answers to questions about the same document are right and wrong together, so the document is the unit that is drawn (cluster
bootstrap: Davison and Hinkley 1997, 3.8; cluster-robust standard error: Liang and Zeger 1986; Miller 2024 for language
models). A question without a document is a unit of its own. All columns of one call share their draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

_BOOTSTRAPS = 2_000
_FLIPS = 10_000
_BLOCK = 500
_LEVEL = 0.95
_TINY = 1e-12


class Resampling:
    """Units of questions, drawn with one ``seed``. ``documents``: of each question; empty where it stands by itself."""

    def __init__(self, questions: int, documents: Sequence[str] = (), seed: int = 0) -> None:
        self.seed = seed
        self.units = numpy.arange(questions)
        if documents:
            names = [name or f"\0{n}" for n, name in enumerate(documents)]
            first = {name: n for n, name in enumerate(dict.fromkeys(names))}
            self.units = numpy.array([first[name] for name in names], dtype=int)
        self.sizes = numpy.bincount(self.units).astype(float)

    @property
    def clustered(self) -> bool:
        """Does any document hold several questions together?"""
        return len(self.sizes) < len(self.units)

    def bounds(self, values: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """``values`` (questions, columns) to the two ends of a 95 % percentile interval of each column's mean."""
        sums = self._sums(values)
        means = [(counts @ sums) / (counts @ self.sizes)[:, None] for counts in self._drawn()]
        tail = (1 - _LEVEL) / 2 * 100
        low, high = numpy.percentile(numpy.concatenate(means), [tail, 100 - tail], axis=0)
        return low, high

    def ratio_bounds(self, above: numpy.ndarray, below: numpy.ndarray) -> tuple[float, float]:
        """The ends of the interval of the sum of ``above`` over that of ``below``, both (questions,), drawn together."""
        sums = self._sums(numpy.stack([above, below], axis=1))
        drawn = numpy.concatenate([counts @ sums for counts in self._drawn()])
        drawn = drawn[drawn[:, 1] > 0]
        tail = (1 - _LEVEL) / 2
        low, high = numpy.quantile(drawn[:, 0] / drawn[:, 1], [tail, 1 - tail])
        return float(low), float(high)

    def p_values(self, gaps: numpy.ndarray) -> numpy.ndarray:
        """``gaps`` (questions, columns) to the two-sided p of each column: as far from 0 with its units' signs drawn?"""
        sums = self._sums(gaps)
        observed = abs(sums.sum(axis=0)) - _TINY * len(self.units)
        draws = numpy.random.default_rng(self.seed)
        extreme = numpy.zeros(sums.shape[1], dtype=int)
        for _ in range(_FLIPS // _BLOCK):
            signs = draws.integers(0, 2, (_BLOCK, len(sums))) * 2.0 - 1.0
            extreme += (abs(signs @ sums) >= observed).sum(axis=0)
        return numpy.asarray((extreme + 1) / (_FLIPS + 1))

    def standard_errors(self, values: numpy.ndarray) -> numpy.ndarray:
        """Of each column's mean, robust to what the questions of one unit share; 0 with a single unit."""
        units = len(self.sizes)
        if units < 2:
            return numpy.zeros(values.shape[1])
        apart = self._sums(values - values.mean(axis=0))
        return numpy.asarray(numpy.sqrt(units / (units - 1) * (apart**2).sum(axis=0)) / len(self.units))

    def _sums(self, values: numpy.ndarray) -> numpy.ndarray:
        """``values`` (questions, columns) added up by unit."""
        sums = numpy.zeros((len(self.sizes), values.shape[1]))
        numpy.add.at(sums, self.units, values)
        return sums

    def _drawn(self) -> Iterator[numpy.ndarray]:
        """How often each unit is drawn, (draws, units), block after block."""
        draws, units = numpy.random.default_rng(self.seed), len(self.sizes)
        rows = numpy.arange(_BLOCK)[:, None] * units
        for _ in range(_BOOTSTRAPS // _BLOCK):
            places = draws.integers(0, units, (_BLOCK, units)) + rows
            yield numpy.bincount(places.ravel(), minlength=_BLOCK * units).reshape(_BLOCK, units).astype(float)
