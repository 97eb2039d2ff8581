"""A web server on this machine alone, for feeds to be collected from: nginx, or Python's own where there is none."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.setting import program

__all__ = ["free_port", "serving", "wait_for"]

_NGINX = """\
daemon off; worker_processes 1; pid {home}/pid; error_log stderr; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; default_type application/xml;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3; uwsgi_temp_path {home}/t4;
  scgi_temp_path {home}/t5;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@contextmanager
def serving(root: Path, home: Path) -> Iterator[tuple[str, str]]:
    """Serve the files of `root`; yield the address, without a slash at its end, and who serves.

    `home` is the server's own folder.
    """
    port = free_port()
    nginx = program("nginx", "-v")
    if nginx.version is not None:
        name = f"nginx {nginx.version}"
        configuration = home / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(_NGINX.format(home=home, port=port, root=root, user=user))
        command = [nginx.path, "-e", "stderr", "-p", str(home), "-c", str(configuration)]
    else:
        name = "Python's http.server"
        command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(root), str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, server)
        yield f"http://127.0.0.1:{port}", name
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """Return a port of this machine that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return once a server answers on a port.

    Raises:
        RuntimeError: it ended, or does not answer within seconds.
    """
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{server.args!r} does not answer on port {port}")
