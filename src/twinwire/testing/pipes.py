"""Whole pickled values over a pipe between a user's process and its loopback provider's."""

from __future__ import annotations

import pickle
from typing import IO

from attrs import frozen

_LENGTH_BYTES = 8


@frozen
class Command:
    """What the user's process wants: a method of the server's state, or `start`."""

    name: str
    arguments: tuple[object, ...] = ()


@frozen
class Raised:
    """What a command raised, instead of its result."""

    error: Exception


def send(pipe: IO[bytes], value: object) -> None:
    """Write one value; nothing is written if it cannot be pickled."""
    data = pickle.dumps(value)
    pipe.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> object:
    """
    Read one value, whole even if it cannot be unpickled.

    Raises:
        EOFError: the other end is gone.
    """
    length = int.from_bytes(pipe.read(_LENGTH_BYTES), "big")
    data = pipe.read(length)
    if not data or len(data) < length:
        raise EOFError("the other end of the pipe is gone")
    value: object = pickle.loads(data)  # noqa: S301  # both ends are ours
    return value
