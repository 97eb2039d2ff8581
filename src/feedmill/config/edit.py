"""Changes to config.toml that a person agreed to: comments, order and spacing stay as they are.

This module must not know why something is changed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import tomlkit

from feedmill.config import parse
from feedmill.errors import ConfigError

__all__ = ["set_source_url"]

_MARK = b"\xef\xbb\xbf"


def set_source_url(file: Path, urls: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Write other addresses for the sources of the configuration in `file`: `urls` by the sources' names.

    The file is replaced in one step, with the permissions that it had; a link leads to the same file as before.

    Raises:
        ConfigError: it cannot be read or written, or would be wrong with them, by `environ`; it is as it was.
    """
    place = file.resolve()
    try:
        raw = place.read_bytes()
        mark = _MARK if raw.startswith(_MARK) else b""
        document = tomlkit.parse(raw.removeprefix(_MARK).decode())
        for table in document["sources"]:
            if table["name"] in urls:
                table["url"] = urls[table["name"]]
        text = document.as_string()
        _check(text, file, environ)
        _replace(place, mark + text.encode())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError([f"{file}: the file cannot be changed: {reason}"], where=str(file)) from error


def _check(text: str, file: Path, environ: Mapping[str, str]) -> None:
    try:
        parse(text.replace("\r\n", "\n"), file, environ)
    except ConfigError as error:
        first = f"{file}: it is left as it was, for with the new addresses it would be wrong:"
        raise ConfigError([first, *error.findings], where=str(file)) from error


def _replace(place: Path, body: bytes) -> None:
    mode = place.stat().st_mode
    handle, temporary = tempfile.mkstemp(prefix=f".{place.name}-", dir=place.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(place)
    except OSError:
        with suppress(OSError):
            Path(temporary).unlink()
        raise
