"""Our web server beside nginx, on the same file and the same core; and ten thousand idle connections beside a hundred.

wrk asks for as long as `_SECONDS`; what is told is what the server took for so many requests.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.inputs import articles
from benchmarks.measure import OURS, Case, Contender, Failed, Figure, Medians, Sample
from benchmarks.ours import publish, write_config
from benchmarks.serving import free_port, wait_for
from benchmarks.setting import Setting, ours, program

__all__ = ["case", "feedmill_serving", "nginx_serving"]

WHOLE, NOT_MODIFIED = "answer with the whole feed (200)", "answer that nothing is new (304)"
IDLE = "answer with the whole feed, beside idle connections"
REQUESTS = 100_000
ARTICLES = 50
CONNECTIONS, ACTIVE = 32, 100
HELD = 10_000
_SECONDS = 4
_PATIENCE = 30

_SERVE = """
[publish]
formats = ["rss"]

[serve]
admin = "none"
max_polls = 1000000
"""
_NGINX = """\
daemon off; master_process off; pid {home}/pid; error_log stderr; {user} worker_rlimit_nofile 19000;
events {{ worker_connections 18000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; default_type application/rss+xml;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3; uwsgi_temp_path {home}/t4;
  scgi_temp_path {home}/t5;
  server {{ listen 127.0.0.1:{port} backlog=2048; root {root}; }}
}}
"""


Serving = AbstractContextManager[tuple[int, str]]
"""The process of a server, and its address."""


@contextmanager
def case(setting: Setting) -> Iterator[Case]:
    """Yield the case."""
    site = setting.folder / "site"
    (site / "articles").mkdir(parents=True)
    for file, text in articles(ARTICLES):
        (site / "articles" / file).write_text(text, "utf-8")
    write_config(site, ['name = "articles"\nkind = "files"\npath = "articles"'], tables=_SERVE)
    publish(setting, site)
    size = (site / "feeds/all/rss.xml").stat().st_size
    held = setting.scaled(HELD)

    def contender(serving: Callable[[Path], Serving]) -> Callable[[Path], Mapping[str, Sample]]:
        def go(empty: Path) -> Mapping[str, Sample]:
            found: dict[str, Sample] = {}
            with serving(empty) as (server, address):
                url = f"http://{address}/all/rss.xml"
                found[WHOLE] = _asked(server, url, CONNECTIONS)
                found[NOT_MODIFIED] = _asked(server, url, CONNECTIONS, f"If-None-Match: {_tag(address)}")
                with _idle(address, held) as alive:
                    sample = _asked(server, url, ACTIVE)
                    found[IDLE] = Sample(sample.wall, sample.cpu, sample.memory, f"{alive():,} idle ones held")
            return found

        return go

    def speed(work: str) -> Figure:
        def part(found: Medians) -> float:
            return found[work, "nginx"].wall / found[work, OURS].wall

        return Figure(f"{work}: requests a second, as a part of nginx's", part, at_least=0.2)

    def rate(work: str) -> Figure:
        return Figure(f"{work}: requests a second", lambda found: REQUESTS / found[work, OURS].wall)

    def idle_ones(found: Medians) -> float:
        return float(found[IDLE, OURS].did.split(" ")[0].replace(",", ""))

    nginx = program("nginx", "-v")
    yield Case(
        title="Serving",
        input=f"a feed of {ARTICLES} generated articles, {size / 1000:.0f} kB; time and CPU of the server are for "
        f"{REQUESTS:,} requests by wrk over {CONNECTIONS} connections, or over {ACTIVE} while {held:,} others are idle",
        works=(WHOLE, NOT_MODIFIED, IDLE),
        contenders=[
            Contender(OURS, contender(lambda home: feedmill_serving(setting, site)), ours()),
            Contender("nginx", contender(lambda home: nginx_serving(site / "feeds", home)), nginx.version),
        ],
        figures=[
            *(speed(work) for work in (WHOLE, NOT_MODIFIED)),
            *(rate(work) for work in (WHOLE, NOT_MODIFIED, IDLE)),
            Figure("idle connections that are held meanwhile", idle_ones, at_least=held),
        ],
    )


@contextmanager
def feedmill_serving(setting: Setting, site: Path) -> Iterator[tuple[int, str]]:
    """Serve a site on the first core; yield the server's process and its address."""
    command = [*setting.feedmill, "serve", "127.0.0.1:0", "--json", "--quiet"]
    with _on_first_core(command, site) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise Failed(f"{' '.join(command)} did not begin")
        yield server.pid, json.loads(line)["addresses"][0]


@contextmanager
def nginx_serving(root: Path, home: Path) -> Iterator[tuple[int, str]]:
    """Serve a folder by nginx on the first core, as one process; yield that and its address."""
    port = free_port()
    configuration = home / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(_NGINX.format(home=home, port=port, root=root, user=user))
    command = [program("nginx").path, "-e", "stderr", "-p", str(home), "-c", str(configuration)]
    with _on_first_core(command, home) as server:
        wait_for(port, server)
        yield server.pid, f"127.0.0.1:{port}"


@contextmanager
def _on_first_core(command: Sequence[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    first = min(os.sched_getaffinity(0))
    server = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {first}),  # noqa: PLW1509
    )
    try:
        yield server
    finally:
        server.terminate()
        server.wait()
        if server.stdout is not None:
            server.stdout.close()


def _asked(server: int, url: str, connections: int, *fields: str) -> Sample:
    """Let wrk ask, on the other cores; return what the server took for `REQUESTS`."""
    wrk = program("wrk")
    if wrk.version is None:
        raise Failed("wrk is not installed; on Debian: apt-get install wrk")
    others = sorted(os.sched_getaffinity(0))[1:] or sorted(os.sched_getaffinity(0))
    before = _cpu(server)
    done = subprocess.run(
        [wrk.path, "-t1", f"-c{connections}", f"-d{_SECONDS}", *(f"-H{field}" for field in fields), url],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, others),
    )
    cpu = _cpu(server) - before
    found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    if not found or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise Failed(f"{url}: {done.stdout}")
    requests, seconds = int(found[1]), float(found[2])
    part = REQUESTS / requests
    return Sample(seconds * part, cpu * part, _peak(server), f"{requests / seconds:,.0f} requests a second")


@contextmanager
def _idle(address: str, number: int) -> Iterator[Callable[[], int]]:
    """Hold so many connections that have asked once; yield what counts those that can ask again."""
    host, _, port = address.rpartition(":")
    ask = f"HEAD /all/rss.xml HTTP/1.1\r\nHost: {address}\r\n\r\n".encode()
    held: list[socket.socket] = []

    def answered(one: socket.socket) -> bool:
        try:
            one.sendall(ask)
            return one.recv(4096).startswith(b"HTTP/1.1 200 ")
        except OSError:
            return False

    try:
        for _ in range(number):
            one = socket.create_connection((host, int(port)), timeout=_PATIENCE)
            held.append(one)
            answered(one)
        yield lambda: sum(map(answered, held))
    finally:
        for one in held:
            one.close()


def _tag(address: str) -> str:
    with socket.create_connection(address.rsplit(":", 1), timeout=_PATIENCE) as one:  # type: ignore[arg-type]
        one.sendall(f"HEAD /all/rss.xml HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
        head = b"".join(iter(lambda: one.recv(4096), b"")).decode("latin-1")
    found = re.search(r'(?im)^etag: ("[^"]+")', head)
    if not found:
        raise Failed(f"{address} tells no tag: {head}")
    return found[1]


def _cpu(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(process: int) -> int:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(found[1]) * 1024 if found else 0
