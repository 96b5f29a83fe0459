"""
What an image costs, by model and size.

Two ways of counting, as OpenAI documents them (platform.openai.com/docs/guides/images-vision, "Calculating costs", checked
2026-11-20): tiles of 512 pixels after shrinking, or patches of 32. Factors marked "measured" were compared with reported counts.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

TILE_PIXELS = 512
LONG_SIDE_PIXELS = 2048
SHORT_SIDE_PIXELS = 768
PATCH_PIXELS = 32
MAX_PATCHES = 1536


class ImageRule(NamedTuple):
    """How a model counts images."""

    base: int
    """Tokens of any image; with `detail: low` all of them, where images are counted in tiles."""
    per_tile: int = 0
    """Tokens of a tile; 0 where images are counted in patches."""
    per_patch: float = 0.0


GPT4O_TILES = ImageRule(85, 170)
"""gpt-4o, gpt-4.1, gpt-4.5, gpt-4-turbo; measured."""

_RULES = (
    (r"gpt-4o-mini", ImageRule(2833, 5667)),  # measured: 8,500 at one tile
    (r"gpt-4\.1-mini", ImageRule(0, per_patch=1.62)),
    (r"gpt-4\.1-nano", ImageRule(0, per_patch=2.46)),  # measured, one token off
    (r"o4-mini", ImageRule(0, per_patch=1.72)),
    (r"gpt-[5-9][\d.]*-mini", ImageRule(2, per_patch=1.2)),  # measured; 1.62 is documented
    (r"gpt-[5-9][\d.]*-nano", ImageRule(0, per_patch=2.46)),
    (r"o\d", ImageRule(75, 150)),
    (r"gpt-[5-9]", ImageRule(70, 140)),
)


def image_rule(name: str) -> ImageRule:
    """Return the rule for a model's bare name."""
    return next((rule for pattern, rule in _RULES if re.match(pattern, name)), GPT4O_TILES)


def image_tokens(rule: ImageRule, width: int, height: int, detail: str) -> int:
    """Return what an image of this size, in pixels, costs."""
    if rule.per_patch:
        return math.ceil(_patches(width, height) * rule.per_patch) + rule.base
    if detail == "low":
        return rule.base
    return rule.base + rule.per_tile * _tiles(width, height)


def unknown_image(rule: ImageRule, detail: str) -> tuple[int, int, int]:
    """Return the likely, the least and the most tokens of an image whose size is not known."""
    likely = image_tokens(rule, 1024, 1024, detail)
    return likely, image_tokens(rule, 1, 1, detail), image_tokens(rule, LONG_SIDE_PIXELS, SHORT_SIDE_PIXELS, detail)


def _tiles(width: int, height: int) -> int:
    shrink = min(1.0, LONG_SIDE_PIXELS / max(width, height))
    shrink = min(shrink, SHORT_SIDE_PIXELS / min(width, height))  # never enlarged: both are at most 1
    # Rounded first, as sides are whole pixels: 2048 / 3000 * 3000 must not be a hair over 2048.
    return math.ceil(max(1, round(width * shrink)) / TILE_PIXELS) * math.ceil(
        max(1, round(height * shrink)) / TILE_PIXELS
    )


def _patches(width: int, height: int) -> int:
    across, down = math.ceil(width / PATCH_PIXELS), math.ceil(height / PATCH_PIXELS)
    if across * down <= MAX_PATCHES:
        return across * down
    shrink = math.sqrt(PATCH_PIXELS**2 * MAX_PATCHES / (width * height))
    wide, high = width * shrink / PATCH_PIXELS, height * shrink / PATCH_PIXELS
    shrink = min(max(1, math.floor(wide)) / wide, max(1, math.floor(high)) / high)
    return min(MAX_PATCHES, math.ceil(wide * shrink - 1e-9) * math.ceil(high * shrink - 1e-9))
