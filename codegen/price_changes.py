"""What differs between two price tables, one line for each model and price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Document: TypeAlias = "dict[str, Any]"


def changes(old: Document | None, new: Document) -> list[str]:
    """New models, models that are gone, and each price or fact that is different, sorted."""
    before, after = _models(old or {}), _models(new)
    lines = [f"new: {' '.join(name)}" for name in after.keys() - before.keys()]
    lines += [f"gone: {' '.join(name)}" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        was, is_now = dict(_facts(before[name])), dict(_facts(after[name]))
        lines += [
            f"different: {' '.join(name)}: {fact}: {was.get(fact, '-')} -> {is_now.get(fact, '-')}"
            for fact in was.keys() | is_now.keys()
            if was.get(fact) != is_now.get(fact)
        ]
    return sorted(lines)


def _models(document: Document) -> dict[tuple[str, str], Document]:
    return {
        (provider, model): entry
        for provider, models in document.get("providers", {}).items()
        for model, entry in models.items()
    }


def _facts(entry: Document) -> Iterator[tuple[str, object]]:
    """Each fact by a name that says which it is: `price from 2026-10-19 input`."""
    for key, value in entry.items():
        if key == "prices":
            yield from _rates("price", value)
        elif key == "variants":
            for tier, dated in value.items():
                yield from _rates(tier, dated)
        else:
            yield key, value


def _rates(kind: str, dated: list[Document]) -> Iterator[tuple[str, object]]:
    for each in dated:
        when = "".join(f" {key} {each[key]}" for key in ("from", "daily") if key in each)
        for name, rate in each.items():
            if name not in ("from", "daily"):
                yield f"{kind}{when} {name}", rate
