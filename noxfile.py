"""
What continuous integration runs, a session each; `nox -l` lists them, and nothing else is needed.

Most sessions share one environment, `.nox/dev`, which is made once and renewed when pyproject.toml asks for other packages: a
session is then as quick as the tool it runs.
"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.default_venv_backend = "none"  # environments are made by `environment`, with the standard library's venv

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml("pyproject.toml")
LOWEST = ROOT / "tests" / "project" / "lowest.txt"

MAX_WHEEL_BYTES = 1_600_000
"""
More than half are the vocabulary o200k_base, 709 kB in the smallest packing that was found: with it counts are exact offline. The
wheel had 1,267 kB on 2026-11-21.
"""
SCRIPTS = "Scripts" if sys.platform == "win32" else "bin"
PACKAGED_TESTS = ("client", "testing")
"""Test folders that need nothing of the source tree, and so can be run against an installed package."""
REGENERATED_TESTS = tuple(
    f"tests/client/test_{name}.py" for name in ("calls", "streams", "options", "operation", "checks")
)
"""Tests that go through generated clients and types, each part of them once."""
PACKAGED_DATA = """
import twinwire
print(twinwire.count_tokens("gpt-4o", [{"role": "user", "content": "Say hello."}]))
print(twinwire.cost_of({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}, model="gpt-4o", provider="openai"))
from twinwire._io.redis_lua import lua_script
print(lua_script("budgets"), lua_script("limits"))
"""
TOUCHING_DEPENDENCIES = ("chat", "client", "core", "io", "model", "stores", "types")
"""Test folders whose code uses an installed package; the rest read files, or go over the same code again."""


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: the rules (the security ones among them) and the format."""
    python = environment(session, "dev")
    run(session, python, "ruff", "check", ".")
    run(session, python, "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy strict and pyright strict, over the project and over scripts as users write them."""
    python = environment(session, "dev")
    run(session, python, "mypy")
    run(session, python, "pyright", "--pythonpath", str(python))


@nox.session
def tests(session: nox.Session) -> None:
    """Test on the default transport, with the coverage of the handwritten code."""
    python = environment(session, "dev")
    run(session, python, "pytest", "-q", "-n", "auto", "--cov", *session.posargs)


@nox.session
def transports(session: nox.Session) -> None:
    """Test the clients again on an injected httpx and on httpx2."""
    python = environment(session, "dev")
    for name in ("httpx", "httpx2"):
        run(session, python, "pytest", "-q", "-n", "auto", f"--transport={name}", *session.posargs)


@nox.session
def lowest(session: nox.Session) -> None:
    """Test what touches a dependency with the lowest versions that pyproject.toml allows."""
    python = environment(session, "lowest", "test", constraints=LOWEST)
    folders = session.posargs or [f"tests/{name}" for name in TOUCHING_DEPENDENCIES]
    run(session, python, "pytest", "-q", "-n", "auto", *folders)


@nox.session
def scenarios(session: nox.Session) -> None:
    """Play the hostile situations of `twinwire.testing.scenarios`: all on the default transport, some on injected ones."""
    python = environment(session, "dev")
    if session.posargs:
        run(session, python, "twinwire.testing.scenarios", *session.posargs)
        return
    for options in ([], ["--transport", "httpx"], ["--transport", "httpx2"]):
        run(session, python, "twinwire.testing.scenarios", *options)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed the decoders 100,000 generated and damaged inputs."""
    run(session, environment(session, "dev"), "tests.fuzz", "--examples", "100000", *session.posargs)


@nox.session(default=False)
def fuzz_long(session: nox.Session) -> None:
    """The same with a million."""
    run(session, environment(session, "dev"), "tests.fuzz", "--examples", "1000000", *session.posargs)


@nox.session
def simulate(session: nox.Session) -> None:
    """Step calls through 10,000 schedules of faults under a virtual clock."""
    run(session, environment(session, "dev"), "tests.simulation", "--schedules", "10000", *session.posargs)


@nox.session
def mix(session: nox.Session) -> None:
    """Stream 10,000 answers from a server that fails as often as real ones do."""
    run(session, environment(session, "dev"), "tests.mix", "--streams", "10000", *session.posargs)


@nox.session
def load(session: nox.Session) -> None:
    """Put load on limits and budgets that many processes share, against a server that enforces limits and counts its income."""
    run(session, environment(session, "dev"), "tests.load", *session.posargs)


@nox.session
def processes(session: nox.Session) -> None:
    """Check forks, loops, signals and ends of the interpreter in real processes."""
    run(session, environment(session, "dev"), "tests.processes", *session.posargs)


@nox.session(default=False)
def tokens(session: nox.Session) -> None:
    """Print how well prompts are counted, beside other formulas; needs the reported counts, a file given or beside the project."""
    run(session, environment(session, "dev"), "tests.tokens", *session.posargs)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """
    Ask for known vulnerabilities of what twinwire installs with all its extras.

    A machine that reaches no advisory service skips, and says so; with `-- --required` it fails. It takes a service's word only
    for what that service has looked up: pip-audit calls a package that the service does not know no vulnerability either.
    """
    extras = ",".join(PYPROJECT["project"]["optional-dependencies"])
    folder = emptied(Path(session.create_tmp()).resolve())
    venv.create(folder / "installed", with_pip=True)
    installed = folder / "installed" / SCRIPTS / "python"
    run(session, installed, "pip", "install", "-q", f"{ROOT}[{extras}]")
    frozen = session.run(str(installed), "-m", "pip", "freeze", "--exclude", "twinwire", external=True, silent=True)
    pins = folder / "installed.txt"
    pins.write_text(str(frozen), encoding="utf-8")
    count = len(pins.read_text("utf-8").splitlines())

    venv.create(folder / "auditor", with_pip=True)
    auditor = folder / "auditor" / SCRIPTS / "python"
    run(session, auditor, "pip", "install", "-q", *requirements("audit"))
    for service in ("pypi", "osv"):
        report = folder / f"{service}.json"
        options = ["-r", str(pins), "--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "10"]
        options += ["-s", service, "-f", "json", "-o", str(report)]
        # Its exit status is 1 for a vulnerability and for a failure: the report tells which.
        session.run(str(auditor), "-m", "pip_audit", *options, external=True, silent=True, success_codes=range(256))
        found = audited(report)
        if vulnerable := {name: ids for name, ids in found.items() if ids}:
            session.error(f"known vulnerabilities, says {service}: {vulnerable}")
        if len(found) == count:
            session.log(f"audit: {count} packages, no known vulnerability, says {service}")
            return
        session.log(f"{service} looked up {len(found)} of {count} packages")
    message = f"not audited: no advisory service that is reached from here knows all of the {count} packages"
    if "--required" in session.posargs:
        session.error(message)
    session.skip(message)


def audited(report: Path) -> dict[str, list[str]]:
    """Return the packages that a report of pip-audit's has looked up, each with its vulnerabilities; none without a report."""
    if not report.exists():
        return {}
    packages = json.loads(report.read_text("utf-8"))["dependencies"]
    return {each["name"]: [found["id"] for found in each["vulns"]] for each in packages if "vulns" in each}


@nox.session(default=False)
def generate(session: nox.Session) -> None:
    """Write the generated files."""
    run(session, environment(session, "dev"), "codegen", "generate")


@nox.session
def check(session: nox.Session) -> None:
    """Fail where the generated files are not what the spec says."""
    run(session, environment(session, "dev"), "codegen", "check")


@nox.session
def lint_spec(session: nox.Session) -> None:
    """Say what is wrong with the spec."""
    run(session, environment(session, "dev"), "codegen", "lint")


@nox.session
def drift(session: nox.Session) -> None:
    """Compare the spec with what each provider publishes, as recorded in spec/upstream."""
    python = environment(session, "dev")
    folder = session.create_tmp()
    for record in sorted((ROOT / "spec" / "upstream").glob("*.yaml")):
        run(session, python, "codegen", "drift", "--provider", record.stem, "--out", folder)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, look at it, and test it with the source tree out of the way."""
    folder = emptied(Path(session.create_tmp()).resolve())
    run(session, environment(session, "dev"), "build", "--no-isolation", "--wheel", "--outdir", str(folder))
    (built,) = folder.glob("*.whl")
    size = built.stat().st_size
    names = zipfile.ZipFile(built).namelist()
    session.log(f"{built.name}: {len(names)} files, {size:,} bytes")
    if size >= MAX_WHEEL_BYTES:
        session.error(f"the wheel has {size:,} bytes, less than {MAX_WHEEL_BYTES:,} are allowed")
    if "twinwire/py.typed" not in names:
        session.error("the wheel has no py.typed, so type checkers would not look at it")
    if strays := [name for name in names if not name.startswith(("twinwire/", "twinwire-"))]:
        session.error(f"the wheel would install more than twinwire: {strays}")

    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / SCRIPTS / "python"
    run(session, python, "pip", "install", "-q", str(built))
    elsewhere = emptied(folder / "elsewhere")
    with session.chdir(elsewhere):
        session.run(
            str(python.parent / "twinwire"), "demo", external=True
        )  # before there are the packages of the tests

    (elsewhere / "tests").mkdir()
    for name in ("__init__.py", "conftest.py"):
        shutil.copy(ROOT / "tests" / name, elsewhere / "tests")
    for name in PACKAGED_TESTS:
        without_pages = shutil.ignore_patterns("test_docs.py")  # which reads docs/
        shutil.copytree(ROOT / "tests" / name, elsewhere / "tests" / name, ignore=without_pages)
    (elsewhere / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    run(session, python, "pip", "install", "-q", *requirements("test"))
    with session.chdir(elsewhere):
        session.run(str(python), "-c", PACKAGED_DATA, external=True)
        run(
            session, python, "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", "tests/testing", *REGENERATED_TESTS
        )


@nox.session
def sdist(session: nox.Session) -> None:
    """Build the source distribution, and do there what its readers do: check, regenerate, test."""
    folder = emptied(Path(session.create_tmp()).resolve())
    python = environment(session, "dev")
    run(session, python, "build", "--no-isolation", "--sdist", "--outdir", str(folder))
    (built,) = folder.glob("*.tar.gz")
    session.log(f"{built.name}: {built.stat().st_size:,} bytes")
    with tarfile.open(built) as archive:
        archive.extractall(folder, filter="data")
    with session.chdir(folder / built.name.removesuffix(".tar.gz")):
        run(session, python, "codegen", "check")
        run(session, python, "codegen", "generate")
        # The reference data is not beside an unpacked archive, and the tests over it may skip there.
        options = ["-q", "-n", "auto", "-p", "no:cacheprovider"]
        run(session, python, "pytest", *options, "tests/codegen", *REGENERATED_TESTS, env={"CI": None})


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """
    Compare with the official SDK, and print what limits and costs add to a call; the numbers are only as good as the machine is idle.

    Groups may be named: `nox -s bench -- limits`.
    """
    run(session, environment(session, "bench", "bench"), "benchmarks", *session.posargs)


def environment(session: nox.Session, name: str, group: str = "dev", *, constraints: Path | None = None) -> Path:
    """Return the Python of the environment *name*, which has twinwire, editable, and all that its sessions run."""
    folder = ROOT / ".nox" / name
    python = folder / SCRIPTS / "python"
    wanted = [*requirements(group), *(["-c", str(constraints)] if constraints else [])]
    # The project's own requirements count too, and the text of the constraints.
    recipe = "\n".join([*wanted, str(PYPROJECT["project"]), constraints.read_text("utf-8") if constraints else ""])
    stamp = folder / "recipe.txt"
    if not stamp.exists() or stamp.read_text("utf-8") != recipe:
        session.log(f"making .nox/{name}")
        venv.create(folder, clear=True, with_pip=True)
        session.run(str(python), "-m", "pip", "install", "-q", "-e", ".", *wanted, external=True)
        stamp.write_text(recipe, encoding="utf-8")
    return python


def requirements(group: str) -> tuple[str, ...]:
    """Return what a dependency group lists; pip knows groups only from 25.1 on, and a fresh venv has an older one."""
    return tuple(nox.project.dependency_groups(PYPROJECT, group))


def run(
    session: nox.Session, python: Path, module: str, *arguments: str, env: dict[str, str | None] | None = None
) -> None:
    """Run a module with the Python of an environment."""
    session.run(str(python), "-m", module, *arguments, external=True, env=env)


def emptied(folder: Path) -> Path:
    """Make a folder, or empty the one that an earlier run has left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
