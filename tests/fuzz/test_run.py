"""The command `python -m tests.fuzz`: what it runs, what it prints, and how it ends."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz.runs import BATCH, Batch, run
from tests.fuzz.table import BY_NAME, PROPERTIES, Property, shares

if TYPE_CHECKING:
    from tests.fuzz.chance import Chance

FIRST = PROPERTIES[0].name


def refuse(chance: Chance) -> None:
    """Fail where the first choice is 7 or more."""
    number = chance.below(256)
    chance.note("number", number)
    if number >= 7:
        raise ArithmeticError("too much")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first property does not hold."""
    monkeypatch.setitem(BY_NAME, FIRST, Property(FIRST, 1, refuse))


@pytest.mark.parametrize("examples", [50, 1000, 100_000, 1_000_000])
def test_every_example_has_its_batch(examples: int) -> None:
    """The batches have all examples that were asked for, none has too many, and each has a seed of its own."""
    made = list(command.batches(examples, seed=3))
    counts: Counter[str] = Counter()
    for batch in made:
        counts[batch.name] += batch.examples

    assert counts.total() == examples
    assert counts == shares(examples)
    assert len({batch.seed for batch in made}) == len(made)
    assert max(batch.examples for batch in made) <= BATCH


def test_the_totals(capsys: pytest.CaptureFixture[str]) -> None:
    """A run without failures ends in one line of totals and with 0."""
    status = command.main(["--examples", "100", "--seed", "2", "--processes", "1"])
    last = capsys.readouterr().out.splitlines()[-1]

    assert status == 0
    assert re.fullmatch(rf"fuzz: 100 examples of {len(PROPERTIES)} properties, 0 failures, \d+\.\d s, seed 2", last)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--replay", "no.such:00"], "there is no property 'no.such', but sse.bytes, "),
        (["--replay", f"{FIRST}:xy"], "must be NAME:HEX"),
        (["--examples", "0"], "must be a whole number, at least 1, got '0'"),
        (["--processes", "-1"], "must be a whole number, at least 1, got '-1'"),
    ],
)
def test_wrong_words(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be run is refused in a sentence, and a run of nothing is no success."""
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)

    assert ended.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.usefixtures("broken")
def test_a_failure_is_shown_and_can_be_played_again(capsys: pytest.CaptureFixture[str]) -> None:
    """The smallest failing example is printed with what was made of it and what plays it again, and the status is 1."""
    status = command.main(["--examples", "60", "--processes", "1"])
    printed = capsys.readouterr().out
    again = re.search(r"again: python -m tests\.fuzz --replay (\S+)", printed)

    assert status == 1
    assert "ArithmeticError: too much" in printed
    assert "number = 7" in printed
    assert "1 failures" in printed.splitlines()[-1]
    assert again is not None
    assert again[1] == f"{FIRST}:07"
    with pytest.raises(ArithmeticError):
        command.main(["--replay", again[1]])


@pytest.mark.usefixtures("broken")
def test_only_examples_that_ran_are_counted() -> None:
    """A failure ends its batch, and what shrinking tries is not counted."""
    outcome = run(Batch(name=FIRST, seed=1, examples=1000))

    assert 0 < outcome.examples < 100
    assert outcome.failure is not None


def test_a_run_can_be_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same seed gives the same examples, and another one others."""
    seen: list[bytes] = []
    monkeypatch.setitem(BY_NAME, FIRST, Property(FIRST, 1, lambda chance: seen.append(chance.take(512))))
    for seed in (1, 1, 2):
        run(Batch(name=FIRST, seed=seed, examples=50))

    assert seen[:50] == seen[50:100]
    assert seen[:50] != seen[100:]
