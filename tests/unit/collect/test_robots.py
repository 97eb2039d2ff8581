from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from feedmill.collect.http import HttpClient, Response
from feedmill.collect.robots import Robots, robots_of
from feedmill.errors import AddressRefused, CollectError, NetworkError, StatusError
from feedmill.model import FetchSettings, Validators

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
PAGE = "https://up.test/news/"


@dataclass
class Server:
    """Stands for the client: gives one answer, and counts how often it is asked."""

    answer: str | Response | CollectError
    asked: list[tuple[str, Validators]] = field(default_factory=list)

    def get(self, url: str, *, now: datetime, validators: Validators, accept: str) -> Response:
        self.asked.append((url, validators))
        if isinstance(self.answer, CollectError):
            raise self.answer
        if isinstance(self.answer, Response):
            return self.answer
        return Response(status=200, url=url, body=self.answer.encode(), validators=Validators(etag='"1"'))


def permit(rules: str | CollectError, url: str = PAGE) -> float:
    return Robots().permit(url, cast("HttpClient", Server(rules)), NOW)


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "<html><body>Not found, but 200</body></html>",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /private/",
        "User-agent: *\nDisallow: /\nAllow: /news/",
        "User-agent: *\nDisallow: /\n\nUser-agent: feedmill\nDisallow: /private/",
        "User-agent: Feedly\nDisallow: /",
        "User-agent: feed\nDisallow: /",
        "User-agent: otherbot\nUser-agent: thirdbot\nDisallow: /",
        "User-agent: *\nDisallow: /news/*.pdf$",
    ],
)
def test_allowed(rules: str) -> None:
    assert permit(rules) == 0


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /",
        "User-agent: *\nDisallow: /new",
        "user-agent: FEEDMILL\ndisallow: /news",
        "User-agent: Feedmill/1.0\nDisallow: /",
        "User-agent: otherbot\nUser-agent: Feedmill\nDisallow: /",
        "User-agent: *\nAllow: /\n\nUser-agent: Feedmill # not you\nDisallow: /",
        "\ufeffUser-agent: *\r\nDisallow: /*/\r\n",
    ],
)
def test_forbidden_and_the_message_says_what_to_do(rules: str) -> None:
    with pytest.raises(CollectError, match=r"robots.txt forbids.*allow Feedmill, or remove"):
        permit(rules)


def test_a_crawl_delay_is_told() -> None:
    assert permit("User-agent: *\nCrawl-delay: 7.5") == 7.5
    assert permit("User-agent: *\nCrawl-delay: 7\nUser-agent: Feedmill\nCrawl-delay: 2") == 2
    assert permit("User-agent: *\nCrawl-delay: -1") == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_robots_txt_allows_everything(status: int) -> None:
    assert permit(StatusError("x", status=status)) == 0


@pytest.mark.parametrize(
    "error", [StatusError("down", status=503, wait=timedelta(hours=2)), StatusError("x", status=429), NetworkError("x")]
)
def test_a_robots_txt_that_cannot_be_had_means_not_now(error: CollectError) -> None:
    with pytest.raises(CollectError, match=r"robots.txt cannot be had.*tried again later") as caught:
        permit(error)
    assert caught.value.wait == error.wait
    assert not caught.value.gone


def test_an_address_that_the_guard_refuses_is_refused_as_such() -> None:
    with pytest.raises(AddressRefused):
        permit(AddressRefused("private"))


def test_a_host_is_asked_once_a_day_and_conditionally() -> None:
    server, robots = Server("User-agent: *\nDisallow: /private"), Robots()
    http = cast("HttpClient", server)
    for hours in (0, 1, 23.9):
        robots.permit(PAGE, http, NOW + timedelta(hours=hours))
    robots.permit("https://up.test:8443/", http, NOW)
    assert [url for url, _ in server.asked] == ["https://up.test/robots.txt", "https://up.test:8443/robots.txt"]
    server.answer = Response(status=304, url="x", validators=Validators(etag='"1"'))
    with pytest.raises(CollectError, match="forbids"):
        robots.permit("https://up.test/private", http, NOW + timedelta(hours=24))
    assert server.asked[-1] == ("https://up.test/robots.txt", Validators(etag='"1"'))


def test_old_rules_hold_while_the_file_cannot_be_had() -> None:
    server, robots = Server("User-agent: *\nDisallow: /private"), Robots()
    http = cast("HttpClient", server)
    robots.permit(PAGE, http, NOW)
    server.answer = NetworkError("down")
    tomorrow = NOW + timedelta(days=1)
    assert robots.permit(PAGE, http, tomorrow) == 0
    with pytest.raises(CollectError, match="forbids"):
        robots.permit("https://up.test/private", http, tomorrow)
    assert len(server.asked) == 2, "a host that is down is not asked again at once"
    robots.permit(PAGE, http, tomorrow + timedelta(minutes=5))
    assert len(server.asked) == 3


def test_a_failure_is_asked_about_again_after_a_while() -> None:
    server, robots = Server(NetworkError("down")), Robots()
    http = cast("HttpClient", server)
    for minutes in (0, 4):
        with pytest.raises(CollectError):
            robots.permit(PAGE, http, NOW + timedelta(minutes=minutes))
    server.answer = ""
    assert robots.permit(PAGE, http, NOW + timedelta(minutes=5)) == 0
    assert len(server.asked) == 2


def test_passwords_are_not_shown() -> None:
    with pytest.raises(CollectError) as caught:
        permit("User-agent: *\nDisallow: /", "https://me:secret@up.test/news/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "rules",
    [
        "".join(f"User-agent: bot{n}\n" for n in range(20_000)) + "Disallow: /x\n" * 20_000,
        "User-agent: *\nDisallow: /" + "*a" * 200_000 + "$",
        "User-agent: *\n" + "".join(f"Disallow: /n{n}*\n" for n in range(25_000)),
        "x" * 600_000,
    ],
)
def test_hostile_rules_end(rules: str) -> None:
    assert permit(rules) == 0


def test_the_memory_belongs_to_the_client() -> None:
    one, two = (HttpClient(FetchSettings(user_agent="x")) for _ in range(2))
    assert robots_of(one) is robots_of(one)
    assert robots_of(one) is not robots_of(two)
