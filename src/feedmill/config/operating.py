"""The tables of config.toml that are for whoever runs a site: the web server, and who is told of problems.

This module must not know how a value is judged, nor rules between keys (`checks`).
"""

# Annotations are values here, not strings as elsewhere: pydantic would compile each string at every start.

from typing import Annotated

from pydantic import Field

from feedmill.config.types import (
    Address,
    AddressOrNone,
    Email,
    FeedsUrl,
    Flag,
    Folder,
    Interval,
    MailServer,
    Network,
    Polls,
    Table,
    Times,
    Url,
    Username,
    Variable,
    key,
    needed,
)

__all__ = ["Alerts", "Mail", "Serve"]


class Serve(Table):
    """The web server: feedmill serve, and feedmill run --serve."""

    address: Address = key("127.0.0.1:8000", "Where the published files are served.")
    admin: AddressOrNone = key("127.0.0.1:8001", "Where the dashboard and the metrics are served, or none.")
    dashboard: Flag = key(False, "Serve the dashboard and the metrics beside the published files too.")  # noqa: FBT003
    token_env: Variable | None = key(
        None, "The environment variable that holds the operator's token; without it the dashboard is read-only."
    )
    url: FeedsUrl | None = key(
        None, "The address under which the world reaches this server; with it, hubs of upstreams are subscribed to."
    )
    trusted_proxies: list[Network] = key([], "Addresses and networks of proxies whose word on the client counts.")
    max_polls: Polls | None = key(
        None,
        "How often a reader may ask for a document in polls_window, 0: no limit; default: 60, behind a proxy 0.",
    )
    polls_window: Interval = key("10m", "The time that max_polls counts in.")


class Mail(Table):
    """Who gets an e-mail about problems, and through which server."""

    to: Annotated[list[Email], Field(min_length=1)] = needed("Who gets it.", example=["ops@example.org"])
    sender: Email | None = key(None, "Whom it is from; default: the first of to.")
    server: MailServer = key("smtp://localhost:25", "The mail server: smtp://host:port, or smtps://host:port.")
    username: Username | None = key(None, "The user name to log in with.")
    password_env: Variable | None = key(None, "The environment variable that holds the password.")


class Alerts(Table):
    """Who is told of problems, and when."""

    email: Mail | None = key(None, "Who gets an e-mail.")
    webhook: Url | None = key(None, "An address that each problem is posted to, as JSON.")
    feed: Folder | None = key(None, "The file to write an Atom feed of problems into, outside the published folder.")
    after_failures: Times = key(5, "How many failures of a source in a row are a problem.")
    silence: Flag = key(True, "Whether a source that brings nothing for unusually long is a problem.")  # noqa: FBT003
