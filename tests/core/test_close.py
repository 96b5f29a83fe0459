"""Giving a connection back, when that is what is interrupted."""

from __future__ import annotations

import pytest

from tests.core.stepper import Clock, Stepper, plan, response, step
from twinwire._core.effects import Close, Flow, Interrupted
from twinwire._core.stream import OpenStream

SSE = {"content-type": "text/event-stream"}


@pytest.mark.parametrize("status", [200, 500])
def test_an_interrupted_close_is_asked_for_again(status: int) -> None:
    """Ctrl-C may come before the close has done anything, and nobody else would give the connection back."""
    flow = step(plan())
    flow.answer(response(status))
    flow.answer(b"")
    first = flow.expect(Close)
    flow.fail(Interrupted())
    again = flow.expect(Close)
    flow.answer(None)

    assert again.response is first.response
    assert isinstance(flow.error, Interrupted)


def test_an_interrupted_close_of_a_stream_is_asked_for_again() -> None:
    """So it is on leaving the block around a stream, where a rest may be waited for; the second time there is no wait."""
    flow = step(plan(stream=True))
    flow.answer(response(200, SSE))
    flow.answer(b"data: hello\n\n")
    assert isinstance(flow.result, OpenStream)
    closing: Flow[None] = flow.result.close()
    stepper = Stepper(closing, Clock())
    stepper.expect(Close)
    stepper.fail(Interrupted())

    assert stepper.expect(Close).drain_seconds == 0.0


@pytest.mark.parametrize("read", [b"data: hello\n\ndata: more\n\n", b"data: hello\n\ndata: BAD\n\n"])
def test_what_was_not_read_before_a_close_is_lost(read: bytes) -> None:
    """A stream that its consumer closed is over: neither items that were ready nor an error behind them come after that."""
    flow = step(plan(stream=True))
    flow.answer(response(200, SSE))
    flow.answer(read)
    assert isinstance(flow.result, OpenStream)
    Stepper(flow.result.close(), Clock()).skip(Close)
    after = Stepper(flow.result.next_batch(), Clock())

    assert after.error is None
    assert after.result == []
