"""Health, metrics and dashboard over HTTP: who is let in, what is refused, what is done, and that it ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from admin_site import TOKEN, Running, built, listening, opened
from asgi import ask
from feedmill.pipeline import Pipeline
from feedmill.serve.dashboard import live
from upstream import serving

PAGES = ("", "sources", "source/ferry", "feeds", "feed/all", "feed/topics/ferries", "held", "runs", "search?q=notice")
PICTURES = ("chart/entries.svg", "chart/looks.svg?source=ferry", "chart/rhythm.svg?source=newsroom", "chart/bytes.svg")
NOTICES = "do/release?name=notices"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Any]:
    """A function that serves the site, once, with the given settings."""
    with serving() as upstream:
        built(tmp_path, upstream, datetime.now(UTC).replace(microsecond=0))
        with opened(tmp_path) as pipeline:
            stops: list[Any] = []

            def start(**settings: Any) -> Running:
                running = listening(pipeline, **settings)
                stops.append(running)
                return running.__enter__()

            yield start
            for running in stops:
                running.__exit__(None, None, None)


class Operator:
    """Somebody with the token, as a browser that is not one."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html"

    def get(self, path: str, **how: Any) -> requests.Response:
        return self.session.get(self.running.status + path, timeout=30, **how)

    def post(self, path: str, data: dict[str, str], **headers: str) -> requests.Response:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.post(self.running.status + path, data, timeout=60, allow_redirects=False, headers=told)

    def log_in(self, token: str = TOKEN, **headers: str) -> requests.Response:
        return self.post("login", {"token": token, "next": "/status/feeds"}, **headers)

    def form(self, path: str) -> dict[str, str]:
        page = self.get(path).text
        return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.partition("<main")[2]))


@pytest.fixture
def operator(site: Any) -> Operator:
    one = Operator(site(token=TOKEN))
    assert one.log_in().headers["Location"] == "/status/feeds"
    return one


def test_without_a_token_everything_can_be_read_and_nothing_done(site: Any) -> None:
    guest = Operator(site())
    for path in PAGES:
        answer = guest.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert '<form class="leave"' not in answer.text
        assert "/do/" not in answer.text
    for path in PICTURES:
        answer = guest.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert guest.get(NOTICES).status_code == 403
    assert guest.post(NOTICES, {"name": "notices"}).status_code == 403
    assert guest.get("login").status_code == 404
    assert guest.log_in("").status_code == 404


@pytest.mark.parametrize("path", ["nothing", "source/nobody", "feed/none", "entry?id=x&source=y", "chart/x.svg",
                                  "chart/rhythm.svg?source=x", "chart/subscribers.svg?feed=x", "static/x.css",
                                  "static/../pages.py", "do/x"])  # fmt: skip
def test_what_is_not_there_is_a_page_that_says_so(operator: Operator, path: str) -> None:
    answer = operator.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_with_a_token_nothing_is_shown_before_the_login(site: Any) -> None:
    guest = Operator(site(token=TOKEN))
    for path in (*PAGES, NOTICES, "nothing"):
        answer = guest.get(path, allow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/status/login?next=/status/")
        assert not answer.content
    for path in (*PICTURES, "events"):
        answer = guest.get(path)
        assert (answer.status_code, answer.text) == (401, "Log in first.\n")
    assert guest.post(NOTICES, {"name": "notices"}).status_code == 401
    assert guest.get("login").status_code == 200
    assert guest.get("static/style.css").status_code == 200


def test_the_cookie_is_for_this_site_alone(site: Any) -> None:
    guest = Operator(site(token=TOKEN))
    cookie = guest.log_in().headers["Set-Cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/status", "max-age=43200"} <= {
        part.strip() for part in cookie.split(";")
    }
    assert "secure" not in cookie
    assert TOKEN not in cookie
    app = guest.running.admin.apps["status"]
    token = b"token=" + TOKEN.replace(" ", "+").encode()
    form = {"content_type": "application/x-www-form-urlencoded"}
    answer = ask(app, "/status/login", "POST", body=token, scheme="https", **form)
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        (TOKEN, {}, 303),
        (TOKEN, {"Origin": "null"}, 403),
        (TOKEN, {"Origin": "https://evil.example"}, 403),
        (TOKEN, {"Sec_Fetch_Site": "cross-site"}, 403),
        (TOKEN, {"Content_Type": "application/json"}, 415),
        ("wrong", {}, 401),
        ("", {}, 401),
        ("x" * 20_000, {}, 413),
    ],
)
def test_logging_in(site: Any, token: str, headers: dict[str, str], status: int) -> None:
    guest = Operator(site(token=TOKEN))
    answer = guest.log_in(token, **headers)
    assert answer.status_code == status
    assert ("Set-Cookie" in answer.headers) == (status == 303)
    assert guest.get("", allow_redirects=False).status_code == (200 if status == 303 else 303)


def test_who_guesses_is_told_to_wait(site: Any) -> None:
    guest = Operator(site(token=TOKEN))
    answers = [guest.log_in("wrong").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    answer = guest.log_in()
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")


def test_after_logging_out_the_cookie_is_worth_nothing(operator: Operator) -> None:
    kept = operator.session.cookies.get_dict()
    proof = re.search(r'name="proof" value="(\w+)"', operator.get("").text)
    assert proof
    assert operator.post("logout", {"proof": "x"}).status_code == 403
    assert operator.post("logout", {"proof": proof[1]}).status_code == 303
    operator.session.cookies.update(kept)
    assert operator.get("", allow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    ("change", "headers", "status"),
    [
        ({"proof": ""}, {}, 403),
        ({"proof": "0" * 64}, {}, 403),
        ({}, {"Origin": "https://evil.example"}, 403),
        ({}, {"Sec_Fetch_Site": "same-site"}, 403),
        ({"name": "nothing"}, {}, 404),
        ({}, {"Content_Type": "text/plain"}, 415),
        ({}, {"Origin": "http://HOST"}, 303),
    ],
)
def test_only_the_own_form_does_anything(
    operator: Operator, change: dict[str, str], headers: dict[str, str], status: int
) -> None:
    host = operator.running.address.split("/")[2]
    told = {name: value.replace("HOST", host) for name, value in headers.items()}
    assert operator.post(NOTICES, operator.form(NOTICES) | change, **told).status_code == status
    state = operator.running.pipeline.store.feed_state("notices")
    assert state
    assert (state.held is None) == (status == 303)


def test_asking_for_a_page_does_nothing(operator: Operator) -> None:
    before = operator.running.pipeline.store.source_state("lighthouse")
    assert operator.get("do/refresh?name=lighthouse").status_code == 200
    assert operator.get(NOTICES).status_code == 200
    assert operator.running.pipeline.store.source_state("lighthouse") == before


def test_a_held_feed_is_shown_with_what_would_change_and_released(operator: Operator) -> None:
    held = operator.get("held").text
    assert "6 entries would disappear" in held
    assert "Notice 1 of the harbour office" in held
    answer = operator.post(NOTICES, operator.form(NOTICES))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/status/feed/notices")
    state = operator.running.pipeline.store.feed_state("notices")
    assert state
    assert (state.held, state.entries) == (None, 0)
    assert "release notices</strong>: 1 feed written." in operator.get("").text
    assert "No feed is held" in operator.get("held").text


def test_a_source_is_looked_at_now(operator: Operator) -> None:
    path = "do/refresh?name=lighthouse"
    before = operator.running.pipeline.store.source_state("lighthouse").last_look
    answer = operator.post(path, operator.form(path))
    assert answer.headers["Location"] == "/status/source/lighthouse"
    after = operator.running.pipeline.store.source_state("lighthouse").last_look
    assert before
    assert after
    assert after > before
    assert "look at lighthouse</strong>: 0 new, 0 changed" in operator.get("").text


def test_a_feed_goes_back_to_a_version_and_is_released(operator: Operator) -> None:
    store = operator.running.pipeline.store
    number = store.versions("all")[-1].number
    path = f"do/rollback?name=all&version={number}"
    assert operator.get("do/rollback?name=all&version=99").status_code == 404
    assert operator.post(path, operator.form(path)).status_code == 303
    state = store.feed_state("all")
    assert state
    assert state.pinned == number
    assert "rolled back" in operator.get("feed/all").text
    path = "do/release?name=all"
    assert operator.post(path, operator.form(path)).status_code == 303
    state = store.feed_state("all")
    assert state
    assert state.pinned is None


def test_what_goes_wrong_is_told(operator: Operator) -> None:
    path = "do/refresh?name=ferry"
    assert operator.post(path, operator.form(path)).status_code == 303
    assert "the server answered 404 Not Found" in operator.get("").text.partition("</section>")[0]


def test_a_defect_in_a_page_is_told_without_its_words(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("secret")

    monkeypatch.setattr(Pipeline, "explain", broken)
    got = operator.get("entry?id=x&source=y")
    assert (got.status_code, "The server&#39;s log says more." in got.text) == (500, True)
    assert "secret" not in got.text


def test_a_defect_in_an_errand_is_told_without_its_words(site: Any, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: Any) -> Any:
        raise RuntimeError("secret")

    operator = Operator(site(token=TOKEN, perform=broken))
    operator.log_in()
    path = "do/refresh?name=ferry"
    assert operator.post(path, operator.form(path)).status_code == 303
    page = operator.get("").text
    assert "the log says more" in page
    assert "secret" not in page
    assert "unexpected failure" in caplog.text


@pytest.mark.parametrize("path", ["status/", "healthz", "metrics", "status/static/style.css"])
def test_no_other_name_leads_here(site: Any, path: str) -> None:
    address = site().address
    assert requests.get(address + path, headers={"Host": "evil.example"}, timeout=30).status_code == 421
    assert requests.get(address + path, headers={"Host": "harbour.example"}, timeout=30).status_code == 200


def test_health_and_metrics_say_how_the_site_is(site: Any) -> None:
    address = site(running=lambda: True, answered=lambda: {200: 3}).address
    told = requests.get(address + "healthz", timeout=30).json()
    assert told["status"] == "degraded"
    assert told["reasons"][0] == "1 feed (notices) is held back, and somebody has to decide"
    text = requests.get(address + "metrics", timeout=30).text
    assert 'feedmill_source_up{source="ferry"} 0.0' in text
    assert 'feedmill_feed_held{feed="notices"} 1.0' in text
    assert "process_resident_memory_bytes" in text


def test_a_state_that_is_gone_is_said_so_and_nothing_breaks(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from feedmill.errors import StateError
    from feedmill.serve import survey

    def broken(_: Any) -> Any:
        raise StateError("the state database is damaged")

    running = site()
    monkeypatch.setattr(survey, "_survey", broken)
    assert requests.get(running.address + "healthz", timeout=30).status_code == 503
    assert requests.get(running.address + "healthz/live", timeout=30).status_code == 200
    assert requests.get(running.address + "metrics", timeout=30).status_code == 503
    answer = Operator(running).get("")
    assert (answer.status_code, "the state database is damaged" in answer.text) == (503, True)


def lines(stream: requests.Response) -> Iterator[str]:
    return (line for line in stream.iter_lines(decode_unicode=True) if line.startswith("event:"))


def stream_of(running: Running) -> requests.Response:
    return requests.get(running.status + "events", stream=True, timeout=30)


def test_a_stream_says_when_something_changed_and_ends_with_the_server(site: Any) -> None:
    running = site()
    with stream_of(running) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        events = lines(stream)
        assert next(events) == "event: ready"
        running.run(sources=["ferry"])
        assert next(events) == "event: changed"
        running.admin.close()
        assert list(events) in ([], ["event: changed"])
    assert stream_of(running).status_code == 503


def test_streams_are_few_and_their_places_are_given_back(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MOST", 2)
    running = site()
    open_ = [stream_of(running) for _ in range(2)]
    events = [lines(one) for one in open_]
    assert [next(one) for one in events] == ["event: ready"] * 2
    assert stream_of(running).status_code == 503
    for one in open_:
        one.close()
    until = datetime.now(UTC) + timedelta(seconds=20)
    while (last := stream_of(running)).status_code == 503:
        assert datetime.now(UTC) < until
    last.close()


def test_sources_are_found_filtered_and_ordered(operator: Operator) -> None:
    def names(path: str) -> list[str]:
        return re.findall(r'<th scope="row"[^>]*><span><a href="/status/source/([\w/-]+)"', operator.get(path).text)

    everything = names("sources")
    assert everything[:2] == ["old-pier", "ferry"]
    assert names("sources?only=failing") == ["ferry"]
    assert names("sources?only=gone&sort=name") == ["old-pier"]
    assert names("sources?q=LIGHT") == ["lighthouse"]
    assert names("sources?q=script") == [name for name in everything if name.startswith("friends/")]
    assert names("sources?sort=name") == sorted(everything)
    assert names("sources?q=nothing") == []
    for odd in ("only=x&sort=y&page=z", "page=99", "page=-1", "q=" + "%00%ff" * 50):
        assert operator.get(f"sources?{odd}").status_code == 200


def test_subscribers_are_shown_over_time(operator: Operator) -> None:
    assert re.search(r'data-label="Subscribers" class="number">473<', operator.get("feeds").text)
    page = operator.get("feed/all").text
    assert "473 subscribers on" in page
    assert re.search(r"<bdi>Feedly</bdi></th><td[^>]*>service</td><td[^>]*>412<", page)
    assert operator.get("chart/subscribers.svg?feed=all").headers["Content-Type"] == "image/svg+xml"
    assert "Subscribers" not in operator.get("feed/notices").text


def test_an_entry_is_explained(operator: Operator) -> None:
    page = operator.get("search?q=Notice 1").text
    found = re.search(r'href="(/status/entry\?[^"]+)"', page)
    assert found
    told = operator.get(found[1].removeprefix("/status/").replace("&amp;", "&")).text
    assert "the entry was withdrawn at" in told
    assert "Known as" in told
