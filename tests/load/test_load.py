"""The load tests in small, and that their bars can be missed."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from attrs import evolve

from tests.load import sales, spending
from tests.load.books import Books, books
from tests.load.limits import Judged, Period, Seen
from tests.load.situations import Situation
from tests.load.spending import Sold
from twinwire import Budget, OpenAI


def test_no_cap_is_passed() -> None:
    """A few processes on one cap, one of them killed: the server is never owed more, and the ledger has every call that returned."""
    sold = spending.run("sqlite", killed=1, processes=3, calls=8)

    # Too few calls to use the cap up.
    assert [missed for missed in sold.misses() if "were used" not in missed] == []
    assert sold.acknowledged
    assert sold.owed > 0


@pytest.mark.parametrize("asked", ["left", "whole"])
def test_a_stream_that_is_left_is_covered(asked: str) -> None:
    """The server writes on when a stream is left; what it may have written counts against the cap."""
    with sales.server() as server:
        store = OpenAI(
            base_url=server.base_url, api_key="k", limits=False, prices=sales.PRICES, budget=Budget(usd=sales.CAP)
        )
        with store as client:
            for number in range(5):
                messages = [{"role": "user", "content": f"Say something about {number}"}]
                with client.chat.completions.stream(
                    model=sales.MODEL, messages=messages, max_tokens=sales.WORDS
                ) as stream:
                    next(iter(stream))
                    if asked == "whole":
                        stream.result()
            server.wait_for(lambda: len(server.charges) == 5)
            (state,) = client.budgets.snapshot()
        owed = server.spent_usd

    assert state.spent + state.possible >= owed
    assert (state.possible > 0) == (asked == "left")
    assert state.reserved == 0


SEEN = Seen(allowed=40, period=Period(first=1, judged=2), admitted=80, refused=0)
JUDGED = Judged(
    situation=Situation(kind="bucket", bound="tokens"),
    held_back=SEEN,
    unthrottled=evolve(SEEN, refused=100),
    outcomes=Counter(ok=80),
)


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        (JUDGED, []),
        (evolve(JUDGED, held_back=evolve(SEEN, refused=1)), ["1 of 81 refused"]),
        (evolve(JUDGED, held_back=evolve(SEEN, admitted=75)), ["93.8% of the allowance"]),
        (evolve(JUDGED, unthrottled=SEEN), []),
        (evolve(JUDGED, held_back=evolve(SEEN, admitted=1000, refused=6)), ["3.0 refused in a window, and 50.0"]),
    ],
)
def test_bars_of_limits(judged: Judged, words: list[str]) -> None:
    """Each bar has its sentence."""
    assert [word in missed for missed, word in zip(judged.misses(), words, strict=True)] == [True] * len(words)
    assert judged.row().startswith("bucket, tokens, sqlite")


BOOKS = Books(
    spent=Decimal("0.95"),
    possible=Decimal("0.03"),
    reserved=Decimal(0),
    entries_usd=Decimal("0.95"),
    entries_possible_usd=Decimal("0.03"),
    calls=Counter(["1-1"]),
)
SOLD = Sold(
    store="sqlite",
    killed=0,
    most_owed=Decimal("0.96"),
    owed=Decimal("0.96"),
    books=BOOKS,
    acknowledged=frozenset({"1-1"}),
    outcomes=Counter(ok=1),
    seconds=1.0,
)


@pytest.mark.parametrize(
    ("sold", "words"),
    [
        (SOLD, []),
        (evolve(SOLD, most_owed=Decimal("1.01")), ["owed 1.01 USD"]),
        (
            evolve(SOLD, books=evolve(BOOKS, possible=Decimal("0.06"), entries_possible_usd=Decimal("0.06"))),
            ["0.06 possible, the cap"],
        ),
        (evolve(SOLD, owed=Decimal("0.99")), ["the server is owed 0.99"]),
        (evolve(SOLD, books=evolve(BOOKS, entries_usd=Decimal("0.94"))), ["the entries add up to 0.97"]),
        (evolve(SOLD, books=evolve(BOOKS, reserved=Decimal(1))), ["still reserved"]),
        (evolve(SOLD, acknowledged=frozenset({"1-1", "1-2"})), ["such as 1-2"]),
        (evolve(SOLD, books=evolve(BOOKS, calls=Counter(["1-1", "1-1"]))), ["more than once"]),
        (evolve(SOLD, books=evolve(BOOKS, spent=Decimal(0), entries_usd=Decimal(0)), owed=Decimal(0)), ["were used"]),
        (evolve(SOLD, outcomes=Counter(ok=1, StoreError=1)), ["failed by StoreError"]),
    ],
)
def test_bars_of_spending(sold: Sold, words: list[str]) -> None:
    """Each of these too."""
    assert [word in missed for missed, word in zip(sold.misses(), words, strict=True)] == [True] * len(words)
    assert sold.row().startswith("sqlite")


def test_books_of_an_empty_ledger(tmp_path: object) -> None:
    """Nothing was spent where nothing was bought."""
    found = books(f"{tmp_path}/spend.db")

    assert found.spent == found.possible == found.reserved == 0
    assert not found.calls
