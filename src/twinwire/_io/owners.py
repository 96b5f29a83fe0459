"""
Which process this is, and which others are known to be dead.

An owner is a text of five parts: `pid.start.boot.namespace.host`. A process id alone says nothing, since ids are used again; with the time when
that process began it names one process of one boot of one machine. What cannot be told here (a process in another container, on another
machine, or one whose start is hidden) is unknown, and who asks has to decide by when it was last seen.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sys
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from twinwire._io import clock

Verdict = Literal["alive", "dead", "unknown"]

_PROC = Path("/proc")
_UNKNOWN = "0"
_DEAD_STATES = "ZXx"
"""A zombie has ended; only its parent has not looked yet."""


class Owner(NamedTuple):
    """A process, by what tells it from all others. The fields hold no dots."""

    pid: int
    start: str
    """Linux: clock ticks from the boot to its start. Elsewhere when it first asked who it is, with a `t`: others cannot compare that."""
    boot: str
    namespace: str
    host: str

    def __str__(self) -> str:
        return ".".join((str(self.pid), *self[1:]))


def parse(text: str) -> Owner | None:
    """Read an owner's text; None for one that is not."""
    parts = text.split(".")
    if len(parts) != len(Owner._fields) or not (parts[0].isascii() and parts[0].isdigit()):
        return None
    return Owner(int(parts[0]), *parts[1:])


def this_process() -> Owner:
    """Who this process is. A child has to ask anew after a fork."""
    pid = os.getpid()
    status = _status(pid)
    start = f"t{clock.wall():.6f}".replace(".", "_") if status is None else status.start
    return Owner(pid, start, boot(), _namespace("pid"), host())


@lru_cache(maxsize=1)
def boot() -> str:
    """Name this run of the machine; "0" where the system does not tell."""
    number = _boot_number()
    return _digest(number) if number else _UNKNOWN


@lru_cache(maxsize=1)
def clock_name() -> str:
    """
    Name the monotonic clock that this process reads: others that see the same name have it in common.

    Pythons of different versions read different clocks on Windows, and a Linux container may have been given a shifted one. Where the system
    does not tell its boots apart, one is known by when it began, to a minute, by the wall clock.
    """
    number = _boot_number() or str(round((clock.wall() - clock.monotonic()) / 60))
    return _digest(number, time.get_clock_info("monotonic").implementation, _namespace("time"))


@lru_cache(maxsize=1)
def host() -> str:
    """Name this machine, or container, the same after a reboot."""
    with suppress(OSError):
        return _digest(socket.gethostname(), Path("/etc/machine-id").read_text(encoding="ascii", errors="replace"))
    return _digest(socket.gethostname())


def judge(text: str, me: Owner) -> Verdict:
    """Say whether an owner lives. It is dead only where that is known."""
    if text == str(me):
        return "alive"
    other = parse(text)
    if other is None:
        return "unknown"
    if _UNKNOWN not in (other.boot, me.boot) and other.boot != me.boot:
        return "dead" if other.host == me.host else "unknown"  # this machine was booted since
    if other.namespace != me.namespace or (other.host != me.host and me.boot == _UNKNOWN):
        return "unknown"  # its process ids are not ours
    return _judge_here(other)


class _Status(NamedTuple):
    start: str
    has_ended: bool


def _judge_here(other: Owner) -> Verdict:
    status = _status(other.pid)
    if status is not None:
        return "alive" if status.start == other.start and not status.has_ended else "dead"
    if sys.platform == "win32":  # there, asking by a signal would interrupt it
        return "unknown"
    try:
        os.kill(other.pid, 0)
    except ProcessLookupError:
        return "dead"
    except (OSError, OverflowError):
        pass
    return "unknown"  # somebody has that number, and when they began is hidden


def _status(pid: int) -> _Status | None:
    """What Linux tells of a process; None where it does not, or there is none. Source: proc(5), /proc/pid/stat."""
    try:
        text = (_PROC / str(pid) / "stat").read_bytes().decode("utf-8", "replace")
        fields = text[text.rindex(")") + 2 :].split()  # the name before may hold spaces and parentheses
        # Fields 3, 20 and 22 there. A process whose first thread has ended is no zombie while others run.
        return _Status(fields[19], fields[0] in _DEAD_STATES and int(fields[17]) <= 1)
    except (OSError, ValueError, IndexError):
        return None


def _namespace(kind: str) -> str:
    """The number of a Linux namespace of this process."""
    try:
        return (_PROC / "self" / "ns" / kind).readlink().name.partition("[")[2].rstrip("]") or _UNKNOWN
    except OSError:
        return _UNKNOWN


def _boot_number() -> str:
    if sys.platform == "darwin":
        return _boot_of_macos()
    if sys.platform == "win32":
        return _boot_of_windows()
    with suppress(OSError):
        return (_PROC / "sys" / "kernel" / "random" / "boot_id").read_text(encoding="ascii").strip()
    return ""


def _boot_of_macos() -> str:
    import ctypes

    with suppress(OSError, AttributeError):
        text = ctypes.create_string_buffer(64)
        length = ctypes.c_size_t(len(text))
        if ctypes.CDLL(None).sysctlbyname(b"kern.bootsessionuuid", text, ctypes.byref(length), None, 0) == 0:
            return text.value.decode("ascii", "replace")
    return ""


def _boot_of_windows() -> str:
    from importlib import import_module

    place = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters"
    with suppress(OSError, AttributeError, ImportError):
        registry = import_module("winreg")
        with registry.OpenKey(registry.HKEY_LOCAL_MACHINE, place) as key:
            return str(registry.QueryValueEx(key, "BootId")[0])
    return ""


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:12]
