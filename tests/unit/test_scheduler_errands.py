"""What is asked of the service is done between its runs, in the state's turn; none waits for a service that stops."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from feedmill.errors import NetworkError, StateError
from feedmill.pipeline import Pipeline
from feedmill.scheduler import Service
from world import World


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    return Service(World(tmp_path, monkeypatch).pipeline)


def test_an_errand_returns_what_it_returns_and_raises_what_it_raises(service: Service) -> None:
    service.start()
    assert service.running()
    assert service.perform(lambda site: site.config.site.title) == "Site"

    def fail(_: Pipeline) -> None:
        raise NetworkError("it does not answer")

    with pytest.raises(NetworkError, match="it does not answer"):
        service.perform(fail)
    assert service.perform(lambda _: "goes on") == "goes on"
    service.stop()
    assert not service.running()


def test_a_service_that_stops_does_nothing_more_and_keeps_nobody_waiting(service: Service) -> None:
    service.start()
    begun, go_on = Event(), Event()

    def slow(_: Pipeline) -> str:
        begun.set()
        assert go_on.wait(30)
        return "done"

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(service.perform, slow)
        assert begun.wait(30)
        second = pool.submit(service.perform, lambda _: "never")
        while len(service._errands) < 2:
            pass
        stopping = pool.submit(service.stop)
        while not service._stop.is_set():
            pass
        go_on.set()
        assert first.result(30) == "done"
        try:
            assert second.result(30) == "never"  # its turn may just have come
        except StateError as error:
            assert "stopping" in str(error)  # noqa: PT017
        stopping.result(30)
    with pytest.raises(StateError, match="stopping"):
        service.perform(lambda _: None)
