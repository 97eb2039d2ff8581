"""What holds for every test: property tests that repeat themselves, and programs that may be missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator

import pytest
from hypothesis import settings

# The same examples every time, so that a red build is red again; FEEDMILL_EXPLORE=1 looks for new ones.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("explore" if os.environ.get("FEEDMILL_EXPLORE") else "repeatable")

_PACKAGES = {
    "dovecot": "dovecot-imapd",
    "nginx": "nginx-light",
    "node": "nodejs npm",
    "promtool": "prometheus",
    "sfeed_update": "sfeed",
    "systemd-analyze": "systemd",
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is not installed, and say how to install it."""
    for mark in item.iter_markers("needs"):
        for program in mark.args:
            if shutil.which(program) is None:
                package = _PACKAGES.get(program, program)
                pytest.skip(f"{program} is not installed; on Debian: apt-get install {package}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where FEEDMILL_NO_SKIP is set, as in continuous integration, a skipped test is a failed one.

    Tests of feeds that are no part of the project may be skipped all the same.
    """
    report = yield
    if report.skipped and os.environ.get("FEEDMILL_NO_SKIP") and item.get_closest_marker("corpus") is None:
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {item.nodeid}: {report.longrepr}"
    return report
