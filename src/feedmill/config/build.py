"""A validated configuration document -> the value types that the program works with.

This module must not judge anything: the document is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from feedmill import __version__, model
from feedmill.config import addresses, listening, operating, podcasts, schema

__all__ = ["alerts", "feed_id", "feeds", "fetch_settings", "schedule", "serve", "site", "sources"]

_POLLS = 60


def site(table: schema.Site) -> model.Site:
    """Return the publication, with addresses resolved and defaults that follow from its own."""
    author = table.author
    return model.Site(
        title=table.title,
        url=table.url,
        feeds_url=table.feeds_url or addresses.feeds_url(addresses.folder_below(table.url, "feeds")),
        id_authority=table.id_authority or addresses.default_authority(table.url),
        language=table.language,
        timezone=table.timezone,
        author=model.Person(name=author.name, email=author.email, uri=author.uri) if author else None,
        description=table.description,
        rights=table.rights,
        icon=addresses.resolve(table.url, table.icon) if table.icon else None,
        logo=addresses.resolve(table.url, table.logo) if table.logo else None,
    )


def fetch_settings(table: schema.Fetch, site: model.Site) -> model.FetchSettings:
    """Return how upstreams are asked; the User-Agent names the site and the contact (RFC 9110 section 10.1.5)."""
    comment = "; ".join(part for part in (f"+{addresses.for_comment(site.url)}", table.contact) if part)
    return model.FetchSettings(
        user_agent=f"Feedmill/{__version__} ({comment})",
        timeout=table.timeout,
        connect_timeout=table.connect_timeout,
        max_body=table.max_body,
        workers=table.workers,
        per_host=table.per_host,
        host_delay=table.host_delay,
        allow_private_networks=table.allow_private_networks,
        allow_hosts=tuple(table.allow_hosts),
    )


def schedule(table: schema.Schedule) -> model.Schedule:
    """Return when sources are looked at."""
    return model.Schedule(every=table.every, min=table.min, max=table.max)


def serve(table: operating.Serve) -> model.ServeSettings:
    """Return how the web server serves: behind a proxy, where all readers may look alike, they are not counted."""
    polls = table.max_polls
    return model.ServeSettings(
        address=table.address,
        admin=None if table.admin == listening.NONE else table.admin,
        dashboard=table.dashboard,
        token_env=table.token_env,
        url=table.url,
        trusted_proxies=tuple(table.trusted_proxies),
        max_polls=polls if polls is not None else 0 if table.trusted_proxies else _POLLS,
        polls_window=table.polls_window,
    )


def alerts(table: operating.Alerts, root: Path) -> model.Alerts:
    """Return who is told of problems."""
    mail = table.email
    return model.Alerts(
        email=model.MailSettings(
            to=tuple(mail.to),
            sender=mail.sender or mail.to[0],
            server=mail.server,
            username=mail.username,
            password_env=mail.password_env,
        )
        if mail
        else None,
        webhook=table.webhook,
        feed=addresses.local(table.feed, root) if table.feed else None,
        after_failures=table.after_failures,
        silence=table.silence,
    )


def sources(tables: list[schema.Source], root: Path) -> Iterator[model.Source]:
    """Yield the sources, with paths that start at `root` made absolute."""
    for table in tables:
        yield model.Source(
            name=table.name,
            kind=table.kind,
            url=table.url,
            path=addresses.local(table.path, root) if table.path else None,
            every=table.every,
            cron=table.cron,
            language=table.language,
            timezone=table.timezone,
            link=table.link,
            files_url=table.files_url,
            attachments=addresses.local(table.attachments, root) if table.attachments else None,
            password_env=table.password_env,
            furniture=tuple(table.furniture),
            max_file=table.max_file,
            fulltext=table.fulltext,
            auth=_auth(table.auth) if table.auth else None,
            headers=tuple(table.headers.items()),
            treatment=_treatment(table),
            select=model.Selectors(**table.select.model_dump()) if table.select else None,
        )


def _auth(table: schema.Auth) -> model.Auth:
    secret = table.password_env if table.type == "basic" else table.token_env
    return model.Auth(type=table.type, username=table.username or "", secret_env=secret or "")


def _treatment(table: schema.Source) -> model.Treatment:
    return model.Treatment(
        include=tuple(table.include),
        exclude=tuple(table.exclude),
        categories_add=tuple(table.categories_add),
        title_prefix=table.title_prefix,
        strip=tuple(table.strip),
        replace=tuple(model.Replacement(pattern=one.pattern, template=one.with_) for one in table.replace),
        max_entries=table.max_entries,
        content=model.Content(table.content),
    )


def feed_id(site: model.Site, name: str) -> str:
    """Return the permanent id of the feed called `name`."""
    return uuid5(NAMESPACE_URL, f"tag:{site.id_authority}:feeds/{name}").urn


def feeds(tables: list[schema.Feed], publish: schema.Publish, site: model.Site, root: Path) -> Iterator[model.FeedSpec]:
    """Yield the feeds. Their ids depend on nothing but name and authority: they outlive every address."""
    theme = str(addresses.local(publish.theme, root)) if publish.theme else None
    for table in tables:
        yield model.FeedSpec(
            name=table.name,
            title=table.title,
            id=feed_id(site, table.name),
            base_url=f"{site.feeds_url}{table.name}/",
            site=site,
            description=table.description,
            language=table.language,
            sources=tuple(table.sources),
            categories=tuple(table.categories),
            authors=tuple(table.authors),
            languages=tuple(table.languages),
            include=tuple(table.include),
            exclude=tuple(table.exclude),
            max_age=table.max_age,
            limit=table.limit or publish.limit,
            order=model.Order(table.order),
            content=model.Content(table.content),
            formats=tuple(table.formats or publish.formats),
            history=model.History(table.history or publish.history),
            max_size=table.max_size or publish.max_size,
            # Nobody can ask a hub for a document that only those with a token may read.
            hubs=tuple(publish.hubs) if table.access == "public" else (),
            split_by=model.SplitBy(table.split_by) if table.split_by else None,
            podcast=_podcast(table.podcast, f"{site.feeds_url}{table.name}/", site) if table.podcast else None,
            theme=theme,
            private=table.access == "token",
            aliases=tuple(dict.fromkeys(table.aliases)),
        )


def _podcast(table: schema.Podcast, base_url: str, site: model.Site) -> model.Podcast:
    """Return what directories are told. The id is made from the address once: who moves a feed keeps it with `guid`."""
    owner = model.Person(name=table.owner.name, email=table.owner.email) if table.owner else None
    return model.Podcast(
        image=addresses.resolve(site.url, table.image),
        categories=tuple(table.categories),
        explicit=table.explicit,
        kind=table.kind,
        owner=owner or (site.author if site.author and site.author.email else None),
        locked=table.locked,
        funding=tuple((one.url, one.text) for one in table.funding),
        guid=table.guid or podcasts.default_guid(f"{base_url}rss.xml"),
    )
