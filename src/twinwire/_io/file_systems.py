"""Whether a folder is on a network file system, as far as the system tells: SQLite's log needs memory that all its users share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "afs", "ncpfs", "coda", "ceph", "lustre", "gpfs", "beegfs"),
        *("glusterfs", "gfs2", "ocfs2", "pvfs2", "orangefs", "davfs", "curlftpfs", "sshfs", "s3fs", "gcsfuse"),
    }
)


def network_kind(path: str) -> str | None:
    """
    Name the network file system that *path*, which is absolute and real, lies on.

    None where it is a local one, or nothing is known: macOS and the BSDs do not tell without tools of their own.
    """
    if sys.platform == "win32":
        return "a network share" if path.startswith("\\\\") else None
    try:
        lines = _MOUNTS.read_bytes().splitlines()
    except OSError:
        return None
    kind = _kind_of(os.fsencode(path), lines)
    return kind if kind.removeprefix("fuse.") in _NETWORK else None


def _kind_of(path: bytes, lines: list[bytes]) -> str:
    """The kind of the mount that holds *path*: of the longest mount point above it, the last one. Source: proc(5), mountinfo."""
    longest, found = -1, b""
    for line in lines:
        before, _, after = line.partition(b" - ")
        fields = before.split(b" ")
        if len(fields) < 5:
            continue
        point = _unescape(fields[4])
        is_above = path == point or path.startswith(point if point.endswith(b"/") else point + b"/")
        if is_above and len(point) >= longest:
            longest, found = len(point), after.partition(b" ")[0]
    return found.decode("ascii", "replace")


def _unescape(point: bytes) -> bytes:
    for code, sign in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        point = point.replace(code, sign)
    return point
