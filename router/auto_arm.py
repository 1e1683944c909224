"""The arm ``auto``: routes the question and lets the chosen arm answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from corpus.text.refusal import REFUSAL
from lm.answerer import Answer, Answerer, Route, checked_question
from router.answer_chance import Weighing
from router.route import ABSTAIN, Router


class AutoAnswerer:
    """Answers with the arm the router chooses, or says that nothing relevant is known."""

    def __init__(
        self, router: Router, answerers: Mapping[str, Answerer], weighing: Weighing | None = None, name: str = "auto"
    ) -> None:
        self.name = name
        self.router = router
        self.answerers = answerers
        self.weighing = weighing

    def route(self, question: str) -> Route:
        """The arm that would answer, ``abstain`` among them. An empty question raises ``InputError``."""
        return self.router.route(checked_question(question))

    def answer(self, question: str) -> Answer:
        """See ``Answerer``; ``Answer.route`` tells the arm and the reason."""
        route = self.route(question)
        if route.arm == ABSTAIN:
            return Answer(question, REFUSAL, ABSTAIN, abstained=True, route=route)
        return self._weighed(self.answerers[route.arm].answer(question), route)

    def stream(self, question: str) -> Iterator[str | Answer]:
        """See ``Answerer``."""
        route = self.route(question)
        if route.arm == ABSTAIN:
            yield REFUSAL
            yield Answer(question, REFUSAL, ABSTAIN, abstained=True, route=route)
            return
        for piece in self.answerers[route.arm].stream(question):
            yield self._weighed(piece, route) if isinstance(piece, Answer) else piece

    def _weighed(self, answer: Answer, route: Route) -> Answer:
        """The answer with its route, and how likely it is right where that was learned."""
        return (self.weighing.weighed(answer) if self.weighing else answer).routed(route)
