"""
`python -m codegen drift`: how far a provider's published spec and ours have moved apart.

What differs for a reason stands in `spec/drift-allow.yaml`, with the reason. An entry that matches nothing any more is an error too:
the difference has gone, or the entry never worked.
"""

from __future__ import annotations

import json
import re
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, field, frozen

from codegen.compare import Difference, compare
from codegen.document import JsonObject, read_document
from codegen.load import load
from codegen.outline import Outline
from codegen.problems import Problem, SpecError
from codegen.upstream import other_operations, outline_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from codegen.load import Spec

ALLOW_FILE = "spec/drift-allow.yaml"
RECORDS_FOLDER = "spec/upstream"
_EVERY_PROVIDER = "all"
_MATCHED = ("aspect", "direction", "side", "where", "what", "upstream")


@frozen(kw_only=True)
class Allowed:
    """Differences that are meant, with the reason."""

    reason: str
    patterns: dict[str, str]
    """What the difference's fields must be; `*` stands for any text."""

    def covers(self, difference: Difference) -> bool:
        return all(_fits(pattern, getattr(difference, key)) for key, pattern in self.patterns.items())

    def __str__(self) -> str:
        return ", ".join(f"{key}: {pattern}" for key, pattern in self.patterns.items())


@frozen(kw_only=True)
class Report:
    """What a comparison found."""

    provider: str
    upstream: str
    """The file, or the source that was recorded."""
    unexplained: list[Difference]
    accepted: list[tuple[Difference, str]] = field(repr=False)
    """With the reasons."""
    stale: list[Allowed]
    """Entries of the allow file that match nothing."""
    not_carried: list[str]
    """Operations of upstream that ours does not have: for information, since nobody carries them all."""

    @property
    def is_clean(self) -> bool:
        return not self.unexplained and not self.stale


def main(arguments: Sequence[str], root: Path) -> int:
    """Run the command for the project at *root*; return its exit status: 1 when a difference is unexplained."""
    parser = ArgumentParser(prog="python -m codegen drift", description=__doc__)
    parser.add_argument("upstream", nargs="?", type=Path, help=f"a published spec; {RECORDS_FOLDER}/ if absent")
    parser.add_argument("--provider", required=True)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON too")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="write drift-PROVIDER.md and .json there")
    parser.add_argument("--record", action="store_true", help=f"renew {RECORDS_FOLDER}/PROVIDER.yaml, and compare")
    parser.add_argument("--source", help="with --record: where the file is from, and which version of it")
    parser.add_argument("--date", default=date.today().isoformat(), help="with --record: the date of that version")  # noqa: DTZ011 - a person's date
    options = parser.parse_args(arguments)
    spec = load(root)
    if options.provider not in spec.clients:
        parser.error(f"--provider must be one of {', '.join(sorted(spec.clients))}, got {options.provider!r}")
    if options.record and not (options.upstream and options.source):
        parser.error("--record needs a published spec and its --source")
    if options.record:
        record(root, spec, options.provider, options.upstream, source=options.source, day=options.date)
    report = drift(root, spec, options.provider, options.upstream)
    print(markdown(report), end="")
    if options.json is not None:
        options.json.write_text(as_json(report), encoding="utf-8")
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        stem = options.out / f"drift-{report.provider}"
        stem.with_suffix(".md").write_text(markdown(report), encoding="utf-8")
        stem.with_suffix(".json").write_text(as_json(report), encoding="utf-8")
    return 0 if report.is_clean else 1


def drift(root: Path, spec: Spec, provider: str, upstream: Path | None = None) -> Report:
    """
    Compare *spec*, of the project at *root*, with *upstream*, or with what was recorded of it.

    Raises:
        SpecError: a file is missing or is not what it should be.
    """
    recorded = f"{RECORDS_FOLDER}/{provider}.yaml"
    theirs = read_document(upstream or root / recorded, upstream.name if upstream else recorded)
    ours = spec.document
    allowed = allowances(read_document(root / ALLOW_FILE, ALLOW_FILE), provider)
    differences = compare(ours, theirs, provider)
    accepted: list[tuple[Difference, str]] = []
    unexplained: list[Difference] = []
    for difference in differences:
        entry = next((entry for entry in allowed if entry.covers(difference)), None)
        if entry is None:
            unexplained.append(difference)
        else:
            accepted.append((difference, entry.reason))
    return Report(
        provider=provider,
        upstream=upstream.name if upstream else f"{recorded} ({theirs['source']}, {theirs['date']})",
        unexplained=unexplained,
        accepted=accepted,
        stale=[entry for entry in allowed if not any(entry.covers(difference) for difference in differences)],
        not_carried=other_operations(Outline(ours, provider), Outline(theirs, provider)),
    )


def record(root: Path, spec: Spec, provider: str, upstream: Path, *, source: str, day: str) -> None:
    """Write the names and types of *upstream* to `spec/upstream/`."""
    ours = Outline(spec.document, provider)
    theirs = Outline(read_document(upstream, upstream.name), provider)
    text = outline_text(ours, theirs, source=source, date=day)
    (root / RECORDS_FOLDER / f"{provider}.yaml").write_text(text, encoding="utf-8")


def allowances(document: JsonObject, provider: str) -> list[Allowed]:
    """
    Return the entries of the allow file that concern *provider*.

    An entry has a `reason` and at least one of `aspect`, `direction`, `side`, `where`, `what`, `upstream`; a list under `what` or `where` stands for as
    many entries, each of which has to match.

    Raises:
        SpecError: an entry has no reason, restricts nothing, or has a key that means nothing.
    """
    entries = [
        (f"{section}[{index}]", entry)
        for section in (_EVERY_PROVIDER, provider)
        for index, entry in enumerate(document.get(section, ()))
    ]
    problems = [Problem(ALLOW_FILE, place, *wrong) for place, entry in entries for wrong in _wrong_with(entry)]
    if problems:
        raise SpecError(problems)
    return [allowed for _, entry in entries for allowed in _expanded(entry)]


def _wrong_with(entry: JsonObject) -> Iterable[tuple[str, str]]:
    if not str(entry.get("reason", "")).strip():
        yield "the entry has no reason", "say why the specs differ here"
    unknown = sorted(entry.keys() - {*_MATCHED, "reason"})
    if unknown:
        yield f"unknown keys: {', '.join(unknown)}", f"use {', '.join(_MATCHED)}, reason"
    if not entry.keys() & set(_MATCHED):
        yield "the entry covers everything", "say at least where"


def _expanded(entry: JsonObject) -> Iterable[Allowed]:
    patterns = {key: entry[key] for key in _MATCHED if key in entry}
    listed = next((key for key in ("what", "where") if isinstance(patterns.get(key), list)), None)
    if listed is None:
        yield Allowed(reason=entry["reason"].strip(), patterns={key: str(value) for key, value in patterns.items()})
        return
    for value in patterns[listed]:
        yield from _expanded(entry | {listed: value})


def _fits(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(re.escape(part) for part in pattern.split("*")), text) is not None


def markdown(report: Report) -> str:
    """Return *report* for people."""
    lines = [
        f"# Drift of {report.provider}",
        "",
        f"Compared with {report.upstream}: {len(report.unexplained)} unexplained, {len(report.accepted)} accepted.",
    ]
    for title, direction in (("Upstream has it, we lack it", "missing"), ("We have it, upstream lacks it", "extra")):
        found = [difference for difference in report.unexplained if difference.direction == direction]
        if found:
            lines += [
                "",
                f"## {title}",
                "",
                "| aspect | where | what | side | upstream |",
                "| --- | --- | --- | --- | --- |",
            ]
            lines += [f"| {d.aspect} | `{d.where}` | `{d.what}` | {d.side} | `{_cell(d.upstream)}` |" for d in found]
    if report.stale:
        lines += ["", f"## Entries of `{ALLOW_FILE}` that match nothing", "", *(f"- {entry}" for entry in report.stale)]
    if report.accepted:
        lines += ["", "## Accepted", "", "| differences | reason | such as |", "| ---: | --- | --- |"]
        lines += [f"| {len(found)} | {_cell(reason)} | `{found[0]}` |" for reason, found in _by_reason(report).items()]
    if report.not_carried:
        names = ", ".join(f"`{name}`" for name in report.not_carried)
        lines += ["", f"Upstream also has operations that this spec does not carry: {names}."]
    return "\n".join(lines) + "\n"


def _by_reason(report: Report) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for difference, reason in report.accepted:
        found.setdefault(reason, []).append(f"{difference.where} {difference.what}")
    return found


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def as_json(report: Report) -> str:
    """Return *report* for programs."""
    document = {
        "provider": report.provider,
        "upstream": report.upstream,
        "unexplained": [asdict(difference) for difference in report.unexplained],
        "accepted": [asdict(difference) | {"reason": reason} for difference, reason in report.accepted],
        "stale": [entry.patterns for entry in report.stale],
        "not_carried": report.not_carried,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
