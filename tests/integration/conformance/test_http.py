"""What any server of the published folder owes its readers: RFC 9110, and the fields that feeds need."""

from __future__ import annotations

import gzip
import time
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import urljoin

import brotli  # type: ignore[import-untyped]
import pytest

from conftest_types import Served
from listening import ask, connected, raw
