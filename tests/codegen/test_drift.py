"""The drift command: what is accepted, what is reported, and what is recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.compare import Difference, compare
from codegen.document import read_document
from codegen.drift import Report, allowances, as_json, drift, main, markdown
from codegen.load import load
from codegen.outline import Outline
from codegen.problems import SpecError
from codegen.upstream import outline_text
from tests.codegen.project import write_project

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "upstream"
SPEC = load(ROOT)
UPSTREAM_FILES = {"openai": "openai-chat.yaml", "openrouter": "openrouter.yaml"}

UPSTREAM_YAML = """
paths:
  /ask/{subject}:
    post:
      summary: Words that are theirs.
      parameters:
        - {name: subject, in: path, required: true, description: Words., schema: {type: string, maxLength: 9}}
      requestBody: {$ref: "#/components/requestBodies/Ask"}
      responses:
        "200": {$ref: "#/components/responses/Answer"}
  /other:
    get: {responses: {}}
components:
  requestBodies:
    Ask: {content: {application/json: {schema: {$ref: "#/components/schemas/Ask"}}}}
  responses:
    Answer: {content: {application/json: {schema: {$ref: "#/components/schemas/Answer"}}}}
  schemas:
    Ask:
      description: Words that are theirs.
      type: object
      required: [question]
      properties:
        question: {type: string, minLength: 1, example: Who, default: Why}
        mood: {$ref: "#/components/schemas/Mood", description: Words.}
        extra:
          oneOf:
            - type: object
              required: [kind]
              properties:
                kind: {type: string, const: more}
                words: {type: array, items: {type: string}}
          discriminator: {propertyName: kind, mapping: {more: "#/x"}}
    Answer:
      type: object
      required: [text]
      properties:
        text: {type: string}
        mood: {$ref: "#/components/schemas/Mood"}
        extra_part: {type: object, properties: {note: {type: string}}}
        notes: {type: object, properties: {any: true}, additionalProperties: {type: string}}
    Mood: {type: string, enum: [merry, sad], x-words: Words.}
    Unused: {type: string}
"""

NOTES = "{side: reply, aspect: property, where: Answer, what: notes, reason: We have no use for them.}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that differs from its upstream in one property."""
    root = write_project(tmp_path / "project")
    (root / "upstream.yaml").write_text(UPSTREAM_YAML, encoding="utf-8")
    (root / "spec" / "upstream").mkdir()
    allow(root, "all: []")
    return root


def allow(root: Path, text: str) -> None:
    (root / "spec" / "drift-allow.yaml").write_text(text, encoding="utf-8")


def report(root: Path) -> Report:
    return drift(root, load(root), "openai", root / "upstream.yaml")


def test_an_unexplained_difference_fails(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The status is 1, and the report names the place."""
    status = main(["--provider", "openai", str(project / "upstream.yaml")], project)

    assert status == 1
    assert "| property | `Answer` | `notes` | reply | `Answer` |" in capsys.readouterr().out


@pytest.mark.parametrize("section", ["all", "openai"])
def test_an_explained_difference_is_accepted(project: Path, section: str) -> None:
    """An entry for this provider or for all takes it out, and its reason is reported."""
    allow(project, f"{section}: [{NOTES}]")
    found = report(project)

    assert found.is_clean
    assert "| 1 | We have no use for them. | `Answer notes` |" in markdown(found)
    assert json.loads(as_json(found))["accepted"][0]["reason"] == "We have no use for them."


def test_another_provider_s_entries_do_not_count(project: Path) -> None:
    """Neither do they explain anything, nor are they missed."""
    allow(project, f"openrouter: [{NOTES}]")
    found = report(project)

    assert [difference.what for difference in found.unexplained] == ["notes"]
    assert found.stale == []


def test_an_entry_that_matches_nothing_is_an_error(project: Path) -> None:
    """Each element of a list has to match, so that none outlives its difference."""
    allow(project, "all: [{where: Answer, what: [notes, gone], reason: Both were there once.}]")
    found = report(project)

    assert not found.is_clean
    assert found.unexplained == []
    assert [str(entry) for entry in found.stale] == ["where: Answer, what: gone"]
    assert "- where: Answer, what: gone" in markdown(found)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{where: Answer}", "all[0]: the entry has no reason"),
        ("{where: Answer, reason: ' '}", "all[0]: the entry has no reason"),
        ("{reason: Because.}", "all[0]: the entry covers everything"),
        ("{place: Answer, where: '*', reason: Because.}", "all[0]: unknown keys: place"),
    ],
)
def test_entries_are_checked(entry: str, words: str) -> None:
    """A wrong entry is named with the file, the place and the remedy."""
    with pytest.raises(SpecError) as caught:
        allowances(yaml.safe_load(f"all: [{entry}]"), "openai")

    assert f"spec/drift-allow.yaml: {words}" in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "where", "covers"),
    [
        ("A.b", "A.b", True),
        ("A.b", "A.bc", False),
        ("*.b[]", "A.b[]", True),
        ("*.b[]", "A.b", False),
        ("A*c", "A.b.c", True),
        ("*", "", True),
    ],
)
def test_a_star_stands_for_any_text(pattern: str, where: str, covers: bool) -> None:
    """Everything else stands for itself, brackets too."""
    (entry,) = allowances({"all": [{"where": pattern, "reason": "Because."}]}, "openai")
    difference = Difference(aspect="type", direction="extra", where=where, what="null", side="reply", upstream="")

    assert entry.covers(difference) is covers


def test_a_record_stands_for_the_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--record` keeps names and types of what ours carries, and the comparison with it is the same."""
    upstream = str(project / "upstream.yaml")
    source = ["--source", "somebody/spec@abc, MIT", "--date", "2026-01-31"]
    assert main(["--provider", "openai", "--record", upstream, *source], project) == 1
    recorded = project / "spec" / "upstream" / "openai.yaml"
    text = recorded.read_text(encoding="utf-8")
    assert main(["--provider", "openai"], project) == 1
    shown = capsys.readouterr().out

    assert drift(project, load(project), "openai").unexplained == report(project).unexplained
    assert "Compared with spec/upstream/openai.yaml (somebody/spec@abc, MIT, 2026-01-31)" in shown
    assert not any(word in text for word in ("Words", "theirs", "example", "Why", "maxLength", "Unused", "mapping"))
    assert "other_operations: [GET /other]" in text


def test_operations_that_are_not_carried_are_only_told(project: Path) -> None:
    """Nobody carries all of a provider's API."""
    allow(project, f"all: [{NOTES}]")
    found = report(project)

    assert found.not_carried == ["GET /other"]
    assert found.is_clean
    assert "does not carry: `GET /other`." in markdown(found)


def test_reports_are_written_to_files(project: Path) -> None:
    """As JSON to a file of its own, and in both forms to a folder, which is made."""
    out = project / "reports"
    arguments = ["--provider", "openai", str(project / "upstream.yaml")]
    main([*arguments, "--json", str(project / "drift.json"), "--out", str(out)], project)
    document: dict[str, Any] = json.loads((project / "drift.json").read_text(encoding="utf-8"))

    assert document["unexplained"][0] == {
        "aspect": "property",
        "direction": "missing",
        "where": "Answer",
        "what": "notes",
        "side": "reply",
        "upstream": "Answer",
    }
    assert json.loads((out / "drift-openai.json").read_text(encoding="utf-8")) == document
    assert (out / "drift-openai.md").read_text(encoding="utf-8").startswith("# Drift of openai\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--provider", "nobody"], "--provider must be one of openai, openrouter, got 'nobody'"),
        (["--provider", "openai", "--record"], "--record needs a published spec and its --source"),
        (["--provider", "openai", "--record", "upstream.yaml"], "--record needs a published spec and its --source"),
    ],
)
def test_wrong_arguments_are_refused(
    project: Path, arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one line that says what is allowed."""
    with pytest.raises(SystemExit) as caught:
        main(arguments, project)

    assert caught.value.code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("provider", sorted(UPSTREAM_FILES))
def test_every_difference_is_explained(provider: str) -> None:
    """The spec of the project against what was recorded of the provider's."""
    found = drift(ROOT, SPEC, provider)

    assert found.unexplained == []
    assert found.stale == []


@pytest.mark.skipif(not SHARED.exists(), reason="the published specs are not beside the project")
@pytest.mark.no_cover  # ten times as long; smaller documents go the same ways
@pytest.mark.parametrize("provider", sorted(UPSTREAM_FILES))
def test_the_records_are_those_of_the_published_specs(provider: str) -> None:
    """Recording anew changes nothing, and the whole file differs from ours as its record does."""
    path = SHARED / UPSTREAM_FILES[provider]
    published = read_document(path, path.name)
    recorded = ROOT / "spec" / "upstream" / f"{provider}.yaml"
    known = read_document(recorded, recorded.name)
    ours = SPEC.document
    text = outline_text(
        Outline(ours, provider), Outline(published, provider), source=known["source"], date=known["date"]
    )

    assert text == recorded.read_text(encoding="utf-8")
    assert compare(ours, published, provider) == compare(ours, known, provider)
