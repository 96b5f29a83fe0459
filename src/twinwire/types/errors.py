# Generated from spec/ by codegen. Do not edit: change the spec, then run `nox -s generate`.
# Written with datamodel-code-generator 0.89.0, ruff 0.17.5.

"""The types of `spec/schemas/errors.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from twinwire._model import base

if TYPE_CHECKING:
    from twinwire._model.json import Json, JsonObject
    from twinwire._model.unknown import UnknownMember


@base.define
class ErrorMetadata(base.Model):
    """
    What OpenRouter adds to an error.

    Providers: openrouter.
    """

    error_type: (
        Literal[
            "context_length_exceeded",
            "max_tokens_exceeded",
            "token_limit_exceeded",
            "string_too_long",
            "authentication",
            "permission_denied",
            "payment_required",
            "rate_limit_exceeded",
            "provider_overloaded",
            "provider_unavailable",
            "invalid_request",
            "invalid_prompt",
            "not_found",
            "precondition_failed",
            "payload_too_large",
            "unprocessable",
            "content_policy_violation",
            "refusal",
            "invalid_image",
            "image_too_large",
            "image_too_small",
            "unsupported_image_format",
            "image_not_found",
            "image_download_failed",
            "server",
            "timeout",
            "unmapped",
        ]
        | str
        | None
    ) = None
    """The cause, the same over all of OpenRouter's APIs."""
    provider_code: str | None = None
    """The code that the company gave."""
    provider_name: str | None = None
    """The company that failed."""
    raw: Json | None = None
    """What the company answered, usually as text, which is often JSON."""
    headers: JsonObject | None = None
    """Limits of the account, by header name. `X-RateLimit-Reset` is in milliseconds since 1970."""
    previous_errors: list[ErrorObject] | None = None
    """What went wrong with the endpoints that were tried before."""
    reasons: list[str] | None = None
    """Why a moderation model flagged the request."""
    flagged_input: str | None = None
    """The stretch of the request that was flagged."""
    model_slug: str | None = None
    """The model that the request was for."""
    limit_source: str | None = None
    """Which limit was hit."""
    remedy_hint: str | None = None
    """What to do about it."""


@base.define
class ErrorObject(base.Model):
    """What went wrong."""

    message: str | None = None
    """The error in a sentence."""
    type: str | None = None
    """The class of the error, such as `invalid_request_error`. OpenRouter sends none."""
    param: str | None = None
    """
    The parameter of the request that is at fault.

    Providers: openai.
    """
    code: str | int | None = None
    """The error in a word (OpenAI), or a number like an HTTP status (OpenRouter), sometimes as text."""
    metadata: ErrorMetadata | None = None
    """
    What OpenRouter knows beyond it.

    Providers: openrouter.
    """
    failed_generation: str | None = None
    """What the model had written, where Groq could not use it."""
    status: int | None = None
    """The HTTP status, in errors that come with status 200 (Azure)."""
    status_code: int | None = None
    """The HTTP status, in errors that come within a stream (Groq)."""


@base.define
class ErrorResponse(base.Model):
    """
    The body of a failed call. Most servers put an object under `error`; xAI and Venice put a text there; Mistral
    and others put the fields of the object at the top, or a `detail`.
    """

    error: ErrorObject | str | UnknownMember | None = None
    """What went wrong."""
    user_id: str | None = None
    """
    The account that asked.

    Providers: openrouter.
    """
    openrouter_metadata: JsonObject | None = None
    """
    How the request was routed before it failed.

    Providers: openrouter.
    """
    message: str | None = None
    """What went wrong, where there is no `error`."""
    type: str | None = None
    """The class of the error, where there is no `error`."""
    code: str | int | None = None
    """The error in a word or number, where it stands beside `error` or there is none."""
    param: str | None = None
    """The parameter that is at fault, where there is no `error`."""
    detail: Json | None = None
    """What went wrong, as servers built on FastAPI tell it; a text, or a list of what is wrong in the body."""
