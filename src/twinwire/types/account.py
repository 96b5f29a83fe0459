# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/account.yaml`."""

from __future__ import annotations

from typing import Literal

from twinwire._model import base
from twinwire._model.reply import ListReply, Reply


@base.define
class Credits(base.Model):
    """
    What an account has bought and used, in US dollars.

    Providers: openrouter.
    """

    total_credits: float | None = None
    """Bought."""
    total_usage: float | None = None
    """Used."""


@base.define
class CreditsResponse(Reply):
    """
    The credits of an account.

    Providers: openrouter.
    """

    data: Credits
    """The credits."""


@base.define
class Generation(base.Model):
    """
    What became of one call. Counts that begin with `native_` are in the model's own tokens; those are billed.

    Providers: openrouter.
    """

    id: str | None = None
    """The id that the reply had."""
    upstream_id: str | None = None
    """The id that the company gave it."""
    request_id: str | None = None
    """The request that it belongs to; one request may cause several."""
    session_id: str | None = None
    """The session that it belongs to."""
    model: str | None = None
    """The model that answered."""
    router: str | None = None
    """The router that chose the model, such as `openrouter/auto`."""
    provider_name: str | None = None
    """The company that ran the model."""
    created_at: str | None = None
    """When it was made, in ISO 8601."""
    api_type: Literal["completions", "embeddings", "rerank", "tts", "stt", "video", "image"] | str | None = None
    """The kind of call."""
    streamed: bool | None = None
    """Whether the reply was streamed."""
    cancelled: bool | None = None
    """Whether it was broken off."""
    finish_reason: str | None = None
    """Why the model stopped."""
    native_finish_reason: str | None = None
    """The same in the words of the company."""
    total_cost: float | None = None
    """What it cost, in US dollars."""
    usage: float | None = None
    """What was charged for it, in US dollars."""
    upstream_inference_cost: float | None = None
    """What the company asked for it."""
    cache_discount: float | None = None
    """What caching saved."""
    is_byok: bool | None = None
    """Whether your own key with the company was used."""
    latency: float | None = None
    """Milliseconds until it began to answer."""
    generation_time: float | None = None
    """Milliseconds that the answer took."""
    moderation_latency: float | None = None
    """Milliseconds that moderation took."""
    tokens_prompt: int | None = None
    """Tokens of the request."""
    tokens_completion: int | None = None
    """Tokens of the answer."""
    native_tokens_prompt: int | None = None
    """Tokens of the request."""
    native_tokens_completion: int | None = None
    """Tokens of the answer."""
    native_tokens_completion_images: int | None = None
    """Tokens of images in the answer."""
    native_tokens_reasoning: int | None = None
    """Tokens of reasoning."""
    native_tokens_cached: int | None = None
    """Tokens read from a cache."""
    num_media_prompt: int | None = None
    """Images and the like in the request."""
    num_input_audio_prompt: int | None = None
    """Sounds in the request."""
    num_media_completion: int | None = None
    """Images and the like in the answer."""
    num_search_results: int | None = None
    """Search results that the model was given."""
    num_fetches: int | None = None
    """Pages that were fetched."""
    web_search_engine: str | None = None
    """The search engine that was used."""
    service_tier: str | None = None
    """How the company says it processed the request."""
    data_region: Literal["global", "europe", "us"] | str | None = None
    """The region that the request was kept to."""
    origin: str | None = None
    """The site that the request came from."""
    http_referer: str | None = None
    """The `HTTP-Referer` of the request."""
    user_agent: str | None = None
    """The `User-Agent` of the request."""
    external_user: str | None = None
    """The `user` of the request."""
    app_id: int | None = None
    """The app that made the request."""
    preset_id: str | None = None
    """The preset that was used."""
    workspace_id: str | None = None
    """The workspace that it counts for."""
    response_cache_source_id: str | None = None
    """The earlier call whose answer was given again."""
    provider_responses: list[GenerationAttempt] | None = None
    """What each endpoint that was tried answered."""


@base.define
class GenerationAttempt(base.Model):
    """
    What one endpoint answered.

    Providers: openrouter.
    """

    id: str | None = None
    """The id that the company gave the answer."""
    status: int | None = None
    """Its HTTP status."""
    provider_name: str | None = None
    """The company."""
    endpoint_id: str | None = None
    """The endpoint."""
    model_permaslug: str | None = None
    """The version of the model."""
    latency: float | None = None
    """Milliseconds until it answered."""
    is_byok: bool | None = None
    """Whether your own key with the company was used."""
    routed_service_tier: Literal["flex", "priority"] | str | None = None
    """The way of processing that was asked for."""


@base.define
class GenerationResponse(Reply):
    """
    What became of one call.

    Providers: openrouter.
    """

    data: Generation
    """The call."""


@base.define
class KeyInfo(base.Model):
    """
    What a key may do and has done. Amounts are in US dollars; days, weeks and months are those of UTC.

    Providers: openrouter.
    """

    label: str | None = None
    """A name for the key that does not give it away."""
    limit: float | None = None
    """How much it may spend; null if there is no limit."""
    limit_remaining: float | None = None
    """How much of it is left."""
    limit_reset: str | None = None
    """How often the limit starts anew."""
    usage: float | None = None
    """What it has spent."""
    usage_daily: float | None = None
    """What it has spent today."""
    usage_weekly: float | None = None
    """What it has spent since Monday."""
    usage_monthly: float | None = None
    """What it has spent this month."""
    byok_usage: float | None = None
    """What it has spent on your own keys with companies."""
    byok_usage_daily: float | None = None
    """The same for today."""
    byok_usage_weekly: float | None = None
    """The same since Monday."""
    byok_usage_monthly: float | None = None
    """The same for this month."""
    include_byok_in_limit: bool | None = None
    """Whether spending on your own keys counts for the limit."""
    is_free_tier: bool | None = None
    """Whether the account has never bought credits."""
    is_management_key: bool | None = None
    """Whether it manages other keys."""
    is_provisioning_key: bool | None = None
    """
    Whether it manages other keys.

    Deprecated: Replaced by `is_management_key`.
    """
    creator_user_id: str | None = None
    """Who made it."""
    expires_at: str | None = None
    """When it stops working, in ISO 8601; null for never."""
    rate_limit: KeyRateLimit | None = None
    """
    How often it could once be used.

    Deprecated: It no longer says anything; the number of requests is always -1.
    """


@base.define
class KeyRateLimit(base.Model):
    """
    How often a key could once be used.

    Providers: openrouter.
    """

    requests: int | None = None
    """How many requests in an interval."""
    interval: str | None = None
    """The interval, such as `10s`."""
    note: str | None = None
    """What to make of it."""


@base.define
class KeyResponse(Reply):
    """
    What the key of the request may do and has done.

    Providers: openrouter.
    """

    data: KeyInfo
    """The key."""


@base.define
class ProviderInfo(base.Model):
    """
    A company that runs models.

    Providers: openrouter.
    """

    name: str | None = None
    """The name to show to people."""
    slug: str | None = None
    """The name to prefer or avoid it by."""
    privacy_policy_url: str | None = None
    """Where its privacy policy is."""
    terms_of_service_url: str | None = None
    """Where its terms are."""
    status_page_url: str | None = None
    """Where it tells of trouble."""
    headquarters: str | None = None
    """The country that it is in, as two letters (ISO 3166-1)."""
    datacenters: list[str] | None = None
    """The countries that its machines are in, as two letters (ISO 3166-1)."""


@base.define
class ProvidersResponse(ListReply):
    """
    The companies that run models for OpenRouter.

    Providers: openrouter.
    """

    data: list[ProviderInfo]
    """The companies."""
