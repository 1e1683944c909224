"""Asking the model what the texts of a question say: as it comes, and once more where it refuses what should be there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.text.refusal import is_refusal
from lm.engine_contract import ContinuingGenerator, Generation, TextGenerator, generate_each
from lm.prompts import pointed, split_pointer
from lm.reply_stream import ReplyStream
from rag.answer.asked_question import ReadingPrompt, ReadQuestion


@dataclass(frozen=True)
class AskedModel:
    """A model with an adapter, or without one, and how many tokens it may reply."""

    engine: TextGenerator
    adapter: Path | None
    max_new_tokens: int

    def replies(self, read: ReadQuestion, stream: ReplyStream | None = None) -> list[Generation]:
        """The reply to each part of a question; ``stream`` hears them as they come."""
        generations: list[Generation] = []
        for prompt in read.prompts:
            reply = self.engine.generate(
                prompt.messages,
                adapter=self.adapter,
                max_new_tokens=self.max_new_tokens,
                on_text=stream.part(prompt.question) if stream else None,
            )
            generations.append(self._insisted(prompt, reply, stream) if read.insists else reply)
        return generations

    def replies_to_each(self, questions: Sequence[ReadQuestion]) -> list[list[Generation]]:
        """The same for several questions: asked at once where the engine can."""
        prompts = [p.messages for read in questions for p in read.prompts]
        each = generate_each(self.engine, prompts, adapter=self.adapter, max_new_tokens=self.max_new_tokens)
        replies = iter(each)
        return [
            [self._insisted(p, next(replies)) if read.insists else next(replies) for p in read.prompts]
            for read in questions
        ]

    def _insisted(self, prompt: ReadingPrompt, reply: Generation, stream: ReplyStream | None = None) -> Generation:
        """The reply or, where it refuses although the answer should be there, what the model says when made to answer.

        An adapted model begins its reply with the number of the passage it rests on: it is given the likeliest one. Where it
        refuses even then, that passage is quoted.
        """
        engine, texts = self.engine, len(prompt.rests_on)
        refused = is_refusal(split_pointer(reply.text)[1])
        if not (refused and texts and self.adapter and isinstance(engine, ContinuingGenerator)):
            return reply
        shares = engine.next_tokens([prompt.messages], "[", adapter=self.adapter, most=texts + 2)[0]
        best = max(range(1, texts + 1), key=lambda n: shares.get(str(n), 0.0))
        again = engine.continue_reply(
            prompt.messages,
            pointed("", [best]).rstrip(),
            adapter=self.adapter,
            max_new_tokens=self.max_new_tokens,
            on_text=stream.part(prompt.question) if stream else None,
        )
        if is_refusal(split_pointer(again.text)[1]) and (quote := prompt.quote(best)):
            again = replace(again, text=pointed(quote, [best]))
        return replace(again, seconds=reply.seconds + again.seconds)
