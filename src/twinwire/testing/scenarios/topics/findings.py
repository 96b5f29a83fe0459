"""What is found in a reply, for the checks of scenarios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twinwire.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from twinwire.testing.scenarios.outcome import Played


def finds(what: str, read: Callable[[Any], object], expected: object) -> Callable[[Played], str | None]:
    """
    Check that *read* finds *expected* in the reply; where chunks alone were given there is none to look at.

    A `DecodeError` on the way is found as its class.
    """

    def check(played: Played) -> str | None:
        reply = played.outcome.reply
        if reply is None:
            return None if played.way == "chunks" else f"{what} cannot be found, for there is no reply"
        try:
            got = read(reply)
        except DecodeError as error:
            got = type(error)
        return None if got == expected else f"{what} is {got!r:.200}, expected {expected!r:.200}"

    return check


def first_message(reply: Any) -> Any:
    """The message of the first choice, as it would be written back."""
    return reply.to_dict()["choices"][0]["message"]
