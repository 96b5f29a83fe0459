"""What `docs/regenerating.md` promises, done step by step in an unpacked source distribution."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from twinwire.testing import LoopbackProvider

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "regenerating.md").read_text(encoding="utf-8")

PARAMETER, FIELD = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
(USE,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)

SIGNATURES = """
import inspect
from twinwire import AsyncOpenAI, AsyncOpenRouter, OpenAI, OpenRouter

for client in (OpenAI, AsyncOpenAI, OpenRouter, AsyncOpenRouter):
    create = client(api_key="test-key").chat.completions.create
    print("answer_language" in inspect.signature(create).parameters, "The language of the answer" in create.__doc__)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked source distribution, with the new parameter said in its spec and nothing generated yet."""
    folder = tmp_path_factory.mktemp("sdist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    project = folder / archive.name.removesuffix(".tar.gz")
    spec = project / "spec" / "schemas" / "request.yaml"
    text = spec.read_text(encoding="utf-8")
    text = with_property(text, "CreateChatCompletionParams:", PARAMETER)
    spec.write_text(with_property(text, "ChatCompletionStreamOptionsParam:", FIELD), encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def published(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the provider publishes by now: as recorded, with the parameter and the field."""
    text = (project / "spec" / "upstream" / "openai.yaml").read_text(encoding="utf-8")
    text = with_property(text, "    CreateChatCompletionRequest:", "answer_language: {type: string}")
    text = with_property(text, "    ChatCompletionStreamOptions:", "include_timing: {type: boolean}")
    file = tmp_path_factory.mktemp("published") / "openapi.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def check_before(project: Path) -> subprocess.CompletedProcess[str]:
    """What `codegen check` says between the change of the spec and the one command."""
    return run(project, "-m", "codegen", "check")


@pytest.fixture(scope="module")
def generated(project: Path, check_before: object) -> Path:
    """The project after the one command."""
    done = run(project, "-m", "codegen", "generate")
    assert done.returncode == 0, done.stderr
    return project


def with_property(text: str, schema: str, line: str) -> str:
    """Put *line* first among the properties of *schema*, as deep as they are."""
    head, name, rest = text.partition(f"\n{schema}\n")
    before, properties, after = rest.partition("properties:\n")
    assert name, f"there is no {schema}"
    indent = " " * (len(after) - len(after.lstrip(" ")))
    return head + name + before + properties + indent + line.strip() + "\n" + after


def run(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in *project*, with its own sources and no others."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(project / "src"), str(project)]), **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def test_the_report_lists_what_is_new(published: Path) -> None:
    """Before the change the parameter and the field are in the drift report, which fails."""
    done = run(ROOT, "-m", "codegen", "drift", "--provider", "openai", str(published))

    assert done.returncode == 1
    assert "answer_language" in done.stdout
    assert "include_timing" in done.stdout


def test_the_check_asks_for_a_generation(check_before: subprocess.CompletedProcess[str]) -> None:
    """While the spec says more than the files, the check fails and shows it."""
    assert check_before.returncode == 1
    assert "+        answer_language: str | Unset = UNSET," in check_before.stdout


def test_the_report_is_clean_afterwards(generated: Path, published: Path) -> None:
    """The drift report explains everything again."""
    done = run(generated, "-m", "codegen", "drift", "--provider", "openai", str(published))

    assert done.returncode == 0, done.stdout


def test_the_generated_files_are_up_to_date(generated: Path) -> None:
    """One command was enough."""
    done = run(generated, "-m", "codegen", "check")

    assert done.returncode == 0, done.stdout


def test_the_parameter_is_in_both_signatures(generated: Path) -> None:
    """It is a parameter of the provider's two clients, with its words, and of no other's."""
    done = run(generated, "-c", SIGNATURES)

    assert done.stdout.splitlines() == ["True True", "True True", "False False", "False False"]


def test_the_field_is_in_the_typed_dict(generated: Path) -> None:
    """A nested field is part of the type that users write."""
    code = (
        "from twinwire.types import ChatCompletionStreamOptionsParam as P; print('include_timing' in P.__annotations__)"
    )

    assert run(generated, "-c", code).stdout == "True\n"


def test_the_parameter_is_sent(generated: Path) -> None:
    """The page's own example sends it with both clients."""
    with LoopbackProvider() as server:
        done = run(generated, "-c", USE, OPENAI_BASE_URL=server.base_url, OPENAI_API_KEY="test-key")
        sent = [request.json["answer_language"] for request in server.requests]

    assert done.stdout == "Say hello.\nSay hello."
    assert sent == ["de", "de"]
    assert server.requests[1].json["stream_options"] == {"include_timing": True}


def test_the_parameter_is_checked(generated: Path) -> None:
    """What the line states is held before anything is sent."""
    code = "from twinwire import OpenAI; OpenAI(api_key='k').chat.completions.create(model='m', messages=[{'role': 'user', 'content': 'x'}], answer_language='d')"

    assert "InvalidRequestError: answer_language" in run(generated, "-c", code).stderr
