"""What a breaker does in its three states, step by step."""

from __future__ import annotations

import gc
import logging
import pickle
import threading

import pytest

from tests.limits.breaking import OTHER, PLACE, TEN, Bench
from twinwire.errors import CircuitOpenError
from twinwire.limits.breaker import Breaker
from twinwire.limits.breakers import FORGOTTEN_AFTER_SECONDS, MANY, MOST, PROBE_SECONDS
from twinwire.limits.circuit import SLOTS, Place

# Closed


def test_it_opens_at_its_rate() -> None:
    """Five of ten is a half; nine calls are not enough, whatever they are."""
    bench = Bench()
    bench.call("success", 5)
    bench.call("failure", 4)
    assert bench.refusal() is None

    bench.call("failure")

    assert bench.refusal() is not None


def test_it_stays_closed_below_its_rate() -> None:
    """Ninety-nine failures among two hundred are less than a half."""
    bench = Bench()
    bench.call("success", 101)
    bench.call("failure", 99)

    assert bench.refusal() is None
    assert bench.state().failure_rate == 0.495


def test_a_rate_is_met_exactly() -> None:
    """Seven of ten is 0.7 although binary fractions are not."""
    bench = Bench(Breaker(failure_rate=0.7, min_calls=10))
    bench.call("success", 3)
    bench.call("failure", 6)
    assert bench.refusal() is None

    bench.call("failure")

    assert bench.refusal() is not None


def test_success_opens_nothing() -> None:
    """With the tenth call the rate is there, but that call was answered; the next failure opens it."""
    bench = Bench()
    bench.call("failure", 9)
    bench.call("success")
    assert bench.refusal() is None

    bench.call("failure")

    assert bench.refusal() is not None


def test_neutral_ends_do_not_count() -> None:
    """A thousand refused requests, cancellations and the like say nothing, in neither direction."""
    bench = Bench()
    bench.call("failure", 9)
    bench.call("neutral", 1000)
    assert bench.refusal() is None
    assert bench.state().calls == 9

    bench.call("failure")

    assert bench.refusal() is not None


def test_the_window_moves() -> None:
    """What is older than the window does not count; what is younger than 19 twentieths of it does."""
    bench = Bench()
    bench.call("failure", 9)
    bench.now += 60.0
    bench.call("failure")
    assert bench.refusal() is None
    assert bench.state().calls == 1

    bench.now += 57.0
    bench.call("failure", 9)

    assert bench.refusal() is not None


def test_failures_in_a_row() -> None:
    """A count of failures in a row opens it as well; a success between them begins anew, a neutral end does not."""
    bench = Bench(Breaker(failure_rate=None, consecutive_failures=3))
    bench.call("failure", 2)
    bench.call("success")
    bench.call("failure", 2)
    bench.call("neutral")
    assert bench.refusal() is None

    bench.call("failure")

    refusal = bench.refusal()
    assert refusal is not None
    assert "because 3 attempts in a row failed, the last by OverloadedError" in str(refusal)


def test_a_row_is_within_windows() -> None:
    """Three failures of three days are not in a row; three that are each within a window of the one before are."""
    bench = Bench(Breaker(failure_rate=None, consecutive_failures=3))
    for _ in range(3):
        bench.call("failure")
        bench.now += 86_400.0
    assert bench.refusal() is None

    for _ in range(3):
        bench.call("failure")
        bench.now += 50.0

    assert bench.breakers.is_open(PLACE) is False  # half-open by now
    assert bench.state().times_opened == 1


def test_a_count_beside_a_rate() -> None:
    """Whichever is met first opens it."""
    bench = Bench(Breaker(failure_rate=0.5, min_calls=4, consecutive_failures=10))
    for _ in range(2):
        bench.call("success")
        bench.call("failure")

    assert bench.refusal() is not None


def test_places_are_apart() -> None:
    """Another model, or another key, has a breaker of its own."""
    bench = Bench().opened()

    assert bench.refusal() is not None
    assert bench.refusal(OTHER) is None
    assert bench.refusal(Place(b"another key", "gpt-4o")) is None


# Open


def test_a_refusal_says_all() -> None:
    """The error has the model, for how long it has been open, when to come back, and why."""
    bench = Bench().opened()
    bench.now += 10.0

    refusal = bench.refusal()

    assert refusal is not None
    assert (refusal.model, refusal.open_seconds, refusal.retry_after) == ("gpt-4o", 10.0, 20.0)
    assert str(refusal) == (
        "the breaker for gpt-4o has been open for 10 s, because 10 of 10 attempts within 60 s failed, the last by OverloadedError; "
        "the next call is let through in 20 s"
    )
    assert vars(pickle.loads(pickle.dumps(refusal))) == vars(refusal)  # noqa: S301  # our own


def test_calls_without_a_model() -> None:
    """Listings have a breaker, too."""
    bench = Bench().opened(Place(b"", None))

    refusal = bench.refusal(Place(b"", None))

    assert refusal is not None
    assert refusal.model is None
    assert "for calls without a model" in str(refusal)
    assert bench.breakers.snapshot()[0].key == ""


@pytest.mark.parametrize("outcome", ["success", "failure", "neutral"])
def test_late_answers_of_an_open_breaker(outcome: str) -> None:
    """A call from before the opening neither closes it nor keeps it open for longer."""
    bench = Bench()
    early = bench.enter()
    bench.opened()
    bench.now += 15.0

    bench.breakers.leave(early, outcome)  # type: ignore[arg-type]  # one of the three

    refusal = bench.refusal()
    assert refusal is not None
    assert refusal.retry_after == 15.0


def test_late_answers_of_a_closed_breaker() -> None:
    """Ten calls from before the opening fail after it has closed again: that is old news."""
    bench = Bench()
    early = [bench.enter() for _ in range(10)]
    bench.half_opened()
    bench.call("success")

    for admission in early:
        bench.breakers.leave(admission, "failure")

    assert bench.refusal() is None
    assert bench.state().calls == 0


def test_a_clock_that_stands_still() -> None:
    """It opens, and never lets anybody through: no time has passed."""
    bench = Bench().opened()

    assert [bench.breakers.is_open(PLACE) for _ in range(3)] == [True, True, True]
    assert bench.breakers.retry_after(PLACE) == 30.0


def test_a_clock_that_goes_back() -> None:
    """Which none should: nothing is counted twice or kept for ever."""
    bench = Bench()
    bench.call("failure", 5)
    bench.now -= 500.0
    bench.call("failure", 4)
    bench.now += 600.0

    assert bench.refusal() is None
    assert bench.state().calls == 0


# Half-open


def test_one_probe() -> None:
    """Once the time has passed one caller is let through, and the others are refused with 0 seconds to wait."""
    bench = Bench().half_opened()
    probe = bench.enter()

    refusals = [bench.refusal() for _ in range(50)]

    assert probe.is_probe
    assert all(refusal is not None and refusal.retry_after == 0 for refusal in refusals)
    assert "is under way" in str(refusals[0])


def test_a_probe_closes_it() -> None:
    """After its success calls go through and are counted anew."""
    bench = Bench().half_opened()
    bench.call("success")

    bench.call("failure", 9)

    assert bench.refusal() is None
    assert (bench.state().state, bench.state().calls) == ("closed", 9)


def test_failed_probes_double_the_time() -> None:
    """30, 60, 120, 240 and then 300 seconds; a success makes it 30 again."""
    bench = Bench().opened()
    waits: list[float] = []
    for _ in range(6):
        waits.append(bench.breakers.retry_after(PLACE))
        bench.now += waits[-1]
        bench.call("failure")
    bench.now += bench.breakers.retry_after(PLACE)
    bench.call("success")
    bench.opened()

    assert waits == [30.0, 60.0, 120.0, 240.0, 300.0, 300.0]
    assert bench.breakers.retry_after(PLACE) == 30.0
    assert bench.state().times_opened == 8


def test_jitter_only_adds() -> None:
    """A tenth by chance, so that many clients do not come back at once, and none early."""
    bench = Bench(chance=0.5).opened()

    assert bench.breakers.retry_after(PLACE) == 31.5


def test_a_cancelled_probe_gives_its_place_back() -> None:
    """The next caller is the probe at once; the time is not doubled."""
    bench = Bench().half_opened()
    for _ in range(5):
        probe = bench.enter()
        assert bench.refusal() is not None
        bench.breakers.leave(probe, "neutral")

    bench.call("success")

    assert bench.state().state == "closed"


def test_a_lost_probe_gives_its_place_back() -> None:
    """One that nobody holds any more is over, although it never left."""
    bench = Bench().half_opened()
    bench.enter()
    gc.collect()

    assert bench.enter().is_probe


def test_a_probe_that_takes_too_long() -> None:
    """After a minute another one goes beside it. The failure of the first is no news then, its success is."""
    bench = Bench().half_opened()
    first = bench.enter()
    bench.now += PROBE_SECONDS - 1.0
    assert bench.refusal() is not None
    bench.now += 1.0
    second = bench.enter()
    assert bench.refusal() is not None
    bench.breakers.leave(first, "failure")
    assert bench.state().is_probing

    bench.breakers.leave(second, "success")

    assert bench.state().state == "closed"


def test_the_late_success_of_a_probe() -> None:
    """A server whose answers take longer than a probe may is not shut out for ever; the second probe's failure counts as nobody's then."""
    bench = Bench().half_opened()
    first = bench.enter()
    bench.now += PROBE_SECONDS
    second = bench.enter()
    bench.breakers.leave(first, "success")

    bench.breakers.leave(second, "failure")

    assert (bench.state().state, bench.state().calls) == ("closed", 0)


def test_an_overdue_probe_that_nobody_replaced() -> None:
    """Its failure counts."""
    bench = Bench().half_opened()
    probe = bench.enter()
    bench.now += 10 * PROBE_SECONDS
    bench.breakers.leave(probe, "failure")

    assert bench.breakers.retry_after(PLACE) == 60.0


def test_a_probe_of_an_earlier_opening() -> None:
    """It has nothing to say after its breaker was closed and opened once more."""
    bench = Bench().half_opened()
    first = bench.enter()
    bench.now += PROBE_SECONDS
    bench.call("success")
    bench.opened()

    bench.breakers.leave(first, "success")

    assert bench.refusal() is not None


def test_leaving_twice() -> None:
    """Only the first word counts."""
    bench = Bench().half_opened()
    probe = bench.enter()
    bench.breakers.leave(probe, "neutral")
    bench.breakers.leave(probe, "success")
    assert bench.state().state == "half_open"

    once = Bench()
    admission = once.enter()
    for _ in range(20):
        once.breakers.leave(admission, "failure")

    assert once.state().calls == 1


def test_a_probe_that_had_to_wait() -> None:
    """Its minute begins when it is sent, unless another one has gone meanwhile; sending closes nothing."""
    bench = Bench().half_opened()
    probe = bench.enter()
    bench.now += PROBE_SECONDS - 1.0
    bench.breakers.begun(probe)
    bench.now += PROBE_SECONDS - 1.0
    assert bench.refusal() is not None
    assert bench.state().state == "half_open"

    bench.now += 1.0
    second = bench.enter()
    bench.now += PROBE_SECONDS - 1.0
    bench.breakers.begun(probe)
    bench.now += 1.0
    third = bench.enter()

    assert second.is_probe
    assert third.is_probe


def test_a_stream_that_has_begun_is_answer_enough() -> None:
    """A probe whose stream has content closes the breaker; how the stream ends is counted all the same, once."""
    bench = Bench().half_opened()
    probe = bench.enter()
    bench.breakers.answered(probe)
    assert bench.refusal() is None

    bench.breakers.leave(probe, "failure")
    bench.breakers.leave(probe, "failure")

    assert (bench.state().state, bench.state().failures) == ("closed", 1)


def test_a_stream_that_begins_too_late() -> None:
    """A stream of before the opening closes nothing, nor does a probe that was given back."""
    bench = Bench()
    early = bench.enter()
    bench.half_opened()
    bench.breakers.answered(early)
    probe = bench.enter()
    bench.breakers.leave(probe, "neutral")
    bench.breakers.answered(probe)

    assert bench.state().state == "half_open"


# Asking, resetting, forgetting


def test_asking_changes_nothing() -> None:
    """`is_open`, `retry_after` and `snapshot` take no probe's place, and remember nobody."""
    bench = Bench().half_opened()
    for _ in range(10):
        assert bench.breakers.is_open(PLACE) is False
        assert bench.breakers.retry_after(PLACE) == 0.0
        assert bench.state().state == "half_open"
        assert bench.breakers.is_open(OTHER) is False
    probe = bench.enter()

    assert bench.breakers.is_open(PLACE) is True
    assert probe.is_probe
    assert len(bench.breakers.snapshot()) == 1


def test_a_snapshot() -> None:
    """What is shown of an open, a half-open and a closed one, by model."""
    bench = Bench().opened()
    bench.call("success", 3, OTHER)
    bench.call("failure", 1, OTHER)
    bench.now += 12.0
    is_open, is_closed = bench.breakers.snapshot()

    assert (is_open.model, is_open.key, is_open.state) == ("gpt-4o", "a1b2c3d4", "open")
    assert (is_open.failure_rate, is_open.calls, is_open.failures) == (1.0, 10, 10)
    assert (is_open.open_seconds, is_open.retry_after, is_open.times_opened) == (12.0, 18.0, 1)
    assert is_open.cause == "10 of 10 attempts within 60 s failed, the last by OverloadedError"
    assert (is_closed.state, is_closed.failure_rate, is_closed.calls) == ("closed", 0.25, 4)
    assert (is_closed.open_seconds, is_closed.retry_after, is_closed.cause) == (None, 0.0, None)

    bench.now += 18.0
    probe = bench.enter()
    probed = bench.state()
    bench.breakers.leave(probe, "failure", "APITimeoutError")

    assert (probed.state, probed.is_probing, probed.open_seconds, probed.retry_after) == ("half_open", True, 30.0, 0.0)
    assert bench.state().cause == "the call that was let through failed, the last by APITimeoutError"
    assert bench.state().open_seconds == 30.0


def test_resetting() -> None:
    """All, or those of one model; attempts that are under way do not count."""
    bench = Bench()
    early = bench.enter()
    bench.opened().opened(OTHER)
    bench.breakers.reset("gpt-4o")
    assert bench.refusal() is None
    assert bench.refusal(OTHER) is not None
    bench.breakers.leave(early, "failure")
    assert bench.state().calls == 0

    bench.breakers.reset()

    assert bench.refusal(OTHER) is None


def test_many_keys_do_not_fill_the_memory() -> None:
    """A server with a key of each of its users remembers those of the last minute."""
    bench = Bench()
    for number in range(5000):
        bench.call("failure" if number % 2 else "success", 1, Place(b"%d" % number, "gpt-4o"))
        bench.now += 1.0

    assert len(bench.breakers.snapshot()) <= 4 * MANY


def test_no_more_are_kept_than_most() -> None:
    """Also where all are in use at once, and each is open: those that were unused for the longest time go first."""
    bench = Bench(Breaker(failure_rate=None, consecutive_failures=1))
    for number in range(MOST + 10):
        bench.call("failure", 1, Place(b"%d" % number, "gpt-4o"))
        bench.now += 0.0001

    assert len(bench.breakers.snapshot()) <= MOST
    assert bench.refusal(Place(b"%d" % (MOST + 9), "gpt-4o")) is not None


def test_neutral_ends_take_no_memory() -> None:
    """Models that do not exist, which somebody makes up, leave nothing behind."""
    bench = Bench()
    for number in range(1000):
        bench.call("neutral", 1, Place(b"", f"made-up-{number}"))

    assert bench.breakers.snapshot() == ()


def test_a_busy_window_is_small() -> None:
    """However many calls there are, a window is its slots."""
    bench = Bench()
    for number in range(10_000):
        bench.call("success")
        bench.now += 0.1
        if number % 100 == 0:
            assert len(bench.breakers._circuits[PLACE]._slots) <= SLOTS


def test_those_in_use_are_kept() -> None:
    """None is forgotten that says something, however many there are."""
    bench = Bench().opened()
    for number in range(10 * MANY):
        bench.call("success", 1, Place(b"%d" % number, "gpt-4o"))

    assert bench.refusal() is not None


def test_an_open_one_is_forgotten_after_a_day() -> None:
    """Until then it is half-open, however long nobody asks."""
    bench = Bench().half_opened()
    bench.now += FORGOTTEN_AFTER_SECONDS - 1.0
    probe = bench.enter()
    assert probe.is_probe
    del probe
    bench.now += FORGOTTEN_AFTER_SECONDS

    assert not bench.enter().is_probe


def test_a_forgotten_one_takes_late_answers() -> None:
    """A call that outlives what was remembered of its place counts in what is remembered then."""
    bench = Bench()
    admission = bench.enter()
    bench.breakers.leave(admission, "failure")
    late = bench.enter()
    bench.now += 3600.0
    for number in range(MANY):
        bench.call("success", 1, Place(b"%d" % number, "other"))
    assert PLACE not in bench.breakers._circuits

    bench.breakers.leave(late, "failure")

    assert bench.state().failures == 1


# Around it


def test_a_fork() -> None:
    """A child knows what is open; the parent's probe is not its own, and ends nothing in it."""
    bench = Bench().half_opened()
    probe = bench.enter()
    bench.breakers.after_fork()

    assert bench.breakers.is_open(PLACE) is False
    bench.breakers.leave(probe, "success")
    assert bench.state().state == "half_open"
    assert bench.enter().is_probe


def test_a_fork_amid_an_operation() -> None:
    """The lock that another thread held is not waited for."""
    lock = threading.Lock()
    bench = Bench()
    bench.breakers._lock = lock
    lock.acquire()

    bench.breakers.after_fork(threading.RLock())

    assert bench.refusal() is None


def test_a_neutral_end_takes_no_lock() -> None:
    """It may come from a finalizer, while anybody holds it."""
    bench = Bench().half_opened()
    probe = bench.enter()
    bench.breakers._lock = threading.Lock()
    with bench.breakers._lock:
        bench.breakers.leave(probe, "neutral")

    assert bench.enter().is_probe


def test_it_tells_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Opening is a warning, what follows is told beside; never a key."""
    caplog.set_level(logging.INFO, logger="twinwire")
    bench = Bench().half_opened()
    bench.call("failure")
    bench.now += 60.0
    bench.call("success")

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "WARNING",
            "the breaker for gpt-4o with key a1b2c3d4 is open for 30 s: 10 of 10 attempts within 60 s failed, the last by OverloadedError",
        ),
        (
            "INFO",
            "the breaker for gpt-4o with key a1b2c3d4 is open again for 60 s: the call that was let through failed, the last by OverloadedError",
        ),
        (
            "INFO",
            "the breaker for gpt-4o with key a1b2c3d4 is closed after 90 s: the call that was let through was answered",
        ),
    ]


def test_a_handler_that_fails(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The call does not fail with it."""

    def fail(*_: object) -> None:
        raise RuntimeError("a filter of the user's")

    monkeypatch.setattr(logging.getLogger("twinwire"), "log", fail)
    bench = Bench().opened()

    with pytest.raises(CircuitOpenError):
        bench.enter()
    assert "a filter of the user's" in capsys.readouterr().err


def test_the_log_is_told_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler may ask for a snapshot, or make a call."""
    bench = Bench(TEN)
    bench.breakers._lock = threading.Lock()
    seen: list[bool] = []

    def look(*_: object) -> None:
        seen.append(bench.breakers.is_open(PLACE))

    monkeypatch.setattr(logging.getLogger("twinwire"), "log", look)

    bench.opened()

    assert seen == [True]
