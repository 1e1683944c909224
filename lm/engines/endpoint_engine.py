"""The engine ``endpoint``: any chat model LangChain reaches (an OpenAI-compatible server, or a hosted one)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.cancellation import stop_if_cancelled
from corpus.errors import ModelError
from lm.engine_contract import Generation, Message
from lm.models.weights import adapter_name

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk


class EndpointGenerator:
    """A model behind ``init_chat_model``. An adapter is a model by the name of its project and version, as vLLM serves them.

    OpenAI calls the longest reply ``max_completion_tokens`` now; Ollama, LM Studio and llama-cpp-python read ``max_tokens``
    alone and would go on without end. A server of one's own is told both, until it refuses that.
    """

    def __init__(self, provider: str, model: str, *, base_url: str | None = None, api_key: str | None = None) -> None:
        self.provider = provider
        self.model = model
        self.name = f"endpoint:{provider}:{model}"
        self.base_url = base_url
        self.api_key = api_key
        self._tells_both = provider == "openai" and bool(base_url)
        self._chats: dict[str, BaseChatModel] = {}

    def generate(
        self,
        messages: Sequence[Message],
        *,
        adapter: Path | None = None,
        max_new_tokens: int = 96,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        """See ``TextGenerator``. Raises ``ModelError`` with what the server said."""
        model = self.model if adapter is None else adapter_name(adapter)
        try:
            return self._asked(model, messages, max_new_tokens, on_text)
        except Exception as error:  # each provider raises its own classes
            if self._tells_both and "max_tokens" in str(error):
                self._tells_both = False
                return self.generate(messages, adapter=adapter, max_new_tokens=max_new_tokens, on_text=on_text)
            raise ModelError(
                f"{self.name}: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}",
                mend="check the address, the key and the model's name",
            ) from error

    def _asked(
        self, model: str, messages: Sequence[Message], max_new_tokens: int, on_text: Callable[[str], None] | None
    ) -> Generation:
        chat = self._chat(model, max_new_tokens)
        turns = [(m["role"], m["content"]) for m in messages]
        start = time.perf_counter()
        first = 0.0
        whole: AIMessageChunk | None = None
        stop_if_cancelled()
        for chunk in chat.stream(turns):
            stop_if_cancelled()
            first = first or time.perf_counter() - start
            whole = chunk if whole is None else whole + chunk
            if on_text and chunk.text:
                on_text(chunk.text)
        used = getattr(whole, "usage_metadata", None) or {}
        text = whole.text if whole is not None else ""
        return Generation(
            str(text),
            used.get("input_tokens", 0),
            used.get("output_tokens", 0),
            time.perf_counter() - start,
            first_token_s=first,
        )

    def _chat(self, model: str, max_new_tokens: int) -> BaseChatModel:
        key = f"{model}/{max_new_tokens}/{self._tells_both}"
        if key not in self._chats:
            from langchain.chat_models import init_chat_model

            more: dict[str, str | dict[str, int] | None] = {"base_url": self.base_url, "api_key": self.api_key}
            if self._tells_both:
                more["extra_body"] = {"max_tokens": max_new_tokens}
            try:
                self._chats[key] = init_chat_model(
                    model,
                    model_provider=self.provider,
                    temperature=0,
                    max_tokens=max_new_tokens,
                    **{k: v for k, v in more.items() if v},
                )
            except (ImportError, ValueError) as error:
                raise ModelError(f"{self.name}: {error}", mend="install the provider's LangChain package") from error
        return self._chats[key]
