"""A WebSub hub of others, Flask-WebSub, as a process of its own: `python websub_hub.py FOLDER` prints its address.

It verifies, pushes and retries in a worker of Celery, so that it answers a request before it has done anything about
it, as hubs in the world do.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import requests

__all__ = ["RealHub", "real_hub"]


@dataclass(frozen=True, slots=True)
class RealHub:
    """The hub at `url`."""

    url: str

    def publish(self, topic: str) -> None:
        """Tell it that the document at `topic` has changed."""
        requests.post(self.url, {"hub.mode": "publish", "hub.topic": topic}, timeout=30).raise_for_status()


@contextmanager
def real_hub(folder: Path) -> Iterator[RealHub]:
    """Run the hub on loopback, with its state in `folder`."""
    command = [sys.executable, "-W", "ignore", __file__, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield RealHub(json.loads(process.stdout.readline())["url"])
        finally:
            process.kill()


def _main(folder: Path) -> None:
    from celery import Celery
    from celery.contrib.testing.worker import start_worker
    from flask import Flask
    from flask_websub.hub import Hub, SQLite3HubStorage

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    work = Celery("hub", broker="memory://", backend="cache+memory://")
    app = Flask(__name__)
    app.config["PUBLISH_SUPPORTED"] = True
    hub = Hub(SQLite3HubStorage(str(folder / "hub.sqlite3")), work, BACKOFF_BASE=0.1, SIGNATURE_ALGORITHM="sha512")
    app.register_blueprint(hub.build_blueprint(url_prefix="/hub"))
    with (
        make_server("127.0.0.1", 0, app, handler_class=Quiet) as server,
        start_worker(work, pool="solo", perform_ping_check=False),
    ):
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_port}/hub"}) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
