"""The `twinwire` command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from twinwire.cli import main
from twinwire.testing import AfterEvents, Close, ErrorEvent, Insert, LoopbackProvider, Reply, Stall, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = re.compile(r"\A\d+ tokens in, \d+ out \| \d+\.\d s\n\Z")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no address of the developer's own."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENROUTER_API_KEY", "TWINWIRE_LOG"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "twinwire", *arguments],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def closed(command: str) -> subprocess.CompletedProcess[str]:
    """The command run by a shell, which closes some of its streams."""
    return subprocess.run(
        ["/bin/sh", "-c", f'"$0" -W error -m twinwire {command}', sys.executable],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def start(server: LoopbackProvider, *arguments: str) -> subprocess.Popen[bytes]:
    """A chat with *server* that is under way."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "twinwire", "chat", *against(server), *arguments, "Hi"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def against(server: LoopbackProvider) -> Sequence[str]:
    """The options that choose *server*."""
    return ("--provider", server.dialect, "--base-url", server.base_url)


def test_demo_provider_streams(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key the demo provider echoes, and names a cost."""
    status = main(["chat", "--provider", "demo", "Hello", "you"])
    out, err = capsys.readouterr()

    assert (status, out) == (0, "Hello you\n")
    assert re.fullmatch(r"2 tokens in, 2 out \| \d\.\d s \| \$0\.000006 \(reported\)\n", err)


@pytest.mark.parametrize(
    ("arguments", "stdin", "out"),
    [
        (["Sum up:"], "One\ntwo\n", "Sum up:\n\nOne\ntwo\n"),
        ([], "Only this", "Only this\n"),
        (["Alone"], "", "Alone\n"),
    ],
)
def test_piped_input(arguments: list[str], stdin: str, out: str) -> None:
    """What is piped in is the prompt, or follows it."""
    done = run("chat", "--provider", "demo", *arguments, stdin=stdin)

    assert (done.returncode, done.stdout) == (0, out)
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("encoding", "out"), [("ascii", b"? ok\n"), ("utf-8", b"\xc3\xbc ok\n")])
def test_output_in_any_encoding(encoding: str, out: bytes) -> None:
    """What the terminal cannot show is replaced."""
    done = subprocess.run(
        [sys.executable, "-m", "twinwire", "chat", "--provider", "demo", "\u00fc ok"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": encoding},
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, out)


def test_piped_input_that_is_no_text() -> None:
    """Bytes that are no text are refused in one line."""
    done = subprocess.run(
        [sys.executable, "-m", "twinwire", "chat", "--provider", "demo"],
        input=b"\xff\xfe",
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
        timeout=30,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.startswith(b"twinwire: ConfigError: what is piped in is not text: ")
    assert done.stderr.count(b"\n") == 1


def test_bytes_that_are_no_text() -> None:
    """A stray byte is refused where the locale lets Python hide it in a lone surrogate."""
    errors: list[str] = []
    for arguments, piped in (([], b"caf\xe9"), ([b"caf\xe9"], b""), ([b"--system", b"\xff", b"Hi"], b"")):
        done = subprocess.run(
            [sys.executable, "-m", "twinwire", "chat", "--provider", "demo", *arguments],
            input=piped,
            capture_output=True,
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8:surrogateescape"},
            timeout=30,
            check=False,
        )
        errors.append(done.stderr.decode())

        assert (done.returncode, done.stdout) == (1, b"")

    assert errors == [
        "twinwire: ConfigError: what is piped in is not text: after 3 characters comes byte 0xe9\n",
        "twinwire: ConfigError: the prompt is not text: after 3 characters comes byte 0xe9\n",
        "twinwire: ConfigError: --system is not text: after 0 characters comes byte 0xff\n",
    ]


@pytest.mark.skipif(os.name != "posix", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize("command", ["chat --provider demo Hi", "models --provider demo", "demo"])
def test_closed_output(command: str) -> None:
    """Without a standard output nothing is asked, and one line says so."""
    done = closed(f"{command} >&-")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "twinwire: ConfigError: standard output is closed, so nothing can be shown\n"


@pytest.mark.skipif(os.name != "posix", reason="closes streams as a POSIX shell does")
@pytest.mark.parametrize(
    ("command", "status", "out"),
    [
        ("chat --provider demo Hi 2>&-", 0, "Hi\n"),
        ("chat --provider demo Hi <&-", 0, "Hi\n"),
        ("chat --provider demo 2>&-", 1, ""),
        ("chat --provider demo Hi >&- 2>&-", 1, ""),
    ],
)
def test_other_closed_streams(command: str, status: int, out: str) -> None:
    """The answer stands alone on standard output: what was for a closed standard error is not said."""
    done = closed(command)

    assert (done.returncode, done.stdout) == (status, out)
    assert "Traceback" not in done.stderr


def test_what_is_sent(
    twinwire_openai: LoopbackProvider, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Model, system text and prompt go out as they were given; the key decides who answers."""
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    monkeypatch.setenv("OPENAI_BASE_URL", twinwire_openai.base_url)
    status = main(["chat", "--model", "m", "--system", "Be brief.", "Hi"])
    body = twinwire_openai.requests[0].json

    assert status == 0
    assert SUMMARY.match(capsys.readouterr().err)
    assert (body["model"], body["stream"]) == ("m", True)
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    assert twinwire_openai.requests[0].headers["authorization"] == "Bearer test-key"


def test_openrouter_by_its_key(
    twinwire_openrouter: LoopbackProvider, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key of OpenRouter's chooses OpenRouter, and a model that it has."""
    monkeypatch.setenv("OPENROUTER_API_KEY", "test-key")

    assert main(["chat", "--base-url", twinwire_openrouter.base_url, "Hi"]) == 0
    assert capsys.readouterr().out == "Hi\n"
    assert twinwire_openrouter.requests[0].json["model"] == "openai/gpt-4o-mini"


@pytest.mark.parametrize("arguments", [["chat", "Hi"], ["models"]], ids=" ".join)
@pytest.mark.parametrize("by_variable", [False, True], ids=["option", "variable"])
def test_server_on_this_machine_needs_no_key(
    arguments: list[str], by_variable: bool, twinwire_openai: LoopbackProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address is enough: without a key none is sent."""
    if by_variable:
        monkeypatch.setenv("OPENAI_BASE_URL", twinwire_openai.base_url)
    else:
        arguments = [*arguments, "--base-url", twinwire_openai.base_url]

    assert main(arguments) == 0
    assert "authorization" not in twinwire_openai.requests[0].headers


@pytest.mark.skipif(os.name != "posix", reason="elsewhere 0.0.0.0 cannot be connected to")
def test_http_to_another_machine(
    twinwire_openai: LoopbackProvider, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain http is refused unless it is allowed, by an option of this command."""
    monkeypatch.setenv("OPENAI_API_KEY", "test-key")
    monkeypatch.setenv("NO_PROXY", "*")
    # No loopback address by its rules, and yet the kernel connects it to this machine.
    address = twinwire_openai.base_url.replace("127.0.0.1", "0.0.0.0")  # noqa: S104  # nothing is bound, only asked
    refused = main(["models", "--base-url", address]), capsys.readouterr().err
    allowed = main(["models", "--base-url", address, "--allow-http"])

    assert refused[0] == 1
    assert refused[1].startswith("twinwire: ConfigError: base_url is http:// to 0.0.0.0, which is not this machine")
    assert refused[1].endswith("use https://, or say --allow-http\n")
    assert allowed == 0


def test_demo_lists_its_default_model(capsys: pytest.CaptureFixture[str]) -> None:
    """The model that answers unless another is named is one that the demo provider lists."""
    main(["models", "--provider", "demo"])
    listed = capsys.readouterr().out.splitlines()
    main(["chat", "--provider", "demo", "--json", "Hi"])

    assert json.loads(capsys.readouterr().out)["model"] in listed


def test_json(twinwire_openai: LoopbackProvider, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole reply comes as one JSON document; the summary says why the model stopped early."""
    twinwire_openai.script(Reply("One two", finish_reason="length"))
    status = main(["chat", *against(twinwire_openai), "--json", "Hi"])
    out, err = capsys.readouterr()

    assert status == 0
    assert json.loads(out)["choices"][0]["message"]["content"] == "One two"
    assert err.endswith(" | finish reason length\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chat", "Hi"], "twinwire: ConfigError: no key is set: set OPENAI_API_KEY or OPENROUTER_API_KEY, or use"),
        (["chat", "--provider", "openai", "Hi"], "twinwire: ConfigError: "),
        (["chat", "--provider", "demo"], "twinwire: ConfigError: there is no prompt"),
        (["models", "--base-url", "no-scheme", "--provider", "openai"], "twinwire: ConfigError: "),
        (["models", "--base-url", "https://example.com/v1"], "twinwire: ConfigError: no key for openai: "),
        (["models", "--base-url", ""], "twinwire: ConfigError: base_url is empty"),
        (
            ["models", "--base-url", "http://[::1]/", "--provider", "demo"],
            "twinwire: ConfigError: --provider demo takes no",
        ),
        (["chat", "--provider", "demo", "--model", "", "Hi"], "twinwire: ConfigError: --model is empty"),
        (["chat", "--provider", "demo", "--model", "\udcff", "Hi"], "twinwire: ConfigError: --model is not text: "),
        (["chat", "--provider", "demo", "\ud800"], "twinwire: ConfigError: the prompt is not text: "),
    ],
)
def test_wrong_use(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot work is one clear line and a failure."""
    status = main(arguments)
    out, err = capsys.readouterr()

    assert (status, out) == (1, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_errors_are_one_line() -> None:
    """A refusal is told in one line with its request id, however long the provider's message is."""
    with LoopbackProvider() as server:
        server.script(Status(401, "Wrong key.\nReally\x1b[31m."))
        done = run("chat", *against(server), "Hi")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("twinwire: AuthenticationError: ")
    assert done.stderr.endswith("Wrong key. Really [31m. (request req_000001)\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("fault", [Close(at=AfterEvents(2)), ErrorEvent(after_events=2)], ids=repr)
def test_broken_stream_keeps_what_came(fault: Close | ErrorEvent, capsys: pytest.CaptureFixture[str]) -> None:
    """The text so far stands on its own line, then comes the error."""
    with LoopbackProvider() as server:
        server.script(Reply("One two three", faults=[fault]))
        status = main(["chat", *against(server), "Hi"])
    out, err = capsys.readouterr()

    assert (status, out) == (1, "One\n")
    assert err.count("\n") == 1
    assert err.startswith("twinwire: ")


def test_ctrl_c_while_streaming() -> None:
    """Ctrl-C ends with 130 and without a word, and closes the connection."""
    with LoopbackProvider() as server:
        server.script(Reply("One two", faults=[Stall(at=AfterEvents(2))]))
        with start(server) as process:
            assert process.stdout is not None
            first = process.stdout.read(3)
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=20)
        server.wait_for(lambda: server.open_connections == 0)

    assert (first, rest, process.returncode) == (b"One", (b"\n", b""), 130)


def test_broken_pipe() -> None:
    """A reader that leaves ends the command without a word."""
    with LoopbackProvider() as server:
        chunk = b'data: {"choices": [{"index": 0, "delta": {"content": "more "}}]}\n\n'
        server.script(Reply("One", faults=[Insert(chunk, at=AfterEvents(2), times=None)]))
        with start(server) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(100)
            process.stdout.close()
            err = process.stderr.read()

    assert (process.wait(timeout=20), err) == (141, b"")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_terminal_is_not_obeyed() -> None:
    """Control characters in an answer do not reach a terminal."""
    with LoopbackProvider() as server:
        server.script(Reply("a\x1b[31mb\tc\x9b"))
        ours, theirs = os.openpty()
        done = subprocess.run(
            [sys.executable, "-m", "twinwire", "chat", *against(server), "Hi"],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            timeout=30,
            check=False,
        )
        shown = os.read(ours, 1000).decode()
        os.close(ours)
        os.close(theirs)

    assert (done.returncode, shown) == (0, "a�[31mb\tc�\r\n")


def test_models(twinwire_openrouter: LoopbackProvider, capsys: pytest.CaptureFixture[str]) -> None:
    """One name a line, or everything as JSON."""
    lines = main(["models", *against(twinwire_openrouter)]), capsys.readouterr().out
    whole = main(["models", *against(twinwire_openrouter), "--json"]), json.loads(capsys.readouterr().out)

    assert lines == (0, "openai/gpt-4o-mini\nanthropic/claude-sonnet-4\nopenai/text-embedding-3-small\n")
    assert (whole[0], len(whole[1]["data"])) == (0, 3)


def test_demo(capsys: pytest.CaptureFixture[str]) -> None:
    """Each part shows the code that ran and what came of it."""
    status = main(["demo"])
    out, err = capsys.readouterr()

    assert (status, err) == (0, "")
    assert out.count("\n=== ") == 6
    assert "async with AsyncOpenAI(base_url=base_url" in out
    assert "Paris.\nTokyo.\nLima.\n" in out
    assert 'the model calls get_weather with {"city":"Berlin"}\n' in out
    assert "attempt 1: status 429" in out
    assert "ModelNotFoundError: " in out


def test_runs_as_a_module() -> None:
    """`python -m twinwire` is the command."""
    done = run("--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("twinwire ")


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Both leave without an error; no command at all is one."""
    exits: list[object] = []
    for arguments in (["--version"], ["--help"], []):
        with pytest.raises(SystemExit) as left:
            main(arguments)
        exits.append(left.value.code)

    assert exits == [0, 0, 2]
    assert capsys.readouterr().out.startswith("twinwire ")


def test_command_is_light() -> None:
    """Asking for help loads no client."""
    script = (
        "import sys; from twinwire import cli; "
        "print([name for name in ('attrs', 'httpx', 'ssl', 'asyncio', 'twinwire.types') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=True)

    assert done.stdout == "[]\n"
