"""The tables and keys of config.toml, with their defaults and meanings: as pydantic models, and as JSON Schema.

This module must not know how a value is judged (that is in `values`, `addresses`, `cron`, `kinds`), nor rules
between keys (`checks`). Defaults stand here as a person would write them.
"""

# Annotations are values here, not strings as elsewhere: pydantic would compile each string at every start.

import json
from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from feedmill.config import kinds
from feedmill.config.operating import Alerts, Serve
from feedmill.config.types import (
    URL_PATTERN,
    Access,
    Age,
    Alias,
    Artwork,
    Authority,
    AuthType,
    BaseUrl,
    Contact,
    Content,
    Cron,
    Css,
    CssOrAttribute,
    Delay,
    Directory,
    Email,
    Expression,
    FeedName,
    FeedsUrl,
    Flag,
    Folder,
    Format,
    Furniture,
    Guid,
    Headers,
    HistoryKind,
    Host,
    Interval,
    Kind,
    Language,
    Limit,
    Line,
    LinkPattern,
    Most,
    Name,
    Order,
    Pattern,
    PodcastCategory,
    PodcastKind,
    Reference,
    Removable,
    Size,
    SourceUrl,
    SplitBy,
    StateUrl,
    Table,
    Template,
    Text,
    Threads,
    Timeout,
    Url,
    Username,
    Variable,
    Zone,
    key,
    needed,
)

__all__ = ["Document", "Feed", "Fetch", "Publish", "Schedule", "Site", "Source", "State", "json_schema", "schema_text"]


class Author(Table):
    """A person or an editorial office."""

    name: Line = needed("The name.", example="The Editors")
    email: Email | None = key(None, "The e-mail address; feeds show it to everybody.")
    uri: Url | None = key(None, "A web page about the author.")


class Site(Table):
    """The publication that all feeds speak for."""

    title: Line = needed("The name of the publication.", example="Kabar Harian")
    url: BaseUrl = needed("The address of the site.", example="https://example.org/")
    feeds_url: FeedsUrl | None = key(None, 'Where the published folder is reachable; default: url + "feeds/".')
    language: Language = key("en", "The language of entries that name none (BCP 47).")
    timezone: Zone = key("UTC", "The time zone (IANA) of article dates that name none.")
    author: Author | None = key(None, "The author of entries that name none.")
    description: Text | None = key(None, "What the publication is about.")
    rights: Line | None = key(None, "The copyright notice.")
    icon: Reference | None = key(None, "A small square image: an address, absolute or relative to url.")
    logo: Reference | None = key(None, "A larger image: an address, absolute or relative to url.")
    id_authority: Authority | None = key(
        None, "A domain name or e-mail address to make permanent ids under; default: the host of url."
    )


class State(Table):
    """Where Feedmill remembers what it has seen."""

    url: StateUrl = key("sqlite:///.feedmill/state.sqlite3", "The database; FEEDMILL_STATE_URL overrides it.")


class Publish(Table):
    """Where to publish, and what every feed has unless it says otherwise."""

    directory: Directory = key("feeds", "The folder to publish into.")
    formats: Annotated[list[Format], Field(min_length=1)] = key(["rss", "atom"], "The formats of every feed.")
    limit: Limit = key(50, "How many entries a feed holds.")
    history: HistoryKind = key(
        "archive", "What becomes of entries that a feed has no room for: archive, complete or none."
    )
    max_size: Size = key("512KiB", "How large the document that readers subscribe to may become.")
    hubs: list[Url] = key([], "WebSub hubs that are told when a feed changes.")
    theme: Folder | None = key(None, "The folder of templates that replace the built-in ones.")
    news_sitemap: Flag = key(False, "Publish a news sitemap, news.xml, for search engines.")  # noqa: FBT003
    precompress: Flag = key(False, "Write compressed forms, .gz and .br, beside each text file.")  # noqa: FBT003
    private: Folder = key(
        ".feedmill/private", 'The folder for feeds with access = "token", which no web server may show.'
    )


class Fetch(Table):
    """How upstream servers are asked."""

    contact: Contact | None = key(None, "A mailto: or web address that servers' operators see in User-Agent.")
    timeout: Timeout = key("30s", "The time a request may take, from connect to the last byte.")
    connect_timeout: Timeout = key("5s", "The time that connecting may take.")
    max_body: Size = key("10MiB", "The largest document to accept, after decompression.")
    workers: Threads = key(8, "How many sources are collected at a time.")
    per_host: Threads = key(1, "How many connections one host gets at a time.")
    host_delay: Delay = key("1s", "The pause between two requests to one host.")
    allow_private_networks: Flag = key(False, "Allow loopback, link-local and private addresses.")  # noqa: FBT003
    allow_hosts: list[Host] = key([], "Hosts, addresses and networks that are allowed wherever they are.")


class Schedule(Table):
    """When sources are looked at."""

    every: Interval = key("60m", "The time between two looks at a folder, and at other sources to begin with.")
    min: Interval = key("15m", "The shortest time that it adapts to; a source's own `every` may be shorter.")
    max: Interval = key("24h", "The longest time that it adapts to.")


_WEB: dict[str, Any] = {"url": {"pattern": URL_PATTERN}}
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


class Select(Table):
    """Where the articles of a web page and their parts are, as CSS selectors."""

    item: Css = needed("Each article on the page.", example="article")
    title: CssOrAttribute | None = key(None, "Its title; default: its first heading, else its link.")
    link: CssOrAttribute | None = key(None, "Its link; default: the one in its heading, else the longest.")
    date: CssOrAttribute | None = key(None, "Its date; default: the first <time>, else a date in its text.")
    body: Css | None = key(None, "Its text; default: only a summary.")
    image: CssOrAttribute | None = key(None, "Its picture; default: the first one.")


class Replacement(Table):
    """What to replace in the texts of a source, and by what."""

    pattern: Pattern = needed(
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


class Auth(Table):
    """How to log in to a server; the secret is in an environment variable."""

    model_config = ConfigDict(json_schema_extra=_AUTH_RULES)

    type: AuthType = needed("basic or bearer.", example="basic")
    username: Username | None = key(None, "basic: the user name.")
    password_env: Variable | None = key(None, "basic: the environment variable that holds the password.")
    token_env: Variable | None = key(None, "bearer: the environment variable that holds the token.")


class Source(Table):
    """One thing to collect from: a folder of articles, an upstream feed, a list of feeds, and so on."""

    model_config = ConfigDict(json_schema_extra=_SOURCE_RULES)

    name: Name = needed("Its permanent name; ids depend on it.", example="newsroom")
    kind: Kind = needed("What it is: files, feed, mail, media, opml or page.", example="files")
    path: Folder | None = key(
        None,
        "files, media: the folder, relative to this file; opml: the list, instead of url; "
        "mail: a Maildir, an mbox, a folder of .eml files.",
    )
    url: SourceUrl | None = key(None, "feed, opml, page: its address; mail: that of an IMAP folder, instead of path.")
    password_env: Variable | None = key(None, "mail: the environment variable that holds the password for url.")
    every: Interval | None = key(None, "The time between two looks, fixed, instead of one that adapts.")
    cron: Cron | None = key(None, "When to look, as five crontab fields, instead of every.")
    language: Language | None = key(None, "The language of its entries that name none; default: the site's.")
    timezone: Zone | None = key(None, "The time zone of its dates that name none, and of cron; default: the site's.")
    link: LinkPattern | None = key(
        None, "files, media: the address of an entry that names none, with {path} or {stem}."
    )
    files_url: FeedsUrl | None = key(
        None, "media: the address under which the folder is reachable; mail: that of the folder in attachments."
    )
    attachments: Folder | None = key(
        None, "mail: the folder to write attached files into, so that they become enclosures; needs files_url."
    )
    furniture: list[Furniture] = key(
        [], "files: more lines to remove from the ends of plain text; with * at its end, lines that begin so."
    )
    select: Select | None = key(None, "page: CSS selectors; without them the repeated links are found.")
    max_file: Size = key(
        "5MiB", "files, mail, media, opml: the largest article, message, notes on a recording, or list, to accept."
    )
    auth: Auth | None = key(None, "feed, opml, page: how to log in to the server.")
    headers: Headers = key({}, "feed, opml, page: further request headers; ${NAME} stands for an environment variable.")
    fulltext: Flag = key(
        False,  # noqa: FBT003
        "feed, opml, page: take the texts from the articles' own pages where they say more; needs feedmill[fulltext].",
    )
    include: list[Pattern] = key([], "Take only entries whose title or text matches one of these regular expressions.")
    exclude: list[Pattern] = key([], "Take no entries whose title or text matches one of these regular expressions.")
    categories_add: list[Line] = key([], "Categories that all its entries get.")
    title_prefix: Line | None = key(None, "What all its titles begin with; a space follows.")
    strip: list[Removable] = key([], "CSS selectors: what is removed from the content.")
    replace: list[Replacement] = key([], "What is replaced in titles, summaries and texts.")
    max_entries: Most | None = key(None, "How many entries to take from one look: the newest.")
    content: Content = key("full", "How much of an entry is kept: full, summary or link.")


class Owner(Table):
    """Who owns a podcast; directories write to them to see that a show is theirs."""

    name: Line = needed("The name.", example="The Editors")
    email: Email = needed("The e-mail address; the feed shows it to everybody.", example="podcast@example.org")


class Funding(Table):
    """A page where listeners can give money."""

    url: Url = needed("Its address.", example="https://example.org/support")
    text: Line = needed("What its link says.", example="Support the show")


class Podcast(Table):
    """What directories of podcasts ask of a show."""

    image: Artwork = needed(
        "The artwork, square, 1400 to 3000 pixels wide: JPEG or PNG, absolute or relative to the site's url.",
        example="https://example.org/artwork.jpg",
    )
    categories: Annotated[list[PodcastCategory], Field(min_length=1)] = needed(
        "Apple's categories, the most fitting first.", example=["Society & Culture > Documentary"]
    )
    explicit: Flag = needed("Whether it has language or scenes that are not for children.", example=False)
    kind: PodcastKind = key("episodic", "episodic: the newest episode first; serial: in order, by their numbers.")
    owner: Owner | None = key(None, "Who owns it; default: the site's author, if an e-mail address is known.")
    locked: Flag = key(False, "Forbid other hosting services to import it.")  # noqa: FBT003
    funding: list[Funding] = key([], "Pages where listeners can give money.")
    guid: Guid | None = key(None, "The id it was given elsewhere; default: one made from its address.")


class Feed(Table):
    """One feed to publish."""

    name: FeedName = needed("Its permanent name: it is published under this name.", example="all")
    title: Line = needed("Its title.", example="Everything")
    description: Text | None = key(None, "What it is about; default: the site's description.")
    language: Language | None = key(None, "Its language; default: the site's.")
    sources: Annotated[list[Line], Field(min_length=1)] = key(["*"], "Names of sources, or globs (*, ?, [ab]).")
    categories: list[Line] = key([], "Only entries with one of these categories.")
    authors: list[Line] = key([], "Only entries by one of these authors.")
    languages: list[Language] = key([], "Only entries in one of these languages.")
    include: list[Expression] = key([], "Only entries whose title or text matches one of these regular expressions.")
    exclude: list[Expression] = key([], "No entries whose title or text matches one of these regular expressions.")
    max_age: Age | None = key(None, "No entries older than this.")
    limit: Limit | None = key(None, "How many entries it holds; default: the one under [publish].")
    formats: Annotated[list[Format], Field(min_length=1)] | None = key(
        None, "Its formats; default: those under [publish]."
    )
    order: Order = key("published", "Which date sorts it, newest first: published or updated.")
    content: Content = key("full", "How much of an entry it carries: full, summary or link.")
    split_by: SplitBy | None = key(
        None, "Publish a further feed for each category, author, source or language, below this one."
    )
    history: HistoryKind | None = key(None, "What becomes of entries that it has no room for.")
    max_size: Size | None = key(None, "How large the document that readers subscribe to may become.")
    podcast: Podcast | None = key(None, "What directories of podcasts ask of it, if it is one.")
    access: Access = key("public", "public, or token: each reader has an address of their own (feedmill token).")
    aliases: list[Alias] = key([], "Paths that it had elsewhere; the web server redirects them.")


class Document(Table):
    """The configuration of a Feedmill site: config.toml."""

    site: Site
    state: State = Field(default_factory=State)
    publish: Publish = Field(default_factory=Publish)
    fetch: Fetch = Field(default_factory=Fetch)
    schedule: Schedule = Field(default_factory=Schedule)
    serve: Serve = Field(default_factory=Serve)
    alerts: Alerts | None = None
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
