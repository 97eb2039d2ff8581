"""config.toml -> Config: read, judged as a whole, and turned into the value types of `model`.

Every error is reported at once, each with its table, key and line. This package must not know what the
configuration is used for.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from os.path import normpath
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from feedmill.config import addresses, build, checks, findings, schema
from feedmill.config.schema import json_schema, schema_text
from feedmill.errors import ConfigError
from feedmill.model import Alerts, FeedSpec, FetchSettings, Schedule, ServeSettings, Site, Source

__all__ = ["Config", "json_schema", "load", "parse", "schema_text"]

_STATE_VARIABLE = "FEEDMILL_STATE_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A whole configuration. `root` is the folder of `file`; folders and `state_url` are absolute.

    Private feeds are kept in the folder `private`. Without `alerts` nobody is told of problems.
    """

    file: Path
    root: Path
    site: Site
    state_url: str
    directory: str
    fetch: FetchSettings
    schedule: Schedule
    sources: tuple[Source, ...]
    feeds: tuple[FeedSpec, ...]
    private: str = ".feedmill/private"
    serve: ServeSettings = field(default_factory=ServeSettings)
    alerts: Alerts | None = None
    theme: str | None = None
    news_sitemap: bool = False
    precompress: bool = False


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration in the file at `path`, with what `environ` overrides (FEEDMILL_STATE_URL).

    Raises:
        ConfigError: the file cannot be read or is wrong; it carries every finding.
    """
    return parse(_read(path), path, environ)


def parse(text: str, path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration that `text` is in the file at `path`, which need not hold it yet.

    Raises:
        ConfigError: it is wrong; it carries every finding.
    """
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ConfigError([f"{path}: lists or tables are nested too deeply"], where=str(path)) from None
    except ValueError as error:  # besides TOMLDecodeError: numbers with thousands of digits
        finding = findings.syntax_finding(str(error), document=text, file=str(path))
        raise ConfigError([finding], where=str(path)) from None
    file = Path(normpath(path.absolute()))
    judged = _judge(data, file, environ)
    if isinstance(judged, Config):
        return judged
    flaws, others = judged
    said = findings.report(flaws, document=text, data=data, file=str(path)) if flaws else []
    raise ConfigError([*said, *others], where=str(path))


def _read(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        hint = "name the file with -c, or begin with a copy of the config.toml that comes with Feedmill"
        problem = f"there is no such file; {hint}"
    except IsADirectoryError:
        problem = f"this is a folder; name the file in it, as in -c {path / 'config.toml'}"
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problem = f"the file cannot be read: {reason}; check its path and permissions"
    else:
        return _decode(raw, path)
    raise ConfigError([f"{path}: {problem}"], where=str(path))


def _decode(raw: bytes, path: Path) -> str:
    try:
        if b"\0" not in raw:
            # Line ends as tomllib counts them; the mark that some editors put first is no part of the text.
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        finding = f"{path}: this is not a UTF-8 text file; save it as UTF-8, or name another file with -c"
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        finding = f"{path}:{line}: this line is not UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
    raise ConfigError([finding], where=str(path))


def _judge(
    data: Mapping[str, Any], file: Path, environ: Mapping[str, str]
) -> Config | tuple[list[findings.Flaw], list[str]]:
    """Return the configuration; or everything that is wrong: flaws of the file, and findings about the environment."""
    root = file.parent
    flaws: list[findings.Flaw] = []
    document: schema.Document | None = None
    try:
        document = schema.Document.model_validate(data)
    except ValidationError as error:
        flaws += findings.from_pydantic(error)
    flaws += checks.check(data, root, environ)
    others: list[str] = []
    override = environ.get(_STATE_VARIABLE)
    try:
        override = addresses.state_url(override) if override else None
    except ValueError as error:
        others.append(f"environment variable {_STATE_VARIABLE}: {error}")
    if document is None or flaws or others:
        return flaws, others
    site = build.site(document.site)
    return Config(
        file=file,
        root=root,
        site=site,
        state_url=addresses.absolute_state_url(override or document.state.url, root),
        directory=str(addresses.local(document.publish.directory, root)),
        fetch=build.fetch_settings(document.fetch, site),
        schedule=build.schedule(document.schedule),
        sources=tuple(build.sources(document.sources, root)),
        feeds=tuple(build.feeds(document.feeds, document.publish, site, root)),
        private=str(addresses.local(document.publish.private, root)),
        serve=build.serve(document.serve),
        alerts=build.alerts(document.alerts, root) if document.alerts else None,
        theme=str(addresses.local(document.publish.theme, root)) if document.publish.theme else None,
        news_sitemap=document.publish.news_sitemap,
        precompress=document.publish.precompress,
    )
