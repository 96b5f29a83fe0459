"""Redirects: a key and a prompt go where the user sent them, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twinwire.errors import APIStatusError
from twinwire.testing.answers import Exchange, Reply
from twinwire.testing.scenarios.scenario import Ask, Expect, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twinwire.testing.answers import Answer
    from twinwire.testing.scenarios.scenario import Stage, Way

_PATH = "/v1/chat/completions"


def _redirect(
    name: str,
    about: str,
    location: Callable[[Stage], str | None],
    *,
    status: int = 307,
    ways: tuple[Way, ...] = ("create", "chunks", "events"),
    injected: bool = True,
) -> Scenario:
    """Not followed: an error that says so. (That no other server was asked is judged for every scenario.)"""

    def server(stage: Stage) -> Sequence[Answer]:
        target = location(stage)
        headers = {} if target is None else {"location": target}
        return [Exchange(status, {"content-type": "text/html", **headers}, "<html>moved</html>")]

    return Scenario(
        name=f"redirect-{name}",
        topic="trust",
        about=about,
        ways=ways,
        server=server,
        expect=Expect(
            error=APIStatusError,
            facts={"status_code": status, "retry_safe": False},
            says=("redirects are not followed",),
            attempts=1,
        ),
        injected=injected,
    )


def _elsewhere(stage: Stage) -> str:
    return stage.elsewhere.origin + _PATH


SCENARIOS = (
    *(
        _redirect(f"by-{status}", f"A {status} to another server is not followed.", _elsewhere, status=status)
        for status in (300, 301, 302, 303, 305, 306, 307, 308)
    ),
    _redirect("within-the-origin", "Nor is one to another path of the same server.", lambda _: "/v2/chat/completions"),
    _redirect("to-itself", "A redirect to itself is no loop.", lambda _: _PATH),
    _redirect(
        "to-tls",
        "The same host by https is another origin.",
        lambda stage: stage.server.origin.replace("http:", "https:") + _PATH,
    ),
    _redirect(
        "to-another-name",
        "Another name of the same machine is another origin.",
        lambda stage: f"http://localhost:{stage.elsewhere.port}{_PATH}",
    ),
    _redirect(
        "without-a-scheme",
        "`//host/path` is another server.",
        lambda stage: f"//127.0.0.1:{stage.elsewhere.port}{_PATH}",
    ),
    _redirect("to-a-file", "A file is no server.", lambda _: "file:///etc/passwd"),
    _redirect("without-a-location", "A redirect that leads nowhere is an error as any other.", lambda _: None),
    _redirect(
        "to-no-url",
        "A location that is no URL is not even looked at.",
        lambda _: "http://[::1:bad/\u00ff%zz",
        injected=False,
    ),
    _redirect(
        "with-credentials",
        "A location with a user's name in it is none either.",
        lambda stage: f"http://a:b@127.0.0.1:{stage.elsewhere.port}/",
    ),
    _redirect(
        "of-a-listing",
        "A GET is not redirected either.",
        lambda stage: stage.elsewhere.origin + "/v1/models",
        ways=("models",),
    ),
    _redirect(
        "of-embeddings",
        "Nor are embeddings.",
        lambda stage: stage.elsewhere.origin + "/v1/embeddings",
        ways=("embeddings",),
    ),
    Scenario(
        name="location-beside-an-answer",
        topic="trust",
        about="Location, Content-Location, Refresh, Link and Alt-Svc beside an answer lead nowhere, now or later.",
        ways=("create", "events"),
        server=lambda stage: [
            Reply(
                "Here.",
                headers={
                    "location": _elsewhere(stage),
                    "content-location": _elsewhere(stage),
                    "refresh": f"0; url={_elsewhere(stage)}",
                    "link": f"<{_elsewhere(stage)}>; rel=preload",
                    "alt-svc": f'h2=":{stage.elsewhere.port}"; ma=86400, h3=":{stage.elsewhere.port}"',
                },
            )
        ],
        expect=Expect(text="Here.", attempts=1),
        injected=True,
    ),
    Scenario(
        name="strict-transport-security",
        topic="trust",
        about="A server's wish for https changes nothing about where the user sends the next call.",
        server_options={
            "default": Reply("Here.", headers={"strict-transport-security": "max-age=31536000; includeSubDomains"})
        },
        ask=Ask(earlier=1),
        expect=Expect(text="Here.", attempts=1, connections=0),
    ),
    Scenario(
        name="moved-for-good-is-forgotten",
        topic="trust",
        about="A 308 of an earlier call is not remembered: the next call goes where the user says.",
        server=lambda stage: [Exchange(308, {"location": _elsewhere(stage)})],
        expect=Expect(error=APIStatusError, facts={"status_code": 308}, attempts=1),
        injected=True,
    ),
)
