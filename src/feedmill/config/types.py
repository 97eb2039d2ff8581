"""The types of config.toml's values: who judges each, and what it is to editors; and how a key is declared.

This module must not know which tables and keys there are (`schema`, `operating`), nor how a value is judged (`values`,
`addresses`, `cron`, `kinds`).
"""

# Annotations are values here, not strings as elsewhere: pydantic would compile each string at every start.

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from feedmill.config import addresses, kinds, listening, podcasts, secrets, selectors, treatments, values
from feedmill.config.cron import cron

__all__ = [
    "URL_PATTERN", "Access", "Address", "AddressOrNone", "Age", "Alias", "Artwork", "AuthType", "Authority",
    "BaseUrl", "Contact", "Content", "Cron", "Css", "CssOrAttribute", "Delay", "Directory", "Email", "Expression",
    "FeedName", "FeedsUrl", "Flag", "Folder", "Format", "Furniture", "Guid", "Headers", "HistoryKind", "Host",
    "Interval", "Judged", "Kind", "Language", "Limit", "Line", "LinkPattern", "MailServer", "Most", "Name", "Network",
    "Order", "Pattern", "PodcastCategory", "PodcastKind", "Polls", "Reference", "Removable", "Size", "SourceUrl",
    "SplitBy", "StateUrl", "Table", "Template", "Text", "Threads", "Timeout", "Times", "Url", "Username", "Variable",
    "Zone", "key", "needed",
]  # fmt: skip


class Judged:
    """Marks a type whose values `judge` alone judges, and which is `schema` to editors.

    What pydantic's own marks make of it besides, it makes anew for every key of every table, at every start: how such
    a value would be written, which nobody asks for.
    """

    __slots__ = ("_judge", "_schema")

    def __init__(self, judge: Callable[[object], object], schema: dict[str, Any]) -> None:
        self._judge = judge
        self._schema = schema

    def __get_pydantic_core_schema__(self, _: object, __: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._judge)

    def __get_pydantic_json_schema__(self, _: core_schema.CoreSchema, __: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self._schema)  # the key adds its default and its meaning


_STRING = {"type": "string", "minLength": 1}
_LANGUAGE = {"type": "string", "pattern": values.LANGUAGE_PATTERN}
_DURATION = {"type": "string", "pattern": values.DURATION_PATTERN}
_SIZE = {"type": "string", "pattern": values.SIZE_PATTERN}
_NAME = {"type": "string", "pattern": values.NAME_PATTERN}
URL_PATTERN = "^https?://."
_URL = {"type": "string", "pattern": URL_PATTERN}

Text = Annotated[str, Judged(values.text, _STRING)]
Line = Annotated[str, Judged(values.line, _STRING)]
Name = Annotated[str, Judged(values.name, _NAME)]
Flag = Annotated[bool, Judged(values.flag, {"type": "boolean"})]
Language = Annotated[str, Judged(values.language, _LANGUAGE)]
Zone = Annotated[str, Judged(values.timezone, _STRING)]
Email = Annotated[str, Judged(values.email, {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$"})]
Expression = Annotated[str, Judged(values.expression, _STRING | {"format": "regex"})]
Url = Annotated[str, Judged(addresses.url, _URL)]
SourceUrl = Annotated[str, Judged(addresses.source_url, {"type": "string", "pattern": "^(https?|imaps?)://."})]
Variable = Annotated[str, Judged(values.variable, {"type": "string", "pattern": values.VARIABLE_PATTERN})]
BaseUrl = Annotated[str, Judged(addresses.base_url, _URL)]
FeedsUrl = Annotated[str, Judged(addresses.feeds_url, {"type": "string", "pattern": "^https?://[^?#]+$"})]
Reference = Annotated[str, Judged(addresses.reference, _STRING)]
Authority = Annotated[str, Judged(addresses.authority, _STRING)]
Contact = Annotated[str, Judged(addresses.contact, {"type": "string", "pattern": "^(mailto:|https?://)."})]
Host = Annotated[str, Judged(addresses.host_or_network, _STRING)]
Folder = Annotated[str, Judged(addresses.folder, _STRING)]
Directory = Annotated[str, Judged(addresses.publish_directory, {"type": "string", "pattern": "^(?!s3://)."})]
StateUrl = Annotated[str, Judged(addresses.state_url, {"type": "string", "pattern": "^sqlite:///[^?]*[^?/]$"})]
LinkPattern = Annotated[
    str,
    Judged(addresses.link_pattern, {"type": "string", "pattern": r"^https?://[^/{]+/.*\{(path|stem)\}"}),
]
Cron = Annotated[str, Judged(cron, {"type": "string", "pattern": r"^\s*(\S+\s+){4}\S+\s*$"})]
Interval = Annotated[timedelta, Judged(values.duration("1s", "366d"), _DURATION)]
Timeout = Annotated[timedelta, Judged(values.duration("1s", "1h"), _DURATION)]
Delay = Annotated[timedelta, Judged(values.duration("0s", "1h"), _DURATION)]
Age = Annotated[timedelta, Judged(values.duration("1s", "36500d"), _DURATION)]
Size = Annotated[int, Judged(values.size("1KiB", "1GiB"), _SIZE)]
Order = Annotated[str, Judged(values.choice("published", "updated"), {"enum": ["published", "updated"]})]
Content = Annotated[str, Judged(values.choice("full", "summary", "link"), {"enum": ["full", "summary", "link"]})]
SplitBy = Annotated[
    str,
    Judged(
        values.choice("category", "author", "source", "language"),
        {"enum": ["category", "author", "source", "language"]},
    ),
]
HistoryKind = Annotated[
    str,
    Judged(values.choice("archive", "complete", "none"), {"enum": ["archive", "complete", "none"]}),
]
Furniture = Annotated[str, Judged(values.furniture, {"type": "string", "pattern": r"[^\s*]"})]
FeedName = Annotated[str, Judged(values.feed_name, _NAME | {"not": {"enum": list(values.RESERVED_NAMES)}})]
Limit = Annotated[int, Judged(values.whole(1, 1000), {"type": "integer", "minimum": 1, "maximum": 1000})]
Threads = Annotated[int, Judged(values.whole(1, 64), {"type": "integer", "minimum": 1, "maximum": 64})]
Kind = Annotated[
    str,
    Judged(kinds.kind, {"type": "string", "examples": list(kinds.BUILT_IN_KINDS)}),
]
Format = Annotated[
    str,
    Judged(kinds.format_name, {"type": "string", "examples": list(kinds.BUILT_IN_FORMATS)}),
]
_CSS = {"type": "string", "minLength": 1, "maxLength": 500}
Css = Annotated[str, Judged(selectors.css, _CSS)]
CssOrAttribute = Annotated[str, Judged(selectors.css_or_attribute, _CSS)]
Removable = Annotated[str, Judged(selectors.removable, _CSS)]
_PATTERN = _STRING | {"format": "regex", "maxLength": 1000}
Pattern = Annotated[str, Judged(treatments.pattern, _PATTERN)]
Template = Annotated[str, Judged(treatments.template, {"type": "string", "maxLength": 1000})]
Username = Annotated[str, Judged(secrets.username, {"type": "string", "pattern": "^[^:]+$"})]
AuthType = Annotated[str, Judged(values.choice("basic", "bearer"), {"enum": ["basic", "bearer"]})]
Headers = Annotated[
    dict[str, str],
    Judged(
        secrets.headers,
        {
            "type": "object",
            "propertyNames": {"pattern": secrets.HEADER_NAME_PATTERN},
            "additionalProperties": {"type": "string", "pattern": "^[!-~]([ -~\\t]*[!-~])?$"},
        },
    ),
]
Most = Annotated[int, Judged(values.whole(1, 100_000), {"type": "integer", "minimum": 1, "maximum": 100_000})]
PodcastCategory = Annotated[str, Judged(podcasts.category, {"enum": list(podcasts.CATEGORIES)})]
Artwork = Annotated[
    str,
    Judged(podcasts.image, {"type": "string", "pattern": r"^[^?#]*\.([Jj][Pp][Ee]?[Gg]|[Pp][Nn][Gg])([?#].*)?$"}),
]
PodcastKind = Annotated[str, Judged(values.choice("episodic", "serial"), {"enum": ["episodic", "serial"]})]
Guid = Annotated[str, Judged(podcasts.guid, {"type": "string", "pattern": "^[0-9A-Fa-f-]{32,36}$"})]
Address = Annotated[str, Judged(listening.address, {"type": "string", "pattern": listening.ADDRESS_PATTERN})]
AddressOrNone = Annotated[
    str, Judged(listening.address_or_none, {"type": "string", "pattern": f"{listening.ADDRESS_PATTERN}|^none$"})
]
Network = Annotated[str, Judged(listening.network, _STRING)]
Alias = Annotated[str, Judged(listening.alias, {"type": "string", "pattern": "^/[^#]*$"})]
MailServer = Annotated[str, Judged(listening.mail_server, {"type": "string", "pattern": "^smtps?://[^/?#@]+$"})]
Polls = Annotated[int, Judged(values.whole(0, 1_000_000), {"type": "integer", "minimum": 0, "maximum": 1_000_000})]
Times = Annotated[int, Judged(values.whole(1, 1000), {"type": "integer", "minimum": 1, "maximum": 1000})]
Access = Annotated[str, Judged(values.choice("public", "token"), {"enum": ["public", "token"]})]


def key(default: Any, meaning: str) -> Any:
    """A key that may be left out; its default is written, and judged, as in the file."""
    return Field(default=default, validate_default=True, description=meaning)


def needed(meaning: str, *, example: Any) -> Any:
    return Field(description=meaning, examples=[example])


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
