"""Which hosts are this machine. Light, because client options ask it."""

from __future__ import annotations


def is_loopback(host: str) -> bool:
    """Whether *host* (a name, or an address without brackets) cannot be another machine."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    if not name or not (name[0].isdigit() or ":" in name):
        return False
    from ipaddress import ip_address

    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
