"""One call without a server: its request is built, its gate entered and left with an answer of OpenAI's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire import Breaker, Budget, Limits, OpenAI
from twinwire._client.operation import CallOptions
from twinwire._client.prepare import Prepared
from twinwire._core.gate import Ending
from twinwire._core.headers import Headers
from twinwire._core.trace import Attempt
from twinwire._io import clock
from twinwire._io.driver import IO, run
from twinwire._model.unset import UNSET
from twinwire.clients._operations import CHAT_COMPLETIONS_CREATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from twinwire._core.effects import Flow
    from twinwire._core.store import Store

HEADERS = Headers(
    (
        ("content-type", "application/json"),
        ("x-request-id", "req_1"),
        ("x-ratelimit-limit-requests", "1000000"),
        ("x-ratelimit-remaining-requests", "999999"),
        ("x-ratelimit-reset-requests", "6ms"),
        ("x-ratelimit-limit-tokens", "10000000"),
        ("x-ratelimit-remaining-tokens", "9999990"),
        ("x-ratelimit-reset-tokens", "6ms"),
    )
)


def everything_on(store: Store) -> dict[str, Any]:
    """Limits, a budget for all and one for each user, the ledger, a breaker, prices."""
    return {
        "limits": Limits(requests_per_minute=10**6, tokens_per_minute=10**9, concurrent=1000, store=store),
        "budget": [Budget(usd=10**6, per="day"), Budget(usd=10**5, per="day", scope="user")],
        "ledger": store,
        "breaker": Breaker(),
        "tags": {"user": "42"},
        "prices": True,
    }


def one_call(
    options: dict[str, Any], model: str, messages: object, usage: Mapping[str, object]
) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return what builds a request, and what builds one and passes its gate."""
    client = OpenAI(api_key="sk-of-a-benchmark", base_url="http://127.0.0.1:1/v1", **options)
    settings, guard = client._settings, client._session.guard(client._settings)  # there is no server to ask through it
    world = IO(None)  # type: ignore[arg-type]  # nothing is sent
    arguments: dict[str, object] = {"model": model, "messages": messages, "max_tokens": 100}
    call_options = CallOptions(timeout=UNSET, deadline=UNSET, max_retries=UNSET, extra_headers=None, extra_query=None)
    message = {"role": "assistant", "content": "Hello."}
    data = {"id": "c", "model": model, "choices": [{"index": 0, "message": message}], "usage": dict(usage)}

    def request() -> Prepared:
        return Prepared(settings, CHAT_COMPLETIONS_CREATE, arguments, call_options, is_streaming=False)

    def call() -> None:
        run(_pass(request()), world)

    def _pass(prepared: Prepared) -> Flow[None]:
        gate = prepared.plan(None, guard).gate
        assert gate is not None
        passed = yield from gate.enter(None)
        attempt = Attempt(number=1, started=clock.monotonic(), status=200, ms_to_headers=0.0, ms_to_end=0.0)
        yield from passed.leave(attempt, Ending(headers=HEADERS, data=data, is_last=True))

    return request, call
