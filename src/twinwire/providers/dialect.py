"""
How a provider's answers are judged: what is a success, which class an error has, and whether another attempt may help.

By status and structured code first; by phrases only where a server sends nothing else, and those stand with their provider.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from twinwire._core.delays import server_delay
from twinwire._core.headers import Headers
from twinwire.chat.chunk_errors import chunk_error, unwrapped
from twinwire.errors import (
    APIError,
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    ContentFilterError,
    ContextLengthError,
    DecodeError,
    InternalServerError,
    ModelNotFoundError,
    NotFoundError,
    OverloadedError,
    PaymentRequiredError,
    PermissionDeniedError,
    QuotaExceededError,
    RateLimitError,
    StreamError,
    UnprocessableEntityError,
)
from twinwire.providers.error_bodies import ErrorFacts, read_error, shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._model.json import Json, JsonObject
    from twinwire.providers.base import Provider

_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    402: PaymentRequiredError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: BadRequestError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    503: OverloadedError,
    529: OverloadedError,
}

# Codes and types that name the cause whatever the status. Sources: the recordings, the providers' published error lists, and
# the threads in their fact sheet; checked 2026-11-20.
_BY_WORD: dict[str, type[APIStatusError]] = {
    "insufficient_quota": QuotaExceededError,
    "billing_hard_limit_reached": QuotaExceededError,
    "billing_not_active": QuotaExceededError,
    "context_length_exceeded": ContextLengthError,
    "exceed_context_size_error": ContextLengthError,  # llama.cpp
    "too_many_prompt_tokens": ContextLengthError,  # Perplexity
    "token_limit_exceeded": ContextLengthError,  # OpenRouter
    "content_filter": ContentFilterError,
    "content_policy_violation": ContentFilterError,
    "responsibleaipolicyviolation": ContentFilterError,  # Azure
    "model_not_found": ModelNotFoundError,
    "invalid_model": ModelNotFoundError,  # Mistral
    "model_decommissioned": ModelNotFoundError,  # Groq
    "invalid_api_key": AuthenticationError,
    "authentication": AuthenticationError,
    "payment_required": PaymentRequiredError,
    "permission_denied": PermissionDeniedError,
    "rate_limit_exceeded": RateLimitError,
    "provider_overloaded": OverloadedError,
    "overloaded_error": OverloadedError,
    "provider_unavailable": InternalServerError,
    "server": InternalServerError,
    "server_error": InternalServerError,
    "timeout": InternalServerError,
}
_STATUS_OF: dict[type[APIStatusError], int] = {
    QuotaExceededError: 429,
    RateLimitError: 429,
    ContextLengthError: 400,
    ContentFilterError: 400,
    ModelNotFoundError: 404,
    AuthenticationError: 401,
    PaymentRequiredError: 402,
    PermissionDeniedError: 403,
    OverloadedError: 503,
    InternalServerError: 500,
}
# Transient by common agreement (RFC 9110 for 408, 502-504; 529 is Anthropic's; 520-524 are Cloudflare's, in front of many).
_TRANSIENT = frozenset({408, 409, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
# These words hold whatever the status says. The others speak where it leaves the cause open: `server_error` beside a 429 or a 401
# says less than the status.
_PARTICULAR = frozenset({QuotaExceededError, ContextLengthError, ContentFilterError, ModelNotFoundError})
_VAGUE = frozenset({APIStatusError, BadRequestError, InternalServerError})
_NEVER_RETRIED = (QuotaExceededError, ContextLengthError, ContentFilterError, ModelNotFoundError, AuthenticationError)

_SHOWN_PLACE_LENGTH = 300
MAX_DEPTH = 100
"""How deep JSON is kept; it may be nested deeper than Python's own functions can follow, and no real answer comes near."""


class ProviderDialect:
    """
    Judges replies for one call.

    *mask* hides keys in whatever a server echoes, *build* makes the reply that stands in an error's `partial`, *wall_now* is our
    clock in epoch seconds.
    """

    def __init__(
        self,
        provider: Provider,
        mask: Callable[[str], str],
        build: Callable[[JsonObject], object],
        wall_now: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._mask = mask
        self._build = build
        self._wall_now = wall_now

    def request_id(self, headers: Headers) -> str | None:
        """The provider's id of the exchange, from whichever header it uses."""
        for name in self._provider.request_id_headers:
            value = headers.get(name)
            if value:
                return self._mask(value)
        return None

    def accept(self, status: int, headers: Headers, body: bytes) -> Json:
        """
        Read a 2xx body: JSON, as an object or a list, which holds no error.

        Raises:
            APIStatusError: the body, or one of its choices, is an error; in the class of its cause.
            DecodeError: it is not JSON, or not an object, or an answer without a single choice; `body` holds its text.
        """
        data = unwrapped(parse_json(body))
        if isinstance(data, str | int | float) or data is None:
            raise self._undecodable("the reply is JSON, but no object", body, retry_safe=True)
        error = chunk_error(data)
        if error is not None:
            raise self.reported(error, status, headers, partial=self._partial(data))
        if is_too_deep(data, body.count(b"[") + body.count(b"{")):
            raise self._undecodable(f"the reply is nested deeper than {MAX_DEPTH} levels", body)
        if isinstance(data, dict) and data.get("choices") == []:
            # It was an answer, and may well be the same again: not repeated.
            raise self._undecodable("the reply has no choices", body, path="$.choices")
        return data

    def misfit(self, status: int, headers: Headers, body: bytes) -> APIError:
        """
        A whole JSON reply where a stream was asked: an error, with the reply in `partial`.

        Raises:
            APIStatusError, DecodeError: as `accept` does, of the body.
        """
        data = self.accept(status, headers, body)
        media_type = self._mask(headers.get("content-type", "none"))
        return StreamError(
            f"a stream was asked for, and a whole reply came (status {status}, content type {media_type[:80]})",
            partial=self._partial(data),
            retry_safe=False,
            possibly_billed=True,
        )

    def refuse(self, status: int, headers: Headers, body: bytes) -> APIStatusError:
        """The error for any status but 2xx."""
        try:
            parsed = self.masked(parse_json(body))
        except DecodeError:
            parsed = self._mask(body.decode("utf-8", "replace"))
        if 300 <= status < 400:
            place = _place(self._mask(headers.get("location", "")))
            facts = ErrorFacts(message=f"the server redirects to {place}, and redirects are not followed")
        elif isinstance(parsed, str):
            facts = ErrorFacts(message=_plain_text(parsed, headers))
        else:
            facts = read_error(parsed)
        return self._error(status, headers, facts, parsed)

    def reported(self, body: JsonObject, status: int, headers: Headers, *, partial: object = None) -> APIStatusError:
        """The error for one inside a 2xx, *body* as `chunk_error` gave it: its own status counts, or what its code implies."""
        body = {name: self.masked(value) for name, value in body.items()}
        facts = read_error(body)
        kind = self._class_by_words(facts)
        true_status = facts.named_status or (_STATUS_OF.get(kind) if kind is not None else None) or status
        # The reply's own headers speak of the reply (servers send Retry-After on a 200), so only the body's count, and the clock.
        clock = Headers([("date", date) for date in headers.get_all("date")])
        error = self._error(true_status, clock, facts, body.get("error", body))
        error.request_id = self.request_id(headers)
        error.partial = partial
        error.sent = True
        error.possibly_billed = partial is not None
        return error

    def _error(self, status: int, headers: Headers, facts: ErrorFacts, body: Json) -> APIStatusError:
        """Make the error; *facts* and *body* hold no key any more."""
        kind = self._class_by_words(facts)
        by_status = _class_by_status(status)
        if kind is None or (kind not in _PARTICULAR and by_status not in _VAGUE):
            kind = by_status
        error = kind(
            f"{self._provider.name} answered {status}: {facts.message or 'no message'}",
            status_code=status,
            code=facts.code,
            type=facts.type,
            param=facts.param,
            body=body,
            sent=True,
        )
        self._judge_retry(error, headers, facts)
        return error

    def _judge_retry(self, error: APIStatusError, headers: Headers, facts: ErrorFacts) -> None:
        stated = Headers((*headers.pairs, *facts.limit_headers))
        delay = server_delay(stated, self._wall_now(), is_rate_limit=error.status_code == 429)
        status = error.status_code
        may_retry = status in _TRANSIENT and not isinstance(error, _NEVER_RETRIED)
        if status == 402 and delay is not None and not isinstance(error, QuotaExceededError):
            may_retry = True  # OpenRouter's budget for calls in flight: it frees itself
        told = stated.get("x-should-retry", "").strip().lower()
        if told in {"true", "false"} and not isinstance(error, QuotaExceededError):
            may_retry = told == "true"
        error.retry_safe = (
            may_retry if may_retry or status >= 300 else None
        )  # inside a 200, without a cause: nobody knows
        if delay is None:
            return
        if delay.absurd is None:
            error.retry_after = delay.seconds
        elif may_retry:
            error.retry_safe = False
            error.args = (f"{error.args[0]} ({delay.source} is {delay.absurd!r}, which cannot be obeyed)",)

    def _class_by_words(self, facts: ErrorFacts) -> type[APIStatusError] | None:
        for word, kind in _BY_WORD.items():  # in their order: of several words the one that says most
            if word in facts.words:
                return kind
        message = facts.message or ""
        phrases = (
            (self._provider.context_length_phrases, ContextLengthError),
            (self._provider.quota_phrases, QuotaExceededError),
            (self._provider.content_filter_phrases, ContentFilterError),
            (self._provider.model_not_found_phrases, ModelNotFoundError),
        )
        return next((kind for known, kind in phrases if any(phrase in message for phrase in known)), None)

    def _partial(self, data: Json) -> object:
        """What a body holds of an answer, or None."""
        return self._build(data) if isinstance(data, dict) and "choices" in data else None

    def _undecodable(
        self, message: str, body: bytes, *, path: str = "$", retry_safe: bool | None = None
    ) -> DecodeError:
        text = self._mask(body.decode("utf-8", "replace"))
        return DecodeError(message, path=path, body=text, retry_safe=retry_safe, possibly_billed=True)

    def masked(self, data: Json, depth: int = 0) -> Json:
        """The same JSON without the call's keys, which some servers echo, and without what is nested deeper than anybody reads."""
        if isinstance(data, str):
            return self._mask(data)
        if isinstance(data, dict | list) and depth >= MAX_DEPTH:
            return "…"
        if isinstance(data, dict):
            return {self._mask(name): self.masked(value, depth + 1) for name, value in data.items()}
        if isinstance(data, list):
            return [self.masked(value, depth + 1) for value in data]
        return data


def parse_json(body: bytes) -> Json:
    """
    Parse a whole body; leading white space (OpenRouter keeps connections alive with it) is fine.

    Raises:
        DecodeError: empty, not JSON, too deep, or a number too long. Another attempt may help: the body may have been a
            proxy's, or cut.
    """
    if not body.strip():
        raise DecodeError("the reply is empty", body="", retry_safe=True, possibly_billed=True)
    try:
        data: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        reason = "nested too deep" if isinstance(error, RecursionError) else type(error).__name__
        position = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
    else:
        return data
    # Out of the handler, so that the parser's error is not behind this one: it holds the whole text.
    raise DecodeError(
        f"the reply is not JSON that can be read ({reason}{position})",
        body=body.decode("utf-8", "replace"),
        retry_safe=True,
        possibly_billed=True,
    )


def is_too_deep(data: Json, brackets: int) -> bool:
    """
    Whether *data*, in whose text so many brackets open, is nested too deep.

    It is followed level by level, because recursion is what deep nesting breaks, and only where there are brackets enough.
    """
    layer = [data] if brackets > MAX_DEPTH else []
    for _ in range(MAX_DEPTH + 1):
        inside = [item.values() if isinstance(item, dict) else item for item in layer if isinstance(item, dict | list)]
        layer = [item for items in inside for item in items]
        if not layer:
            return False
    return True


def _class_by_status(status: int) -> type[APIStatusError]:
    kind = _BY_STATUS.get(status)
    if kind is not None:
        return kind
    return InternalServerError if status >= 500 else APIStatusError


def _place(location: str) -> str:
    """Where a redirect leads, without what may be secret: user name, password, query and fragment."""
    try:
        parts = urlsplit(location)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "an address that cannot be read"
    shown_host = f"[{host}]" if host and ":" in host else host
    origin = f"//{shown_host}" + ("" if port is None else f":{port}") if shown_host else ""
    scheme = f"{parts.scheme}:" if parts.scheme else ""
    return shortened(f"{scheme}{origin}{parts.path}")[:_SHOWN_PLACE_LENGTH] or "elsewhere"


def _plain_text(text: str, headers: Headers) -> str:
    """What to say of a body that is no JSON: its text, or that it is a page."""
    if not text.strip():
        return "no body"
    if "html" in headers.get("content-type", "").lower() or text.lstrip()[:1] == "<":
        return "an HTML page instead of JSON (from a proxy in between?)"
    return shortened(text)
