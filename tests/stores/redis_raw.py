"""The client of the redis package, as tests use it beside a store. Its methods' types are not whole, hence `Any`."""

from __future__ import annotations

from typing import Any

import redis

_redis: Any = redis


def raw(url: str, **options: object) -> Any:
    """Connect; close it, or use it in a `with`."""
    return _redis.Redis.from_url(url, **options)


def raw_cluster(url: str) -> Any:
    """Connect to a cluster."""
    return _redis.RedisCluster.from_url(url)
