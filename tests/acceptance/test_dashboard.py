"""The dashboard, health and metrics beside `feedmill serve` and `feedmill run --serve`, as an operator meets them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sites import Site, document, rss
from upstream import Upstream

TOKEN = "the operator's own token"


@pytest.fixture
def up(site: Site, upstream: Upstream) -> Site:
    """A published site with one upstream and an operator's token."""
    site.upstream("up", document(upstream, "/feed", rss(("a", "First"))))
    site.feed()
    site.config += '\n[serve]\nadmin = "127.0.0.1:0"\ntoken_env = "OPERATOR"\n'
    site.secrets["OPERATOR"] = TOKEN
    assert site.publish().code == 0
    return site


@dataclass
class Served:
    """A command that serves; the addresses begin with http and have no final slash."""

    process: subprocess.Popen[str]
    public: str
    admin: str

    def operator(self) -> requests.Session:
        """Somebody who is logged in."""
        session = requests.Session()
        answer = session.post(f"{self.admin}/status/login", {"token": TOKEN}, timeout=30)
        assert answer.status_code == 200
        return session

    def act(self, session: requests.Session, what: str) -> str:
        """Do something, and return the page that it leads to."""
        address = f"{self.admin}/status/do/{what}"
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', session.get(address, timeout=30).text))
        answer = session.post(address, form, timeout=60)
        assert answer.status_code == 200
        return answer.text

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0
        assert self.process.stderr is not None
        assert "Traceback" not in self.process.stderr.read()


def serve(site: Site) -> Served:
    process = site.popen("serve", "127.0.0.1:0", "--json")
    site.services.append(process)
    assert process.stdout is not None
    public, admin = json.loads(process.stdout.readline())["addresses"]
    return Served(process, f"http://{public}", f"http://{admin}")


def run(site: Site) -> Served:
    process = site.start("--serve", "127.0.0.1:0")
    assert process.stderr is not None
    found: list[str] = []
    for line in process.stderr:
        if "listening on http://" in line:
            found.append("http://" + line.partition("http://")[2].strip().rstrip("/"))
        if len(found) == 2:
            break
    return Served(process, *found)


@pytest.mark.parametrize("start", [serve, run])
def test_an_operator_logs_in_and_looks_at_a_source_now(up: Site, upstream: Upstream, start: Any) -> None:
    served = start(up)
    assert requests.get(f"{served.admin}/", timeout=30).url.endswith("/status/login?next=/status/")
    session = served.operator()
    document(upstream, "/feed", rss(("a", "First"), ("b", "Second")))
    page = served.act(session, "refresh?name=up")
    assert "1 new, 0 changed, 0 withdrawn. 1 feed written." in page
    assert up.titles() == ["Second", "First"]
    served.stop()


@pytest.mark.parametrize("start", [serve, run])
def test_open_pages_do_not_keep_it_from_stopping(up: Site, start: Any) -> None:
    served = start(up)
    session = served.operator()
    with session.get(f"{served.admin}/status/events", stream=True, timeout=60) as stream:
        lines = (line for line in stream.iter_lines(decode_unicode=True) if line.startswith("event:"))
        assert next(lines) == "event: ready"
        served.process.send_signal(signal.SIGTERM)
        with suppress(requests.exceptions.ChunkedEncodingError):  # it has no end of its own
            assert "event: ready" not in list(lines)
    assert served.process.wait(timeout=60) == 0
    assert served.process.stderr is not None
    assert "graceful shutdown exceeded" not in served.process.stderr.read()


def test_the_public_is_told_that_all_is_well_and_no_more(up: Site) -> None:
    served = serve(up)
    told = requests.get(f"{served.public}/healthz", timeout=30)
    assert (told.status_code, told.json()["status"]) == (200, "ok")
    for path in ("/status/", "/status/login", "/metrics"):
        assert requests.get(served.public + path, timeout=30).status_code == 404
    assert requests.get(f"{served.public}/all/rss.xml", timeout=30).status_code == 200
    metrics = requests.get(f"{served.admin}/metrics", timeout=30).text
    assert 'feedmill_http_requests_total{code="200"} 1.0' in metrics
    assert 'feedmill_source_looks_total{source="up"} 1.0' in metrics
    assert re.search(r'feedmill_source_received_bytes_total\{source="up"\} [1-9]', metrics)


def test_the_dashboard_can_be_public_and_is_behind_its_token(up: Site) -> None:
    up.config += "dashboard = true\n"
    served = serve(up)
    answer = requests.get(f"{served.public}/status/", timeout=30)
    assert answer.url.startswith(f"{served.public}/status/login")
    assert requests.get(f"{served.public}/feeds/status/", timeout=30).url.startswith(
        f"{served.public}/feeds/status/login"
    )
    assert requests.get(f"{served.public}/metrics", headers={"Host": "evil.example"}, timeout=30).status_code == 421


def test_a_304_and_bytes_are_counted(up: Site) -> None:
    assert up.publish("--force").source("up")["status"] == "unchanged"
    served = serve(up)
    page = served.operator().get(f"{served.admin}/status/source/up", timeout=30).text
    assert re.search(r"2 in all,\s+50 % of them answered by a 304", page)


def test_public_metrics_ask_for_the_token(up: Site) -> None:
    up.config = up.config.replace("[serve]\n", "[serve]\ndashboard = true\n")
    served = serve(up)
    address = f"{served.public}/metrics"
    for authorization in ("", "Bearer", f"Basic {TOKEN}", "Bearer wrong", f"Bearer {TOKEN}x"):
        answer = requests.get(address, headers={"Authorization": authorization} if authorization else {}, timeout=30)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="feedmill"')
        assert "feedmill_" not in answer.text
    for scheme in ("Bearer", "bearer"):
        answer = requests.get(address, headers={"Authorization": f"{scheme} {TOKEN}"}, timeout=30)
        assert (answer.status_code, "feedmill_sources" in answer.text) == (200, True)
    assert requests.get(f"{served.admin}/metrics", timeout=30).status_code == 200
    served.stop()


def test_only_those_who_serve_need_the_token(up: Site) -> None:
    del up.secrets["OPERATOR"]
    assert up.publish().code == 0
    for arguments in (["serve", "127.0.0.1:0"], ["run", "--serve", "127.0.0.1:0"]):
        ran = up.run(*arguments)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert '[serve]: "token_env" is no use: the environment variable OPERATOR is not set; set it' in ran.err
