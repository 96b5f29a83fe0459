"""The quick ones of the process checks; `python -m tests.processes` runs all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.processes.check import Check, Variant, plain
from tests.processes.listing import CHECKS
from tests.processes.runner import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the programs fork and send signals")

QUICK = [Variant(check, check.flavours[0], "strict") for check in CHECKS if check.is_quick]


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    """A server, and what runs programs against it."""
    with Worker() as started:
        yield started


@pytest.mark.parametrize("variant", QUICK, ids=str)
def test_quick_check(worker: Worker, variant: Variant) -> None:
    """The program does what must hold."""
    outcome = worker.run(variant)

    assert outcome.complaints == (), variant.check.holds


def program(script: str, **changes: object) -> Variant:
    """A check that runs this script."""
    values: dict[str, object] = {"limit_seconds": 5.0, **changes}
    check = Check(name="tried", holds="", script=script, flavours=("blocking",), **values)  # type: ignore[arg-type]  # given by tests
    return Variant(check, "blocking", "strict")


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("same(1, 2)", "AssertionError: got 1, wanted 2"),
        ("print('word')", "printed 'word"),
        ("sys.exit(3)", "exit status 3, not 0"),
        ("import warnings; warnings.warn('odd', ResourceWarning)", "ResourceWarning: odd"),
        ("open('kept.txt', 'w').read", "unclosed file"),
        ("ask(make(), model='refuse')", "AuthenticationError"),
        ("client = make(); ask(client); ask(client)", "the server saw 2 requests, not 1"),
    ],
)
def test_a_failing_program_is_reported(worker: Worker, script: str, complaint: str) -> None:
    """What a program prints, raises, warns of or asks too often is a complaint."""
    outcome = worker.run(program(script, requests=1 if "ask" in script else None))

    assert complaint in "\n".join(outcome.complaints)


def test_a_program_that_hangs_is_ended(worker: Worker) -> None:
    """A program is ended with its limit, and says where it was; so is what it has started."""
    script = """
        in_child(lambda: ask(make(timeout=60), model="stall-head"))
        until(lambda: seen() == 1)
        time.sleep(60)
    """

    outcome = worker.run(program(script, limit_seconds=2.0))

    assert "not over within 2 s" in outcome.complaints
    assert "tried.py" in "\n".join(outcome.complaints)
    assert not any("connections are open" in complaint for complaint in outcome.complaints)


def test_names_are_different() -> None:
    """Each check has a name of its own, by which it can be run."""
    names = [check.name for check in CHECKS]

    assert len(set(names)) == len(names) >= 40


def test_the_plain_text_of_a_script() -> None:
    """The blocking client runs the script without what awaits."""
    text = "async def main():\n    async with make() as client:\n        asyncio.run(await ask(client))"

    assert plain(text) == "def main():\n    with make() as client:\n        asyncio.run(ask(client))"
