"""Time and chance, which the core is handed and never asks for itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]

monotonic: Clock = time.monotonic
"""Seconds that never go back; deadlines are in them."""

wall: Clock = time.time
"""Seconds since 1970 by the machine's clock, for comparing with what a server says."""

chance: Clock = random.random
"""A fraction from 0 up to 1, for jitter. Python seeds it anew in a forked process."""
