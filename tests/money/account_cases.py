"""
What the scripts of budgets do, for any store: each case is handed a `Play` and fails by an assertion.

A store's tests do this for both flavours:

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
    def test_budgets(case: Case, ...) -> None:
        case(Play(perform=store.perform, dead="an owner that this store knows to be dead"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from attrs import frozen

from twinwire._core.store import FindEntries, FindKeys, Transact
from twinwire.money.booking import BURY, LOOK, NOTE, RESERVE, SETTLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire._core.json import Json, JsonObject
    from twinwire._core.store import Operation

ALICE, DAY, ALL = "budget/user:alice/day/2026-11-21", "budget/*/day/2026-11-21", "budget/*/always/-"
HOLD, OTHER = "hold/me/1", "hold/me/2"
MOST = 2**53
FOREVER = 10**9


@frozen
class Play:
    """One store, empty, as a case uses it."""

    perform: Callable[[Operation], object]
    dead: str
    """An owner that the store knows to be dead."""
    alive: str = "me"
    """One that may be alive: the store's own."""

    def reserve(
        self,
        amount: int,
        *accounts: str,
        hold: str = HOLD,
        caps: list[Json] | None = None,
        marks: list[Json] | None = None,
        owner: str | None = None,
    ) -> object:
        """Reserve, in the account of the day by default."""
        names = accounts or (DAY,)
        arguments: JsonObject = {
            "hold": hold,
            "owner": owner or self.alive,
            "amount": amount,
            "accounts": [*names],
            "caps": caps or [],
            "marks": marks or [],
        }
        return self.perform(Transact(RESERVE, (hold, *names), arguments))

    def settle(
        self,
        spent: int,
        possible: int = 0,
        *accounts: str,
        hold: str = HOLD,
        marks: list[Json] | None = None,
        entry: JsonObject | None = None,
    ) -> object:
        """Settle; the accounts must be those of the reservation."""
        arguments: JsonObject = {"hold": hold, "spent": spent, "possible": possible, "marks": marks or []}
        entries = () if entry is None else (entry,)
        return self.perform(Transact(SETTLE, (hold, *(accounts or (DAY,))), arguments, entries))

    def bury(
        self,
        *holds: str,
        accounts: dict[str, float | None] | None = None,
        forget_seconds: float = FOREVER,
    ) -> object:
        """Bury."""
        arguments: JsonObject = {"holds": [*holds], "accounts": {**(accounts or {})}, "forget_seconds": forget_seconds}
        return self.perform(Transact(BURY, (*holds, *(accounts or {})), arguments))

    def look(self, *keys: str) -> dict[str, JsonObject]:
        """Return the states of those that exist."""
        return cast("dict[str, JsonObject]", self.perform(Transact(LOOK, keys)))

    def totals(self, account: str = DAY) -> tuple[object, object, object] | None:
        """Return spent, possible and reserved; None for an account that does not exist."""
        state = self.look(account).get(account)
        return None if state is None else (state["spent"], state["possible"], state["reserved"])

    def exists(self, key: str) -> bool:
        """Whether there is such a state."""
        return key in self.look(key)

    def entries(self) -> list[JsonObject]:
        """Return the whole ledger."""
        return cast("list[JsonObject]", self.perform(FindEntries()))


Case: TypeAlias = "Callable[[Play], None]"


def reserves_and_settles(play: Play) -> None:
    """What is reserved is released, and what was spent is booked."""
    assert play.reserve(70) == {"state": "held", "totals": [[0, 0, 70]]}
    assert play.totals() == (0, 0, 70)

    assert play.settle(30, 5) == {"state": "settled", "totals": {DAY: [30, 5, 0]}}
    assert play.totals() == (30, 5, 0)
    assert not play.exists(HOLD)


def describes_a_hold(play: Play) -> None:
    """Its state has all that somebody needs who finds it."""
    play.reserve(70, DAY, ALICE)
    hold = play.look(HOLD)[HOLD]
    at = hold.pop("at")

    assert hold == {"owner": play.alive, "amount": 70, "accounts": [DAY, ALICE]}
    assert isinstance(at, int | float)
    assert play.perform(FindKeys("hold/")) == [HOLD]


def settles_more_than_was_reserved(play: Play) -> None:
    """The true cost is booked in full."""
    play.reserve(10)

    assert play.settle(25) == {"state": "settled", "totals": {DAY: [25, 0, 0]}}


def reserves_nothing(play: Play) -> None:
    """A reservation of 0 is one, and makes the account."""
    assert play.reserve(0, caps=[[DAY, 0]]) == {"state": "held", "totals": [[0, 0, 0]]}
    assert play.totals() == (0, 0, 0)
    assert play.settle(0) == {"state": "settled", "totals": {DAY: [0, 0, 0]}}


def fills_a_cap(play: Play) -> None:
    """Exactly the cap is fine, and one more is not."""
    assert play.reserve(60, caps=[[DAY, 100]]) == {"state": "held", "totals": [[0, 0, 60]]}
    assert play.reserve(41, hold=OTHER, caps=[[DAY, 100]]) == {"state": "refused", "totals": [[0, 0, 60]]}
    assert not play.exists(OTHER)
    assert play.reserve(40, hold=OTHER, caps=[[DAY, 100]]) == {"state": "held", "totals": [[0, 0, 100]]}
    assert play.reserve(0, hold="hold/me/3", caps=[[DAY, 100]]) == {"state": "held", "totals": [[0, 0, 100]]}
    assert play.reserve(1, hold="hold/me/4", caps=[[DAY, 100]]) == {"state": "refused", "totals": [[0, 0, 100]]}


def counts_all_against_a_cap(play: Play) -> None:
    """Spent, possibly spent and reserved."""
    play.reserve(50)
    play.settle(30, 20)
    play.reserve(25)

    assert play.reserve(26, hold=OTHER, caps=[[DAY, 100]]) == {"state": "refused", "totals": [[30, 20, 25]]}
    assert play.reserve(25, hold=OTHER, caps=[[DAY, 100]]) == {"state": "held", "totals": [[30, 20, 50]]}


def refuses_in_all_accounts(play: Play) -> None:
    """Where one cap refuses, nothing is reserved anywhere, and no account is made."""
    caps: list[Json] = [[DAY, 100], [ALICE, 10]]

    assert play.reserve(11, DAY, ALICE, caps=caps) == {"state": "refused", "totals": [[0, 0, 0], [0, 0, 0]]}
    assert not play.look(DAY, ALICE, HOLD)
    assert play.reserve(10, DAY, ALICE, caps=caps) == {"state": "held", "totals": [[0, 0, 10], [0, 0, 10]]}
    assert play.settle(4, 1, DAY, ALICE) == {"state": "settled", "totals": {DAY: [4, 1, 0], ALICE: [4, 1, 0]}}


def has_several_caps_of_an_account(play: Play) -> None:
    """The smallest one decides."""
    caps: list[Json] = [[DAY, 100], [DAY, 10]]

    assert play.reserve(11, caps=caps) == {"state": "refused", "totals": [[0, 0, 0]]}
    assert play.reserve(10, caps=caps) == {"state": "held", "totals": [[0, 0, 10]]}


def has_accounts_without_a_cap(play: Play) -> None:
    """They are kept all the same: somebody may only want to be told."""
    assert play.reserve(10**12, DAY, ALL, caps=[[ALL, 10**12]]) == {
        "state": "held",
        "totals": [[0, 0, 10**12], [0, 0, 10**12]],
    }


def reserves_once(play: Play) -> None:
    """A repetition changes nothing, and is answered as it was."""
    play.reserve(60, caps=[[DAY, 100]])

    assert play.reserve(60, caps=[[DAY, 100]]) == {"state": "held", "totals": [[0, 0, 60]]}


def settles_once(play: Play) -> None:
    """A repetition books nothing."""
    play.reserve(60)
    play.settle(40, 3)

    assert play.settle(40, 3) == {"state": "unknown"}
    assert play.totals() == (40, 3, 0)


def settles_before_it_reserves(play: Play) -> None:
    """Of two that overtook one another, nothing is left."""
    assert play.settle(0) == {"state": "unknown"}
    assert play.reserve(60) == {"state": "gone"}
    assert play.reserve(60) == {"state": "gone"}
    assert play.totals() is None
    assert list(play.look(HOLD)[HOLD]) == ["gone"]


def settles_what_was_never_reserved(play: Play) -> None:
    """It books nothing, since it may be a repetition."""
    assert play.settle(40, 3) == {"state": "unknown"}
    assert play.totals() is None


def tells_a_mark_once(play: Play) -> None:
    """When spending reaches it, and not when reservations do."""
    marks: list[Json] = [[DAY, 80]]
    play.reserve(90, marks=marks)

    assert play.settle(79, marks=marks) == {"state": "settled", "totals": {DAY: [79, 0, 0]}}
    play.reserve(90, marks=marks)
    assert play.settle(0, 1, marks=marks) == {
        "state": "settled",
        "totals": {DAY: [79, 1, 0]},
        "crossed": {DAY: [80]},
    }
    assert play.reserve(5, marks=marks) == {"state": "held", "totals": [[79, 1, 5]]}
    assert play.settle(5, marks=marks) == {"state": "settled", "totals": {DAY: [84, 1, 0]}}
    assert play.look(DAY)[DAY]["warned"] == {"80": True}


def tells_each_mark(play: Play) -> None:
    """Several at once, of several accounts."""
    marks: list[Json] = [[DAY, 50], [DAY, 60], [ALICE, 70], [DAY, 71]]
    play.reserve(90, DAY, ALICE, marks=marks)

    assert play.settle(70, 0, DAY, ALICE, marks=marks) == {
        "state": "settled",
        "totals": {DAY: [70, 0, 0], ALICE: [70, 0, 0]},
        "crossed": {DAY: [50, 60], ALICE: [70]},
    }


def tells_a_mark_late(play: Play) -> None:
    """Who did not ask for it when it was reached is told by the next reservation."""
    play.reserve(90)
    play.settle(85)

    assert play.reserve(5, marks=[[DAY, 80]]) == {"state": "held", "totals": [[85, 0, 5]], "crossed": {DAY: [80]}}
    assert play.settle(0, marks=[[DAY, 80]]) == {"state": "settled", "totals": {DAY: [85, 0, 0]}}


def tells_no_mark_with_a_refusal(play: Play) -> None:
    """A refusal changes nothing, so that it is told later."""
    play.reserve(90)
    play.settle(85)

    refused = play.reserve(50, caps=[[DAY, 100]], marks=[[DAY, 80]])
    assert refused == {"state": "refused", "totals": [[85, 0, 0]]}
    assert play.reserve(5, marks=[[DAY, 80]]) == {"state": "held", "totals": [[85, 0, 5]], "crossed": {DAY: [80]}}


def buries_the_dead(play: Play) -> None:
    """What an owner had reserved that is known dead may have been spent."""
    play.reserve(60, owner=play.dead)
    play.reserve(7, hold=OTHER)

    assert play.bury(HOLD, OTHER, accounts={DAY: None}) == {"buried": 1}
    assert play.totals() == (0, 60, 7)
    assert play.exists(HOLD)
    assert "buried" in play.look(HOLD)[HOLD]
    assert play.bury(HOLD, OTHER, accounts={DAY: None}) == {"buried": 0}
    assert play.totals() == (0, 60, 7)


def buries_in_all_accounts_or_none(play: Play) -> None:
    """Who did not ask for all accounts of a dead one's hold is told which are missing."""
    play.reserve(60, DAY, ALICE, ALL, owner=play.dead)
    play.reserve(5, DAY, hold=OTHER, owner=play.dead)

    assert play.bury(HOLD, OTHER) == {"buried": 0, "more": {DAY: True, ALICE: True, ALL: True}}
    assert play.bury(HOLD, OTHER, accounts={DAY: None}) == {"buried": 1, "more": {ALICE: True, ALL: True}}
    assert (play.totals(DAY), play.totals(ALL)) == ((0, 5, 60), (0, 0, 60))
    assert play.bury(HOLD, OTHER, accounts={DAY: None, ALICE: None, ALL: None}) == {"buried": 1}
    assert (play.totals(DAY), play.totals(ALL)) == ((0, 65, 0), (0, 60, 0))


def settles_after_a_burial(play: Play) -> None:
    """One that was only taken for dead knows what it has spent."""
    play.reserve(60, owner=play.dead)
    play.bury(HOLD, accounts={DAY: None})

    assert play.reserve(60, owner=play.dead) == {"state": "held", "totals": [[0, 60, 0]]}
    assert play.settle(20, 1) == {"state": "settled", "totals": {DAY: [20, 1, 0]}}
    assert not play.exists(HOLD)


def buries_nobody_of_the_living(play: Play) -> None:
    """Nor does it mind holds that are not there."""
    play.reserve(60)

    assert play.bury(HOLD, OTHER, accounts={DAY: None, ALICE: 0}) == {"buried": 0}
    assert play.bury() == {"buried": 0}
    assert play.totals() == (0, 0, 60)
    assert not play.look(OTHER, ALICE)


def forgets_the_buried(play: Play) -> None:
    """After their time: what was booked stays."""
    play.reserve(60, owner=play.dead)
    play.bury(HOLD, accounts={DAY: None})
    play.settle(0, hold=OTHER)

    play.bury(HOLD, OTHER, accounts={DAY: None}, forget_seconds=FOREVER)
    assert sorted(play.look(HOLD, OTHER)) == [HOLD, OTHER]
    play.bury(HOLD, OTHER, accounts={DAY: None}, forget_seconds=0)
    assert not play.look(HOLD, OTHER)
    assert play.totals() == (0, 60, 0)


def forgets_old_accounts(play: Play) -> None:
    """Those that nobody has changed for long, unless something is reserved in them."""
    play.reserve(60, DAY, ALICE, ALL)
    play.settle(60, 0, DAY, ALICE, ALL)
    play.reserve(1, ALICE)

    play.bury(accounts={DAY: FOREVER, ALICE: 0, ALL: None})
    assert sorted(play.look(DAY, ALICE, ALL)) == sorted([DAY, ALICE, ALL])
    play.bury(accounts={DAY: 0, ALICE: 0, ALL: None})
    assert sorted(play.look(DAY, ALICE, ALL)) == sorted([ALICE, ALL])


def keeps_large_amounts(play: Play) -> None:
    """To the last billionth of a dollar: more digits than cjson writes."""
    large = 123_456_789_012_345
    assert play.reserve(large, caps=[[DAY, MOST]]) == {"state": "held", "totals": [[0, 0, large]]}
    assert play.settle(large - 1, 1) == {"state": "settled", "totals": {DAY: [large - 1, 1, 0]}}
    play.reserve(10**15, hold=OTHER)
    assert play.settle(10**15, hold=OTHER) == {"state": "settled", "totals": {DAY: [10**15 + large - 1, 1, 0]}}
    assert play.reserve(MOST - 10**15 - large, hold="hold/me/3", caps=[[DAY, MOST]]) == {
        "state": "held",
        "totals": [[10**15 + large - 1, 1, MOST - 10**15 - large]],
    }
    assert play.reserve(1, hold="hold/me/4", caps=[[DAY, MOST]]) == {
        "state": "refused",
        "totals": [[10**15 + large - 1, 1, MOST - 10**15 - large]],
    }
    state = play.look(DAY)[DAY]
    assert [type(state[name]) for name in ("spent", "possible", "reserved")] == [int, int, int]


def has_accounts_of_any_name(play: Play) -> None:
    """Tags are anybody's words."""
    name = "budget/user:Zoë %2F \"x\" 'y' ü\n☃\U0001f600/day/2026-11-21"

    assert play.reserve(3, name, marks=[[name, 1]]) == {"state": "held", "totals": [[0, 0, 3]]}
    assert play.settle(2, 0, name, marks=[[name, 1]]) == {
        "state": "settled",
        "totals": {name: [2, 0, 0]},
        "crossed": {name: [1]},
    }
    assert play.perform(FindKeys("budget/")) == [name]


def writes_an_entry_with_a_settlement(play: Play) -> None:
    """Once, also if it comes twice."""
    play.reserve(60)
    entry: JsonObject = {"id": "e1", "at": 1000.5, "usd": "0.00004", "tags": {"user": "é"}, "tokens": {}}

    play.settle(40, entry=entry)
    play.settle(40, entry=entry)
    assert play.entries() == [entry]
    assert play.totals() == (40, 0, 0)


def writes_an_entry_alone(play: Play) -> None:
    """Where there is no budget."""
    entry: JsonObject = {"id": "e1", "at": 1000.5}

    assert play.perform(Transact(NOTE, (), {}, (entry,))) is None
    assert play.perform(Transact(NOTE, (), {}, (entry, {"id": "e2", "at": 1001}))) is None
    assert play.entries() == [entry, {"id": "e2", "at": 1001}]


CASES: tuple[Case, ...] = (
    reserves_and_settles,
    describes_a_hold,
    settles_more_than_was_reserved,
    reserves_nothing,
    fills_a_cap,
    counts_all_against_a_cap,
    refuses_in_all_accounts,
    has_several_caps_of_an_account,
    has_accounts_without_a_cap,
    reserves_once,
    settles_once,
    settles_before_it_reserves,
    settles_what_was_never_reserved,
    tells_a_mark_once,
    tells_each_mark,
    tells_a_mark_late,
    tells_no_mark_with_a_refusal,
    buries_the_dead,
    buries_in_all_accounts_or_none,
    settles_after_a_burial,
    buries_nobody_of_the_living,
    forgets_the_buried,
    forgets_old_accounts,
    keeps_large_amounts,
    has_accounts_of_any_name,
    writes_an_entry_with_a_settlement,
    writes_an_entry_alone,
)
