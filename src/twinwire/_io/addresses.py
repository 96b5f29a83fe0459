"""From a host to the addresses that a socket can connect to."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

SockAddr: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Found: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, SockAddr]


@frozen
class Address:
    """One address of a host."""

    family: int
    sockaddr: SockAddr


def addresses(found: Sequence[Found]) -> list[Address]:
    """Take what `getaddrinfo` returns, in its order, which is the system's preference."""
    if not found:
        raise OSError("the name resolved to no address")
    return [Address(entry[0], entry[4]) for entry in found]


def look_up(host: str, port: int) -> list[Address]:
    """Ask the system's resolver, which may take long."""
    return addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def look_up_number(host: str, port: int) -> list[Address] | None:
    """Take a host that is an IP address, None if it is a name. Asks nobody."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return None
    return addresses(found)
