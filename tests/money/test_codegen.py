"""`python -m codegen prices`: from upstream files and corrections to the packaged table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.price_changes import changes
from codegen.prices import CORRECTIONS, TABLE, built, formatted, main
from codegen.problems import SpecError
from codegen.tools import ToolError

ROOT = Path(__file__).parents[2]
UPSTREAM = ROOT.parent / "shared" / "prices"
FILES = {
    "genai": "genai-prices-0.2.3.json",
    "litellm": "litellm-1.109.1.json",
    "models_dev": "models.dev-2026-07-02.json",
}

GENAI = {
    "providers": [
        {
            "id": "openai",
            "models": [
                {"id": "b", "match": {"or": [{"equals": "b"}, {"equals": "b-alias"}]}, "prices": {"input_mtok": "2"}},
                {
                    "id": "a",
                    "match": {"equals": "a"},
                    "context_window": 10,
                    "prices": {"input_mtok": "1", "output_mtok": "3"},
                },
            ],
        }
    ]
}
LITELLM = {
    "a": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 9e-06,
        "input_cost_per_audio_token": 5e-06,
        "max_input_tokens": 11,
    },
    "c": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 4e-06},
    "d": {"litellm_provider": "xai", "mode": "chat", "input_cost_per_token": 4e-06},
}
MODELS_DEV = {"openai": {"models": {"b-alias": {"limit": {"context": 20, "output": 5}}}}}
SOURCES = """
genai: {name: g, version: 1, date: 2026-01-03}
litellm: {name: l, version: 1, date: 2026-01-02}
models_dev: {name: m, version: 1, date: 2026-01-01}
"""
WHY = "reason: r, source: s, checked: 2026-01-01"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project of three small upstream files and no corrections."""
    (tmp_path / CORRECTIONS).mkdir(parents=True)
    (tmp_path / CORRECTIONS / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    for name, data in (("genai", GENAI), ("litellm", LITELLM), ("models_dev", MODELS_DEV)):
        (tmp_path / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    return tmp_path


def build(root: Path) -> dict[str, Any]:
    return built({name: root / f"{name}.json" for name in FILES}, root)


def correct(root: Path, text: str) -> None:
    (root / CORRECTIONS / "openai.yaml").write_text(text, encoding="utf-8")


def arguments(root: Path) -> list[str]:
    return [
        "--genai",
        f"{root}/genai.json",
        "--litellm",
        f"{root}/litellm.json",
        "--models-dev",
        f"{root}/models_dev.json",
    ]


def test_built(root: Path) -> None:
    """One source has the word about prices; the others fill gaps."""
    document = build(root)

    assert document["date"] == "2026-01-03"
    assert [(each["name"], len(each["sha256"])) for each in document["sources"]] == [("g", 64), ("l", 64), ("m", 64)]
    assert document["providers"] == {
        "openai": {
            "a": {"prices": [{"input": "1", "output": "3", "input_audio": "5"}], "context_window": 10},
            "b": {"prices": [{"input": "2"}], "names": ["b-alias"], "context_window": 20, "max_output_tokens": 5},
            "c": {"prices": [{"input": "4"}]},
        }
    }


def test_corrections(root: Path) -> None:
    """They have the last word: remove a model or one of its names, or set what is wrong."""
    correct(
        root,
        f"- {{model: b-alias, remove: true, {WHY}}}\n- {{model: c, remove: true, {WHY}}}\n"
        f"- {{model: a, set: {{context_window: 12}}, {WHY}}}\n- {{model: e, set: {{prices: [{{input: '1'}}]}}, {WHY}}}\n",
    )

    models = build(root)["providers"]["openai"]

    assert (set(models), models["b"]["names"], models["a"]["context_window"]) == ({"a", "b", "e"}, [], 12)


@pytest.mark.parametrize(
    ("correction", "message"),
    [
        (f"{{model: nobody, remove: true, {WHY}}}", "there is no such model"),
        (f"{{model: a, set: {{context_window: 10}}, {WHY}}}", "the sources say the same"),
        ("{model: a, remove: true, reason: r, source: s}", "it is not whole"),
        (f"{{model: a, {WHY}}}", "it is not whole"),
        (f"{{model: a, set: {{prices: [{{input: 1}}]}}, {WHY}}}", "is no rate"),
    ],
)
def test_corrections_that_do_not_apply(correction: str, message: str, root: Path) -> None:
    """None outlives its reason, and none makes a table that cannot be read."""
    correct(root, f"- {correction}\n")

    with pytest.raises(SpecError, match=message):
        build(root)


def test_command(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It writes, says what has changed, and can tell later whether the table is that of the corrections."""
    assert main(["--check"], root) == 1
    assert main(arguments(root), root) == 0
    first = (root / TABLE).read_bytes()
    assert (main(arguments(root), root), main([*arguments(root), "--check"], root), main(["--check"], root)) == (
        0,
        0,
        0,
    )
    assert (root / TABLE).read_bytes() == first
    correct(root, f"- {{model: c, remove: true, {WHY}}}\n")
    assert (main(["--check"], root), main([*arguments(root), "--check"], root)) == (1, 1)

    assert "new: openai a" in capsys.readouterr().out


def test_command_without_files(root: Path) -> None:
    """All three are needed, and have to be there."""
    with pytest.raises(ToolError, match="all of --genai"):
        main([], root)
    with pytest.raises(ToolError, match="all of --genai"):
        main(["--check", "--genai", "x"], root)
    (root / "genai.json").unlink()
    with pytest.raises(ToolError, match="cannot be read"):
        main(arguments(root), root)


def test_changes() -> None:
    """One line for each model and price."""
    old: dict[str, Any] = {
        "p": {"gone": {"prices": []}, "m": {"prices": [{"input": "1", "output": "2"}], "context_window": 5}}
    }
    new: dict[str, Any] = {
        "p": {
            "new": {"prices": []},
            "m": {
                "prices": [{"input": "1"}, {"from": "2026-01-01", "input": "3"}],
                "context_window": 6,
                "variants": {"flex": [{"input": "2"}]},
            },
        }
    }

    assert changes({"providers": old}, {"providers": new}) == [
        "different: p m: context_window: 5 -> 6",
        "different: p m: flex input: - -> 2",
        "different: p m: price from 2026-01-01 input: - -> 3",
        "different: p m: price output: 2 -> -",
        "gone: p gone",
        "new: p new",
    ]


def test_the_committed_table() -> None:
    """It was made from the corrections that stand beside it."""
    assert main(["--check"], ROOT) == 0


def test_the_committed_table_is_that_of_its_sources() -> None:
    """With the upstream files at hand it comes out the same, byte for byte."""
    if not UPSTREAM.exists():
        pytest.skip("the reference data is not beside the project")

    document = built({name: UPSTREAM / file for name, file in FILES.items()}, ROOT)

    assert formatted(document) == (ROOT / TABLE).read_bytes()
