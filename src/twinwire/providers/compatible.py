"""Servers that speak OpenAI's chat dialect: known services by host, and any other."""

from __future__ import annotations

from typing import ClassVar

from twinwire.providers.base import Prefill, Provider


class CompatibleProvider(Provider):
    """A server of which nothing more is known; nothing is sent that the user did not set."""

    context_length_phrases: ClassVar[tuple[str, ...]] = (
        "maximum context length is",  # vLLM, DeepSeek
        "exceeds the available context size",  # llama.cpp
        "exceeded max context length",  # Ollama
        "total length of all messages is too long",  # Perplexity
    )
    model_not_found_phrases: ClassVar[tuple[str, ...]] = ("Invalid model: ", "Specified model not found")


class GroqProvider(CompatibleProvider):
    """Groq: usage in `x_groq` and, asked for, in a last chunk; errors as `event: error`."""

    name: ClassVar[str] = "groq"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.groq.com"})
    key_variable: ClassVar[str | None] = "GROQ_API_KEY"
    takes_include_usage: ClassVar[bool] = True


class MistralProvider(CompatibleProvider):
    """Mistral: usage without being asked; it answers unknown fields with 422, so none is added."""

    name: ClassVar[str] = "mistral"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.mistral.ai"})
    key_variable: ClassVar[str | None] = "MISTRAL_API_KEY"
    request_id_headers: ClassVar[tuple[str, ...]] = ("mistral-correlation-id", "x-request-id")
    # `prefix` makes the model begin its answer with that content, and the answer holds the content again, streams too.
    # Source: Mistral's API description (AssistantMessage.prefix, version 1.0.0); vercel/ai pull request 3256, which takes the
    # repetition out, and SillyTavern issue 2557. Checked 2026-11-21.
    prefill: ClassVar[Prefill | None] = Prefill("every model", message_fields=(("prefix", True),), repeats=True)


class DeepSeekProvider(CompatibleProvider):
    """DeepSeek."""

    name: ClassVar[str] = "deepseek"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.deepseek.com"})
    key_variable: ClassVar[str | None] = "DEEPSEEK_API_KEY"
    takes_include_usage: ClassVar[bool] = True
    request_id_headers: ClassVar[tuple[str, ...]] = ("x-ds-trace-id", "x-request-id")
    # "Chat Prefix Completion (Beta)": the last message is the assistant's with `prefix: true`, at the beta address alone; meant also
    # for joining answers that were too long. Source: DeepSeek's API guide of that name, and its news of 2024-07-25. Checked 2026-11-21.
    prefill: ClassVar[Prefill | None] = Prefill(
        "base_url='https://api.deepseek.com/beta'", url_ending="/beta", message_fields=(("prefix", True),)
    )


class XAIProvider(CompatibleProvider):
    """xAI."""

    name: ClassVar[str] = "xai"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.x.ai"})
    key_variable: ClassVar[str | None] = "XAI_API_KEY"
    takes_include_usage: ClassVar[bool] = True


class TogetherProvider(CompatibleProvider):
    """Together: usage in the last chunk, unasked."""

    name: ClassVar[str] = "together"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.together.xyz", "api.together.ai"})
    key_variable: ClassVar[str | None] = "TOGETHER_API_KEY"


class PerplexityProvider(CompatibleProvider):
    """Perplexity: usage in every chunk, cumulative."""

    name: ClassVar[str] = "perplexity"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.perplexity.ai"})
    key_variable: ClassVar[str | None] = "PERPLEXITY_API_KEY"


class CerebrasProvider(CompatibleProvider):
    """Cerebras."""

    name: ClassVar[str] = "cerebras"
    hosts: ClassVar[frozenset[str]] = frozenset({"api.cerebras.ai"})
    key_variable: ClassVar[str | None] = "CEREBRAS_API_KEY"
