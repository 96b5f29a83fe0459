"""
`python -m codegen prices`: the price table that the package holds, from what others publish and from `spec/prices/`.

Prices are genai-prices'. litellm's file adds models, rates of audio, context windows and output caps that are missing there, and models.dev's
catalogue more of the last two. Corrections have the last word. Without upstream files, the committed table is compared with `spec/prices/`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from codegen.price_changes import changes
from codegen.problems import Problem, SpecError
from codegen.tools import ToolError
from twinwire.money.formats import PROVIDERS, genai_providers, litellm_providers, parse
from twinwire.money.kinds import is_object
from twinwire.money.prices import FORMAT, PriceTable

if TYPE_CHECKING:
    from collections.abc import Sequence

Document: TypeAlias = "dict[str, Any]"

TABLE = Path("src") / "twinwire" / "_data" / "prices.json"
CORRECTIONS = Path("spec") / "prices"
UPSTREAM = ("genai", "litellm", "models_dev")
_ADDED_BY_LITELLM = ("openai", "anthropic")
"""For the others its file is too uneven to add models from."""
_AUDIO = ("input_audio", "output_audio")
_MODELS_DEV_NAMES = {"together": "togetherai"}
_OPERATIONS = {"remove", "set"}


def main(arguments: Sequence[str], root: Path) -> int:
    """Rebuild the table, or check it; return the exit status."""
    parser = ArgumentParser(prog="python -m codegen prices", description=__doc__)
    parser.add_argument("--genai", type=Path, help="genai-prices' data as JSON")
    parser.add_argument("--litellm", type=Path, help="litellm's model_prices_and_context_window.json")
    parser.add_argument("--models-dev", type=Path, help="models.dev's api.json")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where the committed table would change"
    )
    options = parser.parse_args(arguments)
    files: dict[str, Path | None] = {name: getattr(options, name) for name in UPSTREAM}
    place = root / TABLE
    committed = json.loads(place.read_bytes()) if place.exists() else None
    if not all(files.values()):
        if any(files.values()) or not options.check:
            raise ToolError(
                "all of --genai, --litellm and --models-dev are needed to rebuild the table; --check alone needs none"
            )
        return _check_without_upstream(committed, place, root)
    document = built({name: path for name, path in files.items() if path is not None}, root)
    report = changes(committed, document)
    print("\n".join([*report, f"{len(report)} changes, {PriceTable(document, 'the new table').check()} models"]))
    written = formatted(document)
    if options.check:
        return int(not place.exists() or place.read_bytes() != written)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(written)
    return 0


def built(files: dict[str, Path], root: Path) -> Document:
    """The document that follows from the upstream files and the corrections."""
    sources = yaml.safe_load((root / CORRECTIONS / "sources.yaml").read_text(encoding="utf-8"))
    data: dict[str, Any] = {}
    for name, path in files.items():
        try:
            content = path.read_bytes()
            data[name] = parse(content)
        except (OSError, ValueError) as error:
            raise ToolError(f"{path} cannot be read: {error}") from error
        sources[name]["sha256"] = hashlib.sha256(content).hexdigest()
    genai: Any = data["genai"]
    providers = genai_providers(genai["providers"] if is_object(genai) else genai)
    _add_litellm(providers, litellm_providers(data["litellm"], None))
    _add_models_dev(providers, data["models_dev"])
    _correct(providers, root)
    document: Document = {
        "format": FORMAT,
        "date": max(str(each["date"]) for each in sources.values()),
        "sources": [{key: str(value) for key, value in sources[name].items()} for name in UPSTREAM],
        "corrections_sha256": _corrections_digest(root),
        "providers": {name: providers[name] for name in PROVIDERS if name in providers},
    }
    try:
        PriceTable(document, "the new table").check()
    except ValueError as error:
        raise SpecError(
            [Problem(TABLE.as_posix(), "the new table", str(error), "correct it in spec/prices")]
        ) from error
    return document


def formatted(document: Document) -> bytes:
    """One line for each model, so that a change is read in a diff."""
    head = {key: value for key, value in document.items() if key != "providers"}
    lines = [_line(head)[:-1] + ',"providers":{']
    blocks: list[str] = []
    for provider, models in document["providers"].items():
        entries = ",\n".join(f"{_line(model)}:{_line(models[model])}" for model in sorted(models))
        blocks.append(f"{_line(provider)}:{{\n{entries}\n}}")
    return "\n".join([*lines, ",\n".join(blocks), "}}", ""]).encode()


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _check_without_upstream(committed: Document | None, place: Path, root: Path) -> int:
    if committed is None:
        print(f"{TABLE} is not there", file=sys.stderr)
        return 1
    PriceTable(committed, str(TABLE)).check()
    if committed["corrections_sha256"] != _corrections_digest(root) or place.read_bytes() != formatted(committed):
        print(f"{TABLE} was not made from this {CORRECTIONS}: run `python -m codegen prices`", file=sys.stderr)
        return 1
    print(f"{TABLE} was made from this {CORRECTIONS}")
    return 0


def _corrections_digest(root: Path) -> str:
    found = hashlib.sha256()
    for path in sorted((root / CORRECTIONS).glob("*.yaml")):
        found.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return found.hexdigest()


def _add_litellm(providers: Document, others: Document) -> None:
    for provider, models in others.items():
        entries = providers.get(provider, {})
        for model, other in models.items():
            entry = _named(entries, model)
            if entry is None:
                if provider in _ADDED_BY_LITELLM:
                    entries[model] = other
                continue
            _add_limits(entry, other)
            for dated in entry["prices"]:
                for name in _AUDIO:
                    if name in other["prices"][0]:
                        dated.setdefault(name, other["prices"][0][name])


def _add_models_dev(providers: Document, data: Document) -> None:
    for provider, entries in providers.items():
        models = data.get(_MODELS_DEV_NAMES.get(provider, provider), {}).get("models", {})
        for model, other in models.items():
            entry = _named(entries, model)
            limit: Document = other.get("limit") or {}
            if entry is not None:
                _add_limits(entry, {"context_window": limit.get("context"), "max_output_tokens": limit.get("output")})


def _named(entries: Document, model: str) -> Document | None:
    """The entry of that name, or whose other names have it."""
    exact: Document | None = entries.get(model)
    if exact is not None:
        return exact
    return next((entry for entry in entries.values() if model in entry.get("names", ())), None)


def _add_limits(entry: Document, other: Document) -> None:
    for name in ("context_window", "max_output_tokens"):
        if name not in entry and other.get(name):
            entry[name] = other[name]


def _correct(providers: Document, root: Path) -> None:
    problems: list[Problem] = []
    for path in sorted((root / CORRECTIONS).glob("*.yaml")):
        if path.name == "sources.yaml":
            continue
        entries = providers.setdefault(path.stem, {})
        for correction in yaml.safe_load(path.read_text(encoding="utf-8")):
            problem = _apply(entries, correction)
            if problem:
                message, remedy = problem
                place = str(correction.get("model"))
                problems.append(Problem(f"{CORRECTIONS.as_posix()}/{path.name}", place, message, remedy))
    if problems:
        raise SpecError(problems)


def _apply(entries: Document, correction: Document) -> tuple[str, str] | None:
    """Apply one correction; say what is wrong with it, if anything, and what to do."""
    missing = [name for name in ("model", "reason", "source", "checked") if not correction.get(name)]
    if missing or len(_OPERATIONS & correction.keys()) != 1:
        return "it is not whole", f"it has model, reason, source, checked, and one of {', '.join(sorted(_OPERATIONS))}"
    model = correction["model"]
    if "set" in correction:
        entry = entries.setdefault(model, {})
        if all(entry.get(name) == value for name, value in correction["set"].items()):
            return "the sources say the same by now", "take it out"
        entry.update(correction["set"])
        return None
    if entries.pop(model, None) is not None:
        return None
    entry = _named(entries, model)
    if entry is None:
        return "there is no such model", "take it out"
    entry["names"] = [name for name in entry["names"] if name != model]
    return None
