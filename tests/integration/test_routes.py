"""Every route is asked for whatever a tool can think of: no failure, and nothing that was not announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from admin_site import Running, built, listening, opened
from routes import ADMIN, openapi
from upstream import serving

CHECKED = [not_a_server_error, status_code_conformance, content_type_conformance]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    root = tmp_path_factory.mktemp("site")
    with serving() as upstream:
        built(root, upstream, datetime.now(UTC).replace(microsecond=0))
        with opened(root) as pipeline, listening(pipeline) as found:
            yield found


schema = schemathesis.openapi.from_dict(openapi(ADMIN))


@schema.parametrize()
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_no_route_fails_whatever_it_is_asked(running: Running, case: Any) -> None:
    case.call_and_validate(base_url=running.address.rstrip("/"), checks=CHECKED, timeout=30)
