"""nginx and Caddy on loopback, serving a folder and writing access logs."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["WebServer", "caddy", "nginx"]

_NGINX = """\
daemon off;
master_process off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{}}
http {{
  access_log {log} combined;
  client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
  types {{ application/rss+xml xml; }}
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""
_CADDY = """\
{{
  admin off
  auto_https off
  log {{
    output discard
  }}
}}
http://127.0.0.1:{port} {{
  bind 127.0.0.1
  root * {root}
  file_server
  log {{
    output file {log}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class WebServer:
    """A server at `port` of 127.0.0.1, and its access log, which is whole once the server has stopped."""

    port: int
    log: Path

    def get(self, target: str, **headers: str) -> http.client.HTTPResponse:
        """Ask as a reader does, and return once that is logged; `user_agent` and the like are headers."""
        logged = self._logged()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        connection.request("GET", target, headers=named)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        ends = time.monotonic() + 60
        while self._logged() == logged:  # an answer is out before it is logged
            assert time.monotonic() < ends
        return answer

    def _logged(self) -> int:
        return self.log.stat().st_size if self.log.exists() else 0


def nginx(root: Path, home: Path) -> Iterator[WebServer]:
    """Serve `root` by nginx, which keeps what it needs in `home`."""
    port, log = _free_port(), home / "access.log"
    file = home / "nginx.conf"
    file.write_text(_NGINX.format(home=home, log=log, port=port, root=root))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    yield from _running([program, "-c", str(file), "-e", str(home / "start.log")], home, WebServer(port, log))


def caddy(root: Path, home: Path) -> Iterator[WebServer]:
    """Serve `root` by Caddy, which keeps what it needs in `home`."""
    port, log = _free_port(), home / "access.json"
    file = home / "Caddyfile"
    file.write_text(_CADDY.format(log=log, port=port, root=root))
    yield from _running(["caddy", "run", "--config", str(file)], home, WebServer(port, log))


@contextmanager
def _process(command: list[str], home: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=home)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _running(command: list[str], home: Path, server: WebServer) -> Iterator[WebServer]:
    with _process(command, home) as process:
        ends = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (home / "output").read_text()
                assert time.monotonic() < ends
        yield server


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port
