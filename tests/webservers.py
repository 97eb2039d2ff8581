"""A published folder, and servers of it: Feedmill, and others with the configurations that the project ships."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from factories import ENTRY, SITE, SPEC, edition, entry
from feedmill.model import Entry
from feedmill.publish.compressed import compressed
from feedmill.render import RENDERERS
from feedmill.serve.app import application
from feedmill.serve.catalogue import Catalogue
from feedmill.serve.documents import Documents
from feedmill.serve.proxies import Proxies
from feedmill.serve.published import Published
from listening import listening

__all__ = ["SERVERS", "Served", "fill"]

DEPLOY = Path(__file__).parents[1] / "deploy"
_DEADLINE = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server: what it is, where it listens, and the folder that it serves."""

    name: str
    address: str
    folder: Path

    @property
    def ours(self) -> bool:
        """Whether Feedmill itself answers, maybe behind a proxy."""
        return self.name in ("feedmill", "nginx-proxy")

    def body(self, path: str) -> bytes:
        return (self.folder / path.lstrip("/")).read_bytes()


def fill(folder: Path) -> None:
    """Publish a feed in every format, with its compressed forms, and what must not be served."""
    entries = [
        entry(id=f"{ENTRY.id}{number}", title=f"Number {number}", published=ENTRY.published + timedelta(hours=number))
        for number in range(9, 0, -1)
    ]
    for form in RENDERERS.values():
        body = form.render(edition(SPEC, entries, entries[0].updated))
        _write(folder / "all" / form.file_name, body)
        if form.archives:
            stem, _, suffix = form.file_name.rpartition(".")
            _write(folder / "all/archive" / f"{stem}-0001.{suffix}", body)
    _write(folder / "index.html", _page(entries))
    _write(folder / "feeds.opml", (folder / "all/sources.opml").read_bytes())
    (folder / "media").mkdir()
    (folder / "media/harbour.png").write_bytes(bytes(range(256)) * 40)
    (folder / "media/letter.html").write_bytes(b"<script>alert(1)</script>")
    (folder / "all/.feedmill-half.tmp").write_bytes(b"half")
    (folder / ".hidden").mkdir()
    (folder / ".hidden/secret.xml").write_bytes(b"<secret/>")
    for path in folder.rglob("*"):
        os.utime(path, (1_760_000_000, 1_760_000_000))


def _page(entries: list[Entry]) -> bytes:
    return RENDERERS["html"].render(edition(SPEC, entries, entries[0].updated))


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    for ending, packed in compressed(body).items():
        path.with_name(path.name + ending).write_bytes(packed)


@contextlib.contextmanager
def feedmill(folder: Path, home: Path) -> Iterator[str]:
    catalogue = Catalogue(SITE, [replace(SPEC, formats=tuple(RENDERERS))])
    published = Published(Documents(folder), catalogue, prefix="/feeds/")
    with listening(application(published, {}, Proxies(["127.0.0.1"]))) as address:
        yield address


@contextlib.contextmanager
def nginx(folder: Path, home: Path) -> Iterator[str]:
    with _nginx(home, (DEPLOY / "nginx.conf").read_text().replace("/srv/site/feeds;", f"{folder};")) as address:
        yield address


@contextlib.contextmanager
def nginx_proxy(folder: Path, home: Path) -> Iterator[str]:
    text = (DEPLOY / "nginx-proxy.conf").read_text()
    with feedmill(folder, home) as behind, _nginx(home, text.replace("127.0.0.1:8000;", f"{behind};")) as address:
        yield address


@contextlib.contextmanager
def _nginx(home: Path, site: str) -> Iterator[str]:
    address = f"127.0.0.1:{_free_port()}"
    (home / "site.conf").write_text(site.replace("listen 80;", f"listen {address};"))
    paths = " ".join(
        f"{what}_temp_path {home}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {home}/pid; error_log stderr; {user}\n"
        f"events {{ }}\nhttp {{ access_log {home}/access.log; {paths} include /etc/nginx/mime.types; "
        f"include {home}/site.conf; }}\n"
    )
    command = ["nginx", "-e", "stderr", "-p", str(home), "-c", str(home / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    with _running(command, address):
        yield address


@contextlib.contextmanager
def caddy(folder: Path, home: Path) -> Iterator[str]:
    address = f"127.0.0.1:{_free_port()}"
    text = (DEPLOY / "Caddyfile").read_text().replace("/srv/site/feeds\n", f"{folder}\n")
    text = re.sub(r"(?m)^example\.org \{", f"http://:{address.rpartition(':')[2]} {{\n\tbind 127.0.0.1", text)
    configuration = home / "Caddyfile"
    configuration.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
    command = ["caddy", "run", "--config", str(configuration), "--adapter", "caddyfile"]
    with _running(command, address, {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}):
        yield address


@contextlib.contextmanager
def _running(command: list[str], address: str, more: dict[str, str] | None = None) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | (more or {})
    )
    try:
        host, _, port = address.rpartition(":")
        deadline = time.monotonic() + _DEADLINE
        while True:
            assert process.poll() is None, f"{command} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{command} does not answer"
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
                break
        yield
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening_there:
        port: int = listening_there.getsockname()[1]
        return port


SERVERS: Mapping[str, tuple[Callable[[Path, Path], AbstractContextManager[str]], str]] = {
    "feedmill": (feedmill, ""),
    "nginx": (nginx, "nginx"),
    "caddy": (caddy, "caddy"),
    "nginx-proxy": (nginx_proxy, "nginx"),
}
"""How to start each, given the folder and one of its own, and the program that it needs."""
