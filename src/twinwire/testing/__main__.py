"""`python -m twinwire.testing` runs a loopback provider until Ctrl-C and prints its base URL."""

from __future__ import annotations

import argparse
import sys
import threading

from twinwire.errors import ConfigError
from twinwire.testing.provider import LoopbackProvider


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m twinwire.testing", description=__doc__)
    parser.add_argument("--dialect", choices=("openai", "openrouter"), default="openai")
    parser.add_argument("--port", type=int, default=0, help="any free one by default")
    parser.add_argument("--api-key", action="append", help="accept this key (may be given several times)")
    parser.add_argument("--controlled", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.controlled:
        from twinwire.testing.controlled import main as controlled

        controlled()
        return 0
    try:
        with LoopbackProvider(dialect=options.dialect, port=options.port, api_keys=options.api_key) as server:
            sys.stdout.write(server.base_url + "\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 130
    except ConfigError as error:
        parser.error(str(error))
    except OSError as error:
        sys.stderr.write(f"cannot listen on port {options.port}: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
