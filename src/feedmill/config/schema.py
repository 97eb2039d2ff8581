"""The tables and keys of config.toml, with their defaults and meanings: as pydantic models, and as JSON Schema.

This module must not know how a value is judged (that is in `values`, `addresses`, `cron`, `kinds`), nor rules
between keys (`checks`). Defaults stand here as a person would write them.
"""

# Annotations are values here, not strings as elsewhere: pydantic would compile each string at every start.

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from feedmill.config import addresses, kinds, podcasts, secrets, selectors, treatments, values
from feedmill.config.cron import cron

__all__ = ["Document", "Feed", "Fetch", "Publish", "Schedule", "Site", "Source", "State", "json_schema", "schema_text"]


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
_URL = {"type": "string", "pattern": "^https?://."}

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
NotYet = Annotated[bool, Judged(values.not_yet, {"const": False})]


def _key(default: Any, meaning: str) -> Any:
    """A key that may be left out; its default is written, and judged, as in the file."""
    return Field(default=default, validate_default=True, description=meaning)


def _needed(meaning: str, *, example: Any) -> Any:
    return Field(description=meaning, examples=[example])


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Author(_Table):
    """A person or an editorial office."""

    name: Line = _needed("The name.", example="The Editors")
    email: Email | None = _key(None, "The e-mail address; feeds show it to everybody.")
    uri: Url | None = _key(None, "A web page about the author.")


class Site(_Table):
    """The publication that all feeds speak for."""

    title: Line = _needed("The name of the publication.", example="Kabar Harian")
    url: BaseUrl = _needed("The address of the site.", example="https://example.org/")
    feeds_url: FeedsUrl | None = _key(None, 'Where the published folder is reachable; default: url + "feeds/".')
    language: Language = _key("en", "The language of entries that name none (BCP 47).")
    timezone: Zone = _key("UTC", "The time zone (IANA) of article dates that name none.")
    author: Author | None = _key(None, "The author of entries that name none.")
    description: Text | None = _key(None, "What the publication is about.")
    rights: Line | None = _key(None, "The copyright notice.")
    icon: Reference | None = _key(None, "A small square image: an address, absolute or relative to url.")
    logo: Reference | None = _key(None, "A larger image: an address, absolute or relative to url.")
    id_authority: Authority | None = _key(
        None, "A domain name or e-mail address to make permanent ids under; default: the host of url."
    )


class State(_Table):
    """Where Feedmill remembers what it has seen."""

    url: StateUrl = _key("sqlite:///.feedmill/state.sqlite3", "The database; FEEDMILL_STATE_URL overrides it.")


class Publish(_Table):
    """Where to publish, and what every feed has unless it says otherwise."""

    directory: Directory = _key("feeds", "The folder to publish into.")
    formats: Annotated[list[Format], Field(min_length=1)] = _key(["rss", "atom"], "The formats of every feed.")
    limit: Limit = _key(50, "How many entries a feed holds.")
    history: HistoryKind = _key(
        "archive", "What becomes of entries that a feed has no room for: archive, complete or none."
    )
    max_size: Size = _key("512KiB", "How large the document that readers subscribe to may become.")
    hubs: list[Url] = _key([], "WebSub hubs that are told when a feed changes.")
    theme: Folder | None = _key(None, "The folder of templates that replace the built-in ones.")
    news_sitemap: Flag = _key(False, "Publish a news sitemap, news.xml, for search engines.")  # noqa: FBT003
    precompress: NotYet = _key(False, "Not available in this version.")  # noqa: FBT003


class Fetch(_Table):
    """How upstream servers are asked."""

    contact: Contact | None = _key(None, "A mailto: or web address that servers' operators see in User-Agent.")
    timeout: Timeout = _key("30s", "The time a request may take, from connect to the last byte.")
    connect_timeout: Timeout = _key("5s", "The time that connecting may take.")
    max_body: Size = _key("10MiB", "The largest document to accept, after decompression.")
    workers: Threads = _key(8, "How many sources are collected at a time.")
    per_host: Threads = _key(1, "How many connections one host gets at a time.")
    host_delay: Delay = _key("1s", "The pause between two requests to one host.")
    allow_private_networks: Flag = _key(False, "Allow loopback, link-local and private addresses.")  # noqa: FBT003
    allow_hosts: list[Host] = _key([], "Hosts, addresses and networks that are allowed wherever they are.")


class Schedule(_Table):
    """When sources are looked at."""

    every: Interval = _key("60m", "The time between two looks at a folder, and at other sources to begin with.")
    min: Interval = _key("15m", "The shortest time that it adapts to; a source's own `every` may be shorter.")
    max: Interval = _key("24h", "The longest time that it adapts to.")


_WEB: dict[str, Any] = {"url": {"pattern": _URL["pattern"]}}
_URLS: dict[str, dict[str, Any]] = {"mail": {"url": {"pattern": "^imaps?://."}}}
_SOURCE_RULES: dict[str, Any] = {
    "not": {"required": ["every", "cron"]},
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
            "then": {
                "required": list(rule.needs),
                "properties": _URLS.get(kind, _WEB) | dict.fromkeys(rule.excludes, False),
                **({"oneOf": [{"required": [key]} for key in rule.either]} if rule.either else {}),
            },
        }
        for kind, rule in kinds.KEYS.items()
    ],
    "dependentRequired": {"password_env": ["url"], "attachments": ["files_url"]},
}


class Select(_Table):
    """Where the articles of a web page and their parts are, as CSS selectors."""

    item: Css = _needed("Each article on the page.", example="article")
    title: CssOrAttribute | None = _key(None, "Its title; default: its first heading, else its link.")
    link: CssOrAttribute | None = _key(None, "Its link; default: the one in its heading, else the longest.")
    date: CssOrAttribute | None = _key(None, "Its date; default: the first <time>, else a date in its text.")
    body: Css | None = _key(None, "Its text; default: only a summary.")
    image: CssOrAttribute | None = _key(None, "Its picture; default: the first one.")


class Replacement(_Table):
    """What to replace in the texts of a source, and by what."""

    pattern: Pattern = _needed(
        "A regular expression; it minds capital letters unless it begins with (?i).", example="x+"
    )
    with_: Template = Field(
        alias="with", description="What stands in the place of each match: \\1 or \\g<name> is a group.", examples=["x"]
    )


_AUTH_RULES: dict[str, Any] = {
    "oneOf": [
        {
            "properties": {"type": {"const": "basic"}, "token_env": False},
            "required": ["type", "username", "password_env"],
        },
        {
            "properties": {"type": {"const": "bearer"}, "username": False, "password_env": False},
            "required": ["type", "token_env"],
        },
    ]
}


class Auth(_Table):
    """How to log in to a server; the secret is in an environment variable."""

    model_config = ConfigDict(json_schema_extra=_AUTH_RULES)

    type: AuthType = _needed("basic or bearer.", example="basic")
    username: Username | None = _key(None, "basic: the user name.")
    password_env: Variable | None = _key(None, "basic: the environment variable that holds the password.")
    token_env: Variable | None = _key(None, "bearer: the environment variable that holds the token.")


class Source(_Table):
    """One thing to collect from: a folder of articles, an upstream feed, a list of feeds, and so on."""

    model_config = ConfigDict(json_schema_extra=_SOURCE_RULES)

    name: Name = _needed("Its permanent name; ids depend on it.", example="newsroom")
    kind: Kind = _needed("What it is: files, feed, mail, media, opml or page.", example="files")
    path: Folder | None = _key(
        None,
        "files, media: the folder, relative to this file; opml: the list, instead of url; "
        "mail: a Maildir, an mbox, a folder of .eml files.",
    )
    url: SourceUrl | None = _key(None, "feed, opml, page: its address; mail: that of an IMAP folder, instead of path.")
    password_env: Variable | None = _key(None, "mail: the environment variable that holds the password for url.")
    every: Interval | None = _key(None, "The time between two looks, fixed, instead of one that adapts.")
    cron: Cron | None = _key(None, "When to look, as five crontab fields, instead of every.")
    language: Language | None = _key(None, "The language of its entries that name none; default: the site's.")
    timezone: Zone | None = _key(None, "The time zone of its dates that name none, and of cron; default: the site's.")
    link: LinkPattern | None = _key(
        None, "files, media: the address of an entry that names none, with {path} or {stem}."
    )
    files_url: FeedsUrl | None = _key(
        None, "media: the address under which the folder is reachable; mail: that of the folder in attachments."
    )
    attachments: Folder | None = _key(
        None, "mail: the folder to write attached files into, so that they become enclosures; needs files_url."
    )
    furniture: list[Furniture] = _key(
        [], "files: more lines to remove from the ends of plain text; with * at its end, lines that begin so."
    )
    select: Select | None = _key(None, "page: CSS selectors; without them the repeated links are found.")
    max_file: Size = _key(
        "5MiB", "files, mail, media, opml: the largest article, message, notes on a recording, or list, to accept."
    )
    auth: Auth | None = _key(None, "feed, opml, page: how to log in to the server.")
    headers: Headers = _key(
        {}, "feed, opml, page: further request headers; ${NAME} stands for an environment variable."
    )
    fulltext: Flag = _key(
        False,  # noqa: FBT003
        "feed, opml, page: take the texts from the articles' own pages where they say more; needs feedmill[fulltext].",
    )
    include: list[Pattern] = _key([], "Take only entries whose title or text matches one of these regular expressions.")
    exclude: list[Pattern] = _key([], "Take no entries whose title or text matches one of these regular expressions.")
    categories_add: list[Line] = _key([], "Categories that all its entries get.")
    title_prefix: Line | None = _key(None, "What all its titles begin with; a space follows.")
    strip: list[Removable] = _key([], "CSS selectors: what is removed from the content.")
    replace: list[Replacement] = _key([], "What is replaced in titles, summaries and texts.")
    max_entries: Most | None = _key(None, "How many entries to take from one look: the newest.")
    content: Content = _key("full", "How much of an entry is kept: full, summary or link.")


class Owner(_Table):
    """Who owns a podcast; directories write to them to see that a show is theirs."""

    name: Line = _needed("The name.", example="The Editors")
    email: Email = _needed("The e-mail address; the feed shows it to everybody.", example="podcast@example.org")


class Funding(_Table):
    """A page where listeners can give money."""

    url: Url = _needed("Its address.", example="https://example.org/support")
    text: Line = _needed("What its link says.", example="Support the show")


class Podcast(_Table):
    """What directories of podcasts ask of a show."""

    image: Artwork = _needed(
        "The artwork, square, 1400 to 3000 pixels wide: JPEG or PNG, absolute or relative to the site's url.",
        example="https://example.org/artwork.jpg",
    )
    categories: Annotated[list[PodcastCategory], Field(min_length=1)] = _needed(
        "Apple's categories, the most fitting first.", example=["Society & Culture > Documentary"]
    )
    explicit: Flag = _needed("Whether it has language or scenes that are not for children.", example=False)
    kind: PodcastKind = _key("episodic", "episodic: the newest episode first; serial: in order, by their numbers.")
    owner: Owner | None = _key(None, "Who owns it; default: the site's author, if an e-mail address is known.")
    locked: Flag = _key(False, "Forbid other hosting services to import it.")  # noqa: FBT003
    funding: list[Funding] = _key([], "Pages where listeners can give money.")
    guid: Guid | None = _key(None, "The id it was given elsewhere; default: one made from its address.")


class Feed(_Table):
    """One feed to publish."""

    name: FeedName = _needed("Its permanent name: it is published under this name.", example="all")
    title: Line = _needed("Its title.", example="Everything")
    description: Text | None = _key(None, "What it is about; default: the site's description.")
    language: Language | None = _key(None, "Its language; default: the site's.")
    sources: Annotated[list[Line], Field(min_length=1)] = _key(["*"], "Names of sources, or globs (*, ?, [ab]).")
    categories: list[Line] = _key([], "Only entries with one of these categories.")
    authors: list[Line] = _key([], "Only entries by one of these authors.")
    languages: list[Language] = _key([], "Only entries in one of these languages.")
    include: list[Expression] = _key([], "Only entries whose title or text matches one of these regular expressions.")
    exclude: list[Expression] = _key([], "No entries whose title or text matches one of these regular expressions.")
    max_age: Age | None = _key(None, "No entries older than this.")
    limit: Limit | None = _key(None, "How many entries it holds; default: the one under [publish].")
    formats: Annotated[list[Format], Field(min_length=1)] | None = _key(
        None, "Its formats; default: those under [publish]."
    )
    order: Order = _key("published", "Which date sorts it, newest first: published or updated.")
    content: Content = _key("full", "How much of an entry it carries: full, summary or link.")
    split_by: SplitBy | None = _key(
        None, "Publish a further feed for each category, author, source or language, below this one."
    )
    history: HistoryKind | None = _key(None, "What becomes of entries that it has no room for.")
    max_size: Size | None = _key(None, "How large the document that readers subscribe to may become.")
    podcast: Podcast | None = _key(None, "What directories of podcasts ask of it, if it is one.")


class Document(_Table):
    """The configuration of a Feedmill site: config.toml."""

    site: Site
    state: State = Field(default_factory=State)
    publish: Publish = Field(default_factory=Publish)
    fetch: Fetch = Field(default_factory=Fetch)
    schedule: Schedule = Field(default_factory=Schedule)
    sources: Annotated[list[Source], Field(min_length=1)]
    feeds: Annotated[list[Feed], Field(min_length=1)]


class _Generator(GenerateJsonSchema):
    """TOML has no null: what may be left out is not nullable, and has no default that could be written."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = super().default_schema(schema)
        if inner.get("default", ...) is None:
            del inner["default"]
        return inner

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of config.toml, for editors.

    It is a little more lenient than `load`: it cannot compare one table with another.
    """
    return {"$schema": GenerateJsonSchema.schema_dialect} | Document.model_json_schema(schema_generator=_Generator)


def schema_text() -> str:
    """Return `json_schema` as it is kept in feedmill/config.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
