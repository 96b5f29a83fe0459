# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/usage.yaml`."""

from __future__ import annotations

from attrs import field

from twinwire._model import base


@base.define
class CompletionTokensDetails(base.Model):
    """What the tokens of an answer consist of."""

    reasoning_tokens: int | None = None
    """Thought, not shown as text."""
    text_tokens: int | None = None
    """
    Text.

    Providers: openai.
    """
    audio_tokens: int | None = None
    """Sound."""
    image_tokens: int | None = None
    """
    Images.

    Providers: openrouter.
    """
    accepted_prediction_tokens: int | None = None
    """Tokens of the prediction that the answer took over."""
    rejected_prediction_tokens: int | None = None
    """Tokens of the prediction that the answer did not take over. They are paid for all the same."""


@base.define
class CompletionUsage(base.Model):
    """Tokens and cost of one chat call."""

    prompt_tokens: int | None = None
    """Tokens of the request, cached ones included."""
    completion_tokens: int | None = None
    """Tokens of the answer, reasoning included (with xAI, reasoning comes on top)."""
    total_tokens: int | None = None
    """All tokens. It is not always the sum of the two."""
    prompt_tokens_details: PromptTokensDetails | None = None
    """What `prompt_tokens` consists of."""
    completion_tokens_details: CompletionTokensDetails | None = None
    """What `completion_tokens` consists of."""
    cost: float | None = field(default=None, metadata={"lenient": True})
    """
    What the call cost: with OpenRouter the credits charged (US dollars) as a number, with Perplexity an object of
    parts, which is then in `extra`. `cost` on the reply has it as an exact decimal with its provenance.

    Providers: openrouter.
    """
    cost_details: CostDetails | None = None
    """
    What the company that ran the model asked.

    Providers: openrouter.
    """
    is_byok: bool | None = None
    """
    Whether your own key with the company was used, so that it, not OpenRouter, charges for the tokens.

    Providers: openrouter.
    """
    server_tool_use: ServerToolUseDetails | None = None
    """
    The older name of `server_tool_use_details`.

    Providers: openrouter.
    """
    server_tool_use_details: ServerToolUseDetails | None = None
    """
    Tools that were run on the provider's side.

    Providers: openrouter.
    """
    service_tier: str | None = None
    """How the request was really processed. Mistral reports it here."""


@base.define
class CostDetails(base.Model):
    """
    What the company that ran the model asked for the call, in US dollars.

    Providers: openrouter.
    """

    upstream_inference_cost: float | None = None
    """All of it. Null where OpenRouter's own key was used."""
    upstream_inference_prompt_cost: float | None = None
    """For the request."""
    upstream_inference_completions_cost: float | None = None
    """For the answer."""
    server_tool_cost: float | None = None
    """For tools that OpenRouter ran."""


@base.define
class PromptTokensDetails(base.Model):
    """What the tokens of a request consist of. Each number is part of `prompt_tokens`."""

    cached_tokens: int | None = None
    """Read from the provider's cache."""
    cache_write_tokens: int | None = None
    """Written to the provider's cache."""
    text_tokens: int | None = None
    """From text."""
    audio_tokens: int | None = None
    """From sound."""
    image_tokens: int | None = None
    """From images."""
    video_tokens: int | None = None
    """
    From video.

    Providers: openrouter.
    """
    file_tokens: int | None = None
    """
    From files.

    Providers: openrouter.
    """


@base.define
class ServerToolUseDetails(base.Model):
    """
    Tools that were run on the provider's side. The numbers overlap; do not add them up.

    Providers: openrouter.
    """

    tool_calls_requested: int | None = None
    """How many runs of OpenRouter's tools the model asked for."""
    tool_calls_executed: int | None = None
    """How many of them ran and gave a result."""
    web_search_requests: int | None = None
    """How many searches of the web were made, with OpenRouter's tool or the company's own."""
