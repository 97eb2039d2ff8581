"""Pages: templates, built in or of a theme, made into HTML that runs no script but our own.

Jinja2 reads the templates; nothing else here reads anything. This module must not know what a page is about.
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from feedmill.errors import RenderError
from feedmill.times import iso

__all__ = ["direction", "page", "web"]

_HINT = (
    "Correct the template, or take it out of the theme: the built-in one is used then. What was published last stays."
)
_NO_THEME = "Put templates into it, or take theme out of [publish]. What was published last stays."
_ENGLISH = "en"

# The scripts that are written from right to left (Unicode Standard Annex 9), and the languages that use one of them
# where their tag does not say otherwise.
_RTL_SCRIPTS = frozenset({"adlm", "arab", "aran", "hebr", "mand", "nkoo", "rohg", "syrc", "thaa"})
_RTL_LANGUAGES = frozenset(
    {"ar", "arc", "arz", "ckb", "dv", "fa", "he", "iw", "ks", "lrc", "mzn", "nqo", "pnb", "prs", "ps", "sd", "syr"}
    | {"ug", "ur", "yi"}
)

# What a page may fetch: pictures, sound and film of its entries, and nothing else; what it may run is added to it.
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src http: https: data:; media-src http: https:; "
    "style-src '{style}'; script-src '{script}'"
)


def page(template: str, *, theme: str | None, where: str, language: str, timezone: str, **values: Any) -> bytes:
    """Return the page that `template` makes of `values`.

    Args:
        template: its name in the folder of templates.
        theme: a folder whose templates replace the built-in ones of the same name.
        where: what is rendered, for messages.
        language: that of the page, BCP 47.
        timezone: the IANA zone of the dates that it shows.
        values: what the template can use, besides what every page has.

    Raises:
        RenderError: a template cannot be used; it names file and line.
    """
    try:
        environment = _environment(theme)
        words = _words(environment, language)
        style, script = (_inline(environment, name) for name in ("style.css", "copy.js"))
        ours = Markup(' lang="{}" dir="{}"').format(words.language, direction(words.language))
        said = Markup() if words.language == language.lower().partition("-")[0] else ours
        text = environment.get_template(template).render(
            **values,
            language=language,
            direction=direction(language),
            policy=_POLICY.format(style=_digest(style), script=_digest(script)),
            style=Markup(style),  # noqa: S704  # ours, or the operator's
            script=Markup(script),  # noqa: S704
            words=words,
            ours=ours,
            said=said,
            date=_dates(words, timezone),
        )
    except RenderError:
        raise
    except Exception as error:  # a theme can raise anything
        raise RenderError(_reason(error), where=f"{where}, {_place(error, theme, template)}", hint=_HINT) from error
    return text.encode()


def web(address: str | None) -> str | None:
    """Return an address if a page may lead there, else None."""
    scheme = (address or "").strip().partition(":")[0].lower()
    return address if scheme in ("http", "https", "mailto") else None


def direction(language: str) -> str:
    """Return `rtl` or `ltr`: how a language is written (HTML, the dir attribute)."""
    primary, *others = language.lower().replace("_", "-").split("-")
    script = next((part for part in others if len(part) == 4 and part.isalpha()), None)
    right_to_left = script in _RTL_SCRIPTS if script else primary in _RTL_LANGUAGES
    return "rtl" if right_to_left else "ltr"


@lru_cache(maxsize=8)
def _environment(theme: str | None) -> Environment:
    built_in = PackageLoader("feedmill.render", "templates")
    loaders: list[BaseLoader] = [built_in, PrefixLoader({"feedmill": built_in})]
    if theme:
        own = FileSystemLoader(theme)
        if not own.list_templates():
            raise RenderError("there is no template in this folder", where=theme, hint=_NO_THEME)
        loaders.insert(0, own)
    # A theme may have been found somewhere: it gets what it is given, and no way out to Python.
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"iso": iso, "web": web}
    return environment


def _source(environment: Environment, name: str) -> tuple[str, str]:
    """Return a file that is no template, and where it is."""
    assert environment.loader is not None  # noqa: S101  # for the type checker
    text, file, _ = environment.loader.get_source(environment, name)
    return text, file or name


def _inline(environment: Environment, name: str) -> str:
    """Return a file that is put into the page as it is."""
    text, file = _source(environment, name)
    for number, line in enumerate(text.splitlines(), 1):
        if "</" in line or "<!--" in line:
            raise RenderError('it must not hold "</" or "<!--"', where=f"{file}, line {number}", hint=_HINT)
    return text


def _words(environment: Environment, language: str) -> SimpleNamespace:
    """Return what pages say themselves, in `language` where there are words for it, else in English."""
    tables: dict[str, Mapping[str, Any]] = {}
    for name in ("feedmill/words.toml", "words.toml"):
        text, file = _source(environment, name)
        try:
            told = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RenderError(f"it is not TOML: {error}", where=file, hint=_HINT) from None
        for tag, table in told.items():
            tables[tag] = {**tables.get(tag, {}), **table}
    tag = language.lower()
    found = next((one for one in (tag, tag.partition("-")[0]) if one in tables), _ENGLISH)
    return SimpleNamespace(**{**tables[_ENGLISH], **tables[found], "language": found.partition("-")[0]})


def _dates(words: SimpleNamespace, timezone: str) -> Callable[[datetime], str]:
    """Return how a moment is written: as a date in `timezone`, with the time of day where it is known."""
    zone = ZoneInfo(timezone)

    def date(moment: datetime) -> str:
        local = moment.astimezone(zone)
        day = words.date.format(day=local.day, month=words.months[local.month - 1], year=local.year)
        return f"{day}, {local:%H:%M}" if (local.hour, local.minute) != (0, 0) else day

    return date


def _digest(text: str) -> str:
    """Return the source expression that lets a browser use an inline text (CSP 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"


def _reason(error: Exception) -> str:
    if isinstance(error, TemplateNotFound):
        return f"there is no template {error.name!r}"
    return f"the template cannot be used ({str(error) or type(error).__name__})"


def _place(error: Exception, theme: str | None, template: str) -> str:
    """Return file and line of the template where it happened: Jinja2 puts them into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}, line {error.lineno}"
    place = f"{theme or 'templates'}/{template}"
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith(".html"):
            place = f"{file}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
