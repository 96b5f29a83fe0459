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
