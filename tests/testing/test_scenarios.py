"""The scenarios hold, and the judge of scenarios sees what does not."""

from __future__ import annotations

import socket
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from twinwire.errors import AuthenticationError, ConfigError, RateLimitError
from twinwire.testing import AfterEvents, Close, Reply, Status
from twinwire.testing.scenarios import SCENARIOS, UNIT, Ask, Expect, Scenario, Setting, play_all
from twinwire.testing.scenarios.__main__ import main
from twinwire.testing.scenarios.ports import Ports

if TYPE_CHECKING:
    from twinwire.testing.scenarios.outcome import Played

HELD = Scenario(
    name="held",
    topic="retries",
    about="A 503 is followed by an answer.",
    ways=("create", "events"),
    server=(Status(503), Reply("Here.")),
    expect=Expect(text="Here.", attempts=2, billed=False, finish_reason="stop"),
)
CUT = Scenario(
    name="cut",
    topic="streams",
    about="A stream is cut.",
    ways=("events",),
    server=(Reply("One two three.", faults=[Close(at=AfterEvents(3))]),),
    expect=Expect(error=RateLimitError),
)


def never(_: Played) -> str:
    """A check that nothing passes."""
    return "not as it should be"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("another text", {"text": "There."}, "text is 'Here.', expected 'There.'"),
    ("attempts", {"attempts": 1}, "2 attempts, expected 1"),
    ("requests", {"requests": 3}, "the server read 2 requests, expected 3"),
    ("a wait", {"waits": ((5.0, 6.0),)}, "expected 5 to 6"),
    ("how many waits", {"waits": ()}, "1 waits, expected 0"),
    ("too quick", {"seconds": (30.0, None)}, "expected at least 30"),
    ("too slow", {"seconds": (0.0, -10.0)}, "expected at most -10"),
    ("an error", {"error": RateLimitError}, "expected RateLimitError, got the answer"),
    ("a fact", {"facts": {"finish_reason": "length"}}, "finish_reason is 'stop', expected 'length'"),
    ("connections", {"connections": 7}, "connections, expected 7"),
    ("open connections", {"open_connections": 7}, "connections stay open, expected 7"),
    ("replaced", {"replaced": 1}, "0 stale connections were replaced, expected 1"),
    ("tool calls", {"calls": (("f", "{}"),)}, "tool calls are ()"),
    ("billed", {"billed": True}, "possibly_billed=False"),
    ("usage", {"usage": {"prompt_tokens": -1}}, "usage.prompt_tokens is"),
    ("a check of its own", {"checks": (never,)}, "not as it should be"),
]


def problems(scenario: Scenario) -> str:
    """Everything that was wrong, from every play."""
    report = play_all([scenario])
    return "\n".join(problem for verdict in report.verdicts for problem in verdict.problems)


@pytest.mark.parametrize(("wrong", "words"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_judge_sees_it(wrong: dict[str, Any], words: str) -> None:
    """An expectation that is not met is a problem, in words."""
    changed = evolve(HELD, expect=evolve(HELD.expect, **{"text": None, "finish_reason": None, "billed": None, **wrong}))

    assert words in problems(changed)


def test_held() -> None:
    """A scenario that holds has no problems, in each way and flavour."""
    report = play_all([HELD])

    assert not report.failed
    assert len(report.verdicts) == 4
    assert str(report).startswith("scenarios: 1 of 1 held (4 plays: 2 sync, 2 async; ")


def test_wrong_error() -> None:
    """An error of another class is a problem."""
    assert "expected RateLimitError, got StreamTruncatedError" in problems(CUT)


def test_key_in_an_error_is_seen() -> None:
    """An error that holds the key is a problem: here a function of the user's puts it there."""

    def tell(played: Played) -> str | None:
        error = played.outcome.error
        assert error is not None
        error.args = (f"{error.args[0]} {played.key}",)
        return None

    expect = Expect(error=AuthenticationError, checks=(tell,))

    assert "the key stands in its" in problems(evolve(HELD, server=(Status(401),), expect=expect))


def test_unusable_client_is_seen() -> None:
    """A client that cannot be used afterwards is a problem."""
    broken = evolve(HELD, server_options={"api_keys": ["sk-other"]}, server=(Status(401),))

    assert "the client cannot be used afterwards: AuthenticationError" in problems(
        evolve(broken, expect=Expect(error=AuthenticationError))
    )


def test_refused_options_are_an_end() -> None:
    """A client that cannot be made is what comes of a scenario, and where it was not expected a problem."""
    scenario = evolve(HELD, ask=Ask(options={"base_url": "ftp://127.0.0.1"}))

    assert not play_all([evolve(scenario, expect=Expect(error=ConfigError, requests=0))]).failed
    assert "expected an answer, got ConfigError" in problems(scenario)


def test_different_ends() -> None:
    """Calls that are made together may end differently where the scenario says so, and only there."""
    scenario = evolve(
        HELD, ways=("create",), server=(Status(401), Reply("Here.")), ask=Ask(together=2), expect=Expect(attempts=None)
    )

    assert not play_all([evolve(scenario, expect=Expect(is_mixed=True, attempts=None))]).failed
    assert "expected an answer, got AuthenticationError" in problems(scenario)


def test_another_server_that_is_asked_is_seen() -> None:
    """A request to a server that nobody named is a problem."""
    scenario = evolve(HELD, ask=Ask(options=lambda stage: {"base_url": f"{stage.elsewhere.origin}/v1"}), server=())

    assert "a request went to a server that nobody asked" in problems(scenario)


def test_refusing_port() -> None:
    """A refusing port refuses for as long as the ports are held."""
    with Ports() as ports, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", ports.refusing()), timeout=5)


def test_settings_of_ones_own() -> None:
    """Clients are made by the user's function, with the user's options, and a scenario's own win."""
    made: list[tuple[str, dict[str, Any]]] = []

    def make(name: str, **options: Any) -> Any:
        import twinwire

        made.append((name, options))
        return getattr(twinwire, name)(**options)

    scenario = evolve(HELD, ask=Ask(options={"max_retries": 1}), ways=("create",))
    report = play_all([scenario], setting=Setting(make=make, options={"deadline": 100 * UNIT}))

    assert not report.failed
    assert sorted(name for name, _ in made) == ["AsyncOpenAI", "OpenAI"]
    assert all(options["deadline"] == 100 * UNIT and options["retry"].max_retries == 1 for _, options in made)


def test_retries_of_ones_own() -> None:
    """`max_retries` may be among the options of a setting, and then the client takes it."""
    report = play_all([evolve(HELD, ways=("create",))], setting=Setting(options={"max_retries": 0}))

    assert {problem for verdict in report.verdicts for problem in verdict.problems} >= {
        "expected an answer, got OverloadedError: openai answered 503: Service Unavailable"
    }


def test_names_are_unique() -> None:
    """Each situation stands once."""
    assert [name for name, count in Counter(scenario.name for scenario in SCENARIOS).items() if count > 1] == []


def test_command(capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends in a line of totals and fails where nothing was played."""
    assert main(["-k", "retry-after-seconds"]) == 0
    assert capsys.readouterr().out.startswith("scenarios: 1 of 1 held (")
    assert main(["--list", "-k", "retry-after-seconds"]) == 0
    assert "retry-after-seconds: " in capsys.readouterr().out


def test_names_as_the_page_spells_them(capsys: pytest.CaptureFixture[str]) -> None:
    """A `*` stands for the rest of a name, and several names add up."""
    assert main(["--list", "-k", "status-*-passes", "-k", "retry-after-seconds"]) == 0
    names = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]

    assert {"retry-after-seconds", "status-503-passes"} < set(names)
    assert all(name == "retry-after-seconds" or name.startswith("status-") for name in names)


def test_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """With `-v` each play says what it came to, after what the scenario is."""
    assert main(["-v", "-k", "status-503-passes", "--flavour", "sync"]) == 0
    about, *plays, _ = capsys.readouterr().out.splitlines()

    assert about == "status-503-passes: A 503 is followed by an answer: it is retried, and the answer is given."
    assert plays
    assert all("; 2 attempts, waited 0." in line and "; 2 requests on 1 connection" in line for line in plays)
    assert "; the answer 'Here.'; " in next(line for line in plays if "[create, sync]" in line)


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (CUT, "StreamTruncatedError 'the stream broke off: "),
        (CUT, "', partial 'One two'; 1 attempt; 1 request on 1 connection"),
        (evolve(HELD, ask=Ask(together=2)), "2 calls: 2 times an answer; at most 2 attempts each; 3 requests on "),
        (
            evolve(HELD, server=(Reply("One two"),), ask=Ask(leave_after=1), ways=("events",)),
            "1 item with the text 'One'",
        ),
    ],
    ids=["error", "partial", "several", "left"],
)
def test_figures_of_each_end(scenario: Scenario, words: str) -> None:
    """The figures have an error and what had arrived, several calls in one, and what a consumer took that left."""
    report = play_all([scenario])

    assert all(words in verdict.figures for verdict in report.verdicts)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-k", "no such name"], "there is no such scenario; --list says what there is"),
        (["--client", "json"], "must be MODULE:FUNCTION, got 'json'"),
        (["--client", "no_such_module:make"], "there is no module 'no_such_module'"),
        (["--client", "json:make"], "'json' has no function 'make'"),
        (["--jobs", "0"], "must be a whole number, at least 1, got '0'"),
        (["-k", "endless-stream-at-the-deadline", "--transport", "none"], "invalid choice: 'none'"),
    ],
    ids=["name", "no function", "no module", "function that is not there", "jobs", "transport"],
)
def test_wrong_command(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be played is refused in a sentence, without a traceback."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_nothing_to_play_is_no_success() -> None:
    """A selection of nothing, and a misspelt word, are errors: a report without plays would have no failure."""
    with pytest.raises(ValueError, match="nothing to play"):
        play_all([])
    with pytest.raises(ValueError, match="also played on httpx"):
        play_all([HELD], setting=Setting(transport="httpx"))
    with pytest.raises(ValueError, match="flavours are"):
        play_all([HELD], flavours="sync")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # a mistake
    for wrong in ({"ways": ("stream",)}, {"topic": "retry"}, {"flavours": ("blocking",)}, {"ways": "create"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} of the scenario 'held': known are "):
            evolve(HELD, **wrong)
