"""How addresses are written in config.toml: URLs, hosts, e-mail, folders, the state database.

Each rule takes what TOML gave and returns the value, or raises ValueError whose message follows the key's name in a
sentence ("must be ..."). This module must not know which key it judges, and opens nothing.
"""

from __future__ import annotations

import ipaddress
import re
from os.path import normpath
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from feedmill.config.values import email, line, shown

__all__ = [
    "absolute_state_url",
    "authority",
    "base_url",
    "contact",
    "default_authority",
    "feeds_url",
    "folder",
    "folder_below",
    "for_comment",
    "host_or_network",
    "link_pattern",
    "local",
    "publish_directory",
    "reference",
    "resolve",
    "source_url",
    "state_file",
    "state_url",
    "url",
]

# RFC 3986 section 3.3 and 3.4, and the percent sign of what is already encoded.
_URI_SIGNS = "!$%&'()*+,-./:;=?@_~"
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# RFC 4151 section 2.1
_AUTHORITY = re.compile(r"(?:[a-z0-9._-]+@)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_SQLITE = "sqlite:///"


def url(value: object) -> str:
    """An absolute http or https address (RFC 9110 section 4.2); what is not ASCII is encoded (RFC 3987 section 3.1)."""
    address = line(value)
    if " " in address:
        raise ValueError(f"must not hold a space; write %20 for it, not {shown(address)}")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"must be an address that can be understood, not {shown(address)}") from None
    if parts.scheme not in ("http", "https") or not host:
        hint = f'; did you mean "https://{address}"?' if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", address) else ""
        raise ValueError(f'must be an address such as "https://example.org/", not {shown(address)}{hint}')
    if ":" not in host:
        host_name(host, address)
    netloc = parts.netloc
    if not netloc.isascii():
        login, at, _ = netloc.rpartition("@")
        netloc = quote(login, safe="%:") + at + host_name(host, address) + (f":{port}" if port else "")
    return _encoded(parts._replace(netloc=netloc))


def source_url(value: object) -> str:
    """The address of something to collect: http or https, or an IMAP folder (RFC 5092 section 3) with its user.

    Messages never repeat an IMAP address, for it may hold a password where none belongs.
    """
    address = line(value)
    if not re.match(r"imaps?:", address):
        return url(value)
    example = 'such as "imaps://user@imap.example.org/INBOX"'
    try:
        parts = urlsplit(address)
        host, login, port = parts.hostname or "", parts.netloc.rpartition("@")[0], parts.port
    except ValueError:
        host, login, port = "", "", None
    if not host or not login or port == 0 or re.search(r"[\s?#]", address):
        raise ValueError(f"must be the address of an IMAP folder, with a user: {example}")
    if ":" in login:
        raise ValueError(f"must not hold a password: put that into an environment variable, and write {example}")
    if ":" not in host:
        try:
            host_name(host, "")
        except ValueError:
            raise ValueError(f"must name a host that can exist, {example}") from None
    if parts.scheme == "imap" and host not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError('must begin with "imaps://": without TLS everybody on the way could read the password')
    if re.search(r"[\x00-\x1f\x7f]", unquote(login + parts.path)):
        raise ValueError("must not hold control characters")
    return address


def base_url(value: object) -> str:
    """The address of a site: no login, and at least "/" for a path."""
    address = url(value)
    parts = urlsplit(address)
    if parts.username is not None:
        raise ValueError("must not hold a user name or password: everybody will read it")
    return urlunsplit(parts._replace(path=parts.path or "/"))


def feeds_url(value: object) -> str:
    """The address of the published folder, with a final slash: file names are added to it."""
    address = base_url(value)
    if "?" in address or "#" in address:
        raise ValueError(f'must be the address of a folder, without "?" and "#", not {shown(address)}')
    return address.rstrip("/") + "/"


def reference(value: object) -> str:
    """An http or https address, absolute or relative to the site's."""
    written = line(value)
    url(resolve("https://example.org/", written))
    return written


def folder_below(base: str, name: str) -> str:
    """Return the address of a folder in the one that `base` names."""
    parts = urlsplit(base)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{name}/", query="", fragment=""))


def resolve(base: str, address: str) -> str:
    """Return `address` as a URI, resolved against `base` if it is relative (RFC 3986 section 5)."""
    try:
        return _encoded(urlsplit(urljoin(base, address)))
    except ValueError:
        raise ValueError(f"must be an address that can be understood, not {shown(address)}") from None


def host_name(host: str, within: str) -> str:
    """Return a host name in ASCII and small letters.

    Raises:
        ValueError: no such name can exist (RFC 1123 section 2.1, RFC 5890); `within` is what the message shows.
    """
    ascii_host = host.lower()
    if not host.isascii():
        import idna

        try:
            ascii_host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            ascii_host = ""
    labels = ascii_host.removesuffix(".").split(".")
    if len(ascii_host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"must name a host that can exist, not {shown(within)}")
    return ascii_host


def host_or_network(value: object) -> str:
    """A host name, an address, or a network in CIDR form."""
    written = line(value)
    try:
        return str(ipaddress.ip_network(written.strip("[]"), strict=False)) if "/" in written else _address(written)
    except ValueError:
        pass
    try:
        return host_name(written, written).removesuffix(".")
    except ValueError:
        example = 'a host name or address such as "feeds.lan", "192.168.1.7" or "10.0.0.0/8"'
        raise ValueError(f"must be {example}, without scheme and port, not {shown(written)}") from None


def authority(value: object) -> str:
    """A DNS name or e-mail address to mint tag: URIs under (RFC 4151 section 2.1)."""
    written = line(value).lower()
    local, at, host = written.rpartition("@")
    if not host.isascii():
        host = host_name(host, written)
    if not _AUTHORITY.fullmatch(local + at + host):
        raise ValueError(
            f'must be a domain name or e-mail address that is yours, such as "example.org", not {shown(written)}'
        )
    return local + at + host


def default_authority(address: object) -> str:
    """Return the host of the site's address as an authority; ValueError if it is not fit for one."""
    return authority(urlsplit(url(address)).hostname)


def contact(value: object) -> str:
    """Where operators of upstream servers can complain: a mailto: or http(s) URI fit for a header's comment."""
    written = line(value)
    if written.startswith("mailto:"):
        address = "mailto:" + email(written.removeprefix("mailto:"))
    elif written.startswith(("http://", "https://")):
        address = base_url(written)
    else:
        meant = f"mailto:{written}" if "@" in written else "mailto:ops@example.org"
        raise ValueError(f'must be an e-mail or web address such as "{meant}", not {shown(written)}')
    return for_comment(address)


def for_comment(address: str) -> str:
    """Return a URI that may stand in a header's comment, where parentheses have a meaning (RFC 9110 section 5.6.5)."""
    return address.replace("(", "%28").replace(")", "%29")


def link_pattern(value: object) -> str:
    """The address of an article, with `{path}` or `{stem}` where the article's own part goes."""
    pattern = line(value)
    example = 'must be an address such as "https://example.org/{path}", with {path} or {stem} in it'
    filled = re.sub(r"\{(path|stem)\}", "x", pattern)
    if filled == pattern or "{" in filled or "}" in filled:
        raise ValueError(f"{example}, not {shown(pattern)}")
    origin = re.match(r"[^:/]*://[^/?#]*", pattern)
    if origin is None or "{" in origin[0]:
        raise ValueError(f"{example} after the host name, not {shown(pattern)}")
    url(filled)
    return pattern


def folder(value: object) -> str:
    """The path of a folder, relative to the configuration file or absolute."""
    written = line(value)
    if written.startswith("~"):
        raise ValueError(f'must be written in full: "~" is not known to a service, in {shown(written)}')
    if "://" in written:
        raise ValueError(f"must be a folder on this machine, not {shown(written)}")
    return written


def publish_directory(value: object) -> str:
    """Where to publish: a folder on this machine."""
    written = line(value)
    if written.startswith("s3://"):
        raise ValueError('is on "s3://", which is not available in this version; name a folder')
    return folder(written)


def state_url(value: object) -> str:
    """The address of the state database. Messages never repeat it, for it may hold a password."""
    written = line(value)
    if re.match(r"postgres(ql)?(\+\w+)?:", written):
        raise ValueError(f'names PostgreSQL, which is not available in this version; use "{_SQLITE}..."')
    file = written.removeprefix(_SQLITE)
    if file == written:
        raise ValueError(f'must begin with "{_SQLITE}", as in "{_SQLITE}.feedmill/state.sqlite3"')
    if file in ("", ":memory:") or file.startswith("file:") or file.endswith("/"):
        raise ValueError(f'must name a file, since the state outlives the run: "{_SQLITE}.feedmill/state.sqlite3"')
    if "?" in file:
        raise ValueError('must not hold "?"')
    return written


def state_file(address: str, root: Path) -> Path:
    """Return the file that a state address of the form `sqlite:///path` names; relative paths start at `root`."""
    return local(address.removeprefix(_SQLITE), root)


def absolute_state_url(address: str, root: Path) -> str:
    """Return a state address with an absolute path."""
    return f"{_SQLITE}{state_file(address, root)}"


def local(path: str, root: Path) -> Path:
    """Return an absolute path, without asking the file system; relative paths start at `root`."""
    return Path(normpath(root / path))


def _encoded(parts: SplitResult) -> str:
    """Put a URI together, with everything encoded that must not stand in it."""
    tail = (quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", part), safe=_URI_SIGNS) for part in parts[2:])
    return urlunsplit((*parts[:2], *tail))


def _address(written: str) -> str:
    return str(ipaddress.ip_address(written.strip("[]")))
