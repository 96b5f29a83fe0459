"""Which object of one union stands for which of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codegen.outline import Facts, Shape


@frozen
class Match:
    """How the objects of two unions go together."""

    pairs: tuple[tuple[Shape, Shape], ...]
    missing: tuple[str, ...]
    """The members of theirs that ours lacks."""
    extra: tuple[str, ...]


def matched(ours: Facts, theirs: Facts) -> Match:
    """Pair the objects that *ours* and *theirs* admit: by the tag that tells ours apart, or else by the most names in common."""
    if len(ours.shapes) == 1 and len(theirs.shapes) == 1 and not _contradict(ours.shapes[0], theirs.shapes[0]):
        return Match(((ours.shapes[0], theirs.shapes[0]),), (), ())
    tag = _tag(ours)
    pairs: list[tuple[Shape, Shape]] = []
    missing: list[str] = []
    for theirs_shape in theirs.shapes:
        partners = _partners(ours.shapes, theirs_shape, tag)
        pairs += [(partner, theirs_shape) for partner in partners]
        if not partners:
            missing.append(_member_name(theirs_shape, tag))
    taken = {partner.where for partner, _ in pairs}
    extra = [_member_name(shape, tag) for shape in ours.shapes if shape.where not in taken] if theirs.shapes else []
    return Match(tuple(pairs), tuple(missing), tuple(extra))


def _contradict(ours: Shape, theirs: Shape) -> bool:
    return any(not ours.tags[name] & theirs.tags[name] for name in ours.tags.keys() & theirs.tags.keys())


def _tag(facts: Facts) -> str | None:
    """Return the property with fixed text that tells the members apart."""
    if facts.tag is not None:
        return facts.tag
    common = [name for name in ("role", "type", "id") if all(name in shape.tags for shape in facts.shapes)]
    return common[0] if facts.shapes and common else None


def _partners(ours: Iterable[Shape], theirs: Shape, tag: str | None) -> list[Shape]:
    if tag is not None and tag in theirs.tags:
        return [shape for shape in ours if shape.tags.get(tag, frozenset()) & theirs.tags[tag]]
    best = max(ours, key=lambda shape: _overlap(shape, theirs), default=None)
    return [best] if best is not None and _overlap(best, theirs) > 0 else []


def _overlap(first: Shape, second: Shape) -> float:
    return len(first.properties.keys() & second.properties.keys()) / len(
        first.properties.keys() | second.properties.keys()
    )


def _member_name(shape: Shape, tag: str | None) -> str:
    if tag is not None and tag in shape.tags:
        return "|".join(sorted(shape.tags[tag]))
    return shape.where
