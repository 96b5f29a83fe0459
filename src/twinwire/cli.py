"""The `twinwire` command: chat with a model, see a demonstration, list models and prices, tell what was used."""

from __future__ import annotations

import argparse
import os
import stat
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from twinwire import price_command, usage_command
from twinwire._version import VERSION
from twinwire.errors import APIError, ConfigError, TwinwireError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from twinwire import OpenAI, OpenRouter
    from twinwire.types.reply import ChatCompletion

PROVIDERS = ("openai", "openrouter", "demo")
MODELS = {"openai": "gpt-4o-mini", "openrouter": "openai/gpt-4o-mini", "demo": "openai/gpt-4o-mini"}

FAILED, INTERRUPTED, PIPE_BROKEN = 1, 130, 141
"""Exit statuses; the last two are what a shell reports of a program that died of SIGINT or SIGPIPE."""

_DEMO_DELAY_SECONDS = 0.02

# A model's words are shown, not obeyed: a terminal acts on control characters, all but tab and line feed.
_SHOWN = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command → its exit status."""
    options = _parser().parse_args(arguments)
    # Python has no stream for one that is closed, and the next socket or file takes its number.
    if sys.stdout is None:
        _complain(ConfigError("standard output is closed, so nothing can be shown"))
        return FAILED
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if callable(reconfigure):
        # A character that the terminal's encoding lacks is no reason to lose an answer.
        reconfigure(errors="replace")
    try:
        status = _run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has left. Python would complain about it once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_BROKEN
    except (TwinwireError, OSError) as error:
        _complain(error)
        return FAILED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twinwire", description="Talk to chat models.")
    parser.add_argument("--version", action="version", version=f"twinwire {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    chat = commands.add_parser("chat", help="send a prompt and stream the answer")
    chat.add_argument("prompt", nargs="*", help="what to say; what is piped in is added to it")
    _add_provider(chat)
    chat.add_argument("--model", help="the model's name at the provider")
    chat.add_argument("--system", help="instructions for the model")
    chat.add_argument("--json", action="store_true", help="print the whole reply as JSON when it is complete")

    commands.add_parser("demo", help="see what twinwire does, without a key and without a network")

    models = commands.add_parser("models", help="list a provider's models")
    _add_provider(models)
    models.add_argument("--json", action="store_true", help="print all that the provider says of them, as JSON")

    price_command.add_parser(commands)
    usage_command.add_parser(commands)
    return parser


def _add_provider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider",
        choices=PROVIDERS,
        help="who answers; by default the one whose key is set in OPENAI_API_KEY or OPENROUTER_API_KEY. "
        "demo needs no key: it runs on this machine and echoes",
    )
    parser.add_argument(
        "--base-url",
        help="the address of a server that speaks as the provider does; one on this machine needs no key",
    )
    parser.add_argument(
        "--allow-http",
        action="store_true",
        help="take an address of http:// to another machine, where key and prompts travel readable",
    )


def _run(options: argparse.Namespace) -> int:
    if options.command == "demo":
        from twinwire.demo import main as demo

        return demo()
    if options.command == "prices":
        return price_command.run(options)
    if options.command == "usage":
        return usage_command.run(options)
    provider: str = options.provider or _default_provider(options.base_url)
    if provider == "demo" and options.base_url is not None:
        raise ConfigError("--provider demo takes no --base-url: it runs on this machine")
    if options.command == "models":
        with _client(provider, options.base_url, allow_http=options.allow_http) as client:
            return _models(client, as_json=options.json)
    model = _model(options.model, provider)
    messages = _messages(options.prompt, options.system)
    with _client(provider, options.base_url, allow_http=options.allow_http) as client:
        return _chat(client, model, messages, as_json=options.json)


def _default_provider(base_url: str | None) -> str:
    for provider in ("openai", "openrouter"):
        if os.environ.get(f"{provider.upper()}_API_KEY"):
            return provider
    if base_url is not None or os.environ.get("OPENAI_BASE_URL"):
        return "openai"  # whose client knows which addresses need a key
    raise ConfigError("no key is set: set OPENAI_API_KEY or OPENROUTER_API_KEY, or use --provider demo")


def _model(name: str | None, provider: str) -> str:
    if name is None:
        return MODELS[provider]
    if not name.strip():
        raise ConfigError("--model is empty; leave it out for the provider's default")
    return _text("--model", name)


def _messages(words: Sequence[str], system: str | None) -> list[dict[str, str]]:
    messages = [{"role": "system", "content": _text("--system", system)}] if system else []
    return [*messages, {"role": "user", "content": _prompt(words)}]


def _prompt(words: Sequence[str]) -> str:
    try:
        piped = sys.stdin.read() if _is_piped_in() else ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"what is piped in is not text: {error}") from error
    parts = [_text("the prompt", " ".join(words)), _text("what is piped in", piped).strip()]
    prompt = "\n\n".join(part for part in parts if part)
    if not prompt:
        raise ConfigError('there is no prompt: twinwire chat "Explain ...", or pipe it in')
    return prompt


def _text(what: str, text: str) -> str:
    """
    Return *text*, unless it holds a lone surrogate.

    Python makes one of each byte that it cannot decode: in arguments always (PEP 383), in input in the locales C, POSIX and
    C.UTF-8 (PEP 538, PEP 540). It would be sent as an escape that no server can make a character of.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        found = f"byte {code - 0xDC00:#x}" if 0xDC80 <= code <= 0xDCFF else f"half a character, U+{code:X}"
        raise ConfigError(f"{what} is not text: after {error.start} characters comes {found}") from None
    return text


def _is_piped_in() -> bool:
    """Whether standard input is a pipe or a file: from anything else, reading might never end."""
    if sys.stdin is None:
        return False
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):
        return False  # replaced by something that is no file
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)


@contextmanager
def _client(provider: str, base_url: str | None, *, allow_http: bool) -> Generator[OpenAI | OpenRouter]:
    from twinwire import OpenAI, OpenRouter

    if provider == "demo":
        from twinwire.testing import LoopbackProvider, Reply

        # In OpenRouter's dialect, because there a reply names its cost.
        with (
            LoopbackProvider(dialect="openrouter", default=Reply(delay_seconds=_DEMO_DELAY_SECONDS)) as server,
            OpenRouter(base_url=server.base_url, api_key="demo-key", trust_env=False) as client,
        ):
            yield client
    elif provider == "openrouter":
        with OpenRouter(base_url=base_url, allow_http=allow_http) as client:
            yield client
    else:
        with OpenAI(base_url=base_url, allow_http=allow_http) as client:
            yield client


def _chat(client: OpenAI | OpenRouter, model: str, messages: list[dict[str, str]], *, as_json: bool) -> int:
    started = time.monotonic()
    with client.chat.completions.stream(model=model, messages=messages) as stream:
        last = "\n"
        try:
            for event in stream:
                if event.text and not as_json:
                    last = event.text
                    _show(event.text)
        finally:
            # The shell's prompt, or the error, begins on a line of its own.
            if not last.endswith("\n"):
                _show("\n")
        reply = stream.result()
    if as_json:
        _show(reply.to_json() + "\n")
    sys.stdout.flush()
    _tell(_summary(reply, time.monotonic() - started))
    return 0


def _models(client: OpenAI | OpenRouter, *, as_json: bool) -> int:
    models = client.models.list()
    _show(models.to_json() + "\n" if as_json else "".join(f"{model.id}\n" for model in models))
    return 0


def _show(text: str) -> None:
    sys.stdout.write(text.translate(_SHOWN) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def _summary(reply: ChatCompletion, seconds: float) -> str:
    """One line: tokens, time, and the cost where it is known."""
    parts: list[str] = []
    if reply.usage:
        parts.append(f"{reply.usage.prompt_tokens} tokens in, {reply.usage.completion_tokens} out")
    parts.append(f"{seconds:.1f} s")
    if reply.cost is not None:
        parts.append(f"${reply.cost.usd:f} ({reply.cost.provenance})")
    if reply.finish_reason not in (None, "stop"):
        parts.append(f"finish reason {reply.finish_reason}")
    return " | ".join(parts)


def _complain(error: Exception) -> None:
    message = " ".join(str(error).translate(_SHOWN).split())
    if isinstance(error, ConfigError):
        message = message.replace("allow_http=True", "--allow-http")  # the library's option, as it is called here
    request_id = f" (request {error.request_id})" if isinstance(error, APIError) and error.request_id else ""
    _tell(f"twinwire: {type(error).__name__}: {message}{request_id}")


def _tell(line: str) -> None:
    if sys.stderr is not None:  # closed; print() would take None for standard output
        print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
