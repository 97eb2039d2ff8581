"""The rules of RSS 2.0 for the whole document, and for the channel.

`rss` says more. This module must not know what Feedmill itself would write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from feedmill.render._xml import ATOM, Element
from feedmill.render.rules.rss_document import ITEM, Rss
from feedmill.render.rules.table import Table
from feedmill.render.rules.tree import label, line, text
from feedmill.render.rules.values import absolute, fault_822, is_count, is_email, is_language

__all__ = ["RULES"]

Found = Iterator[tuple[int, str]]

_CHANNEL = frozenset({
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate", "lastBuildDate",
    "category", "generator", "docs", "cloud", "ttl", "image", "rating", "textInput", "skipHours", "skipDays", "item",
})  # fmt: skip
_INSIDE = {
    "rss": frozenset({"channel"}),
    "channel": _CHANNEL,
    "item": ITEM,
    "image": frozenset({"url", "title", "link", "width", "height", "description"}),
    "textInput": frozenset({"title", "description", "name", "link"}),
    "skipHours": frozenset({"hour"}),
    "skipDays": frozenset({"day"}),
}
_REPEATED = frozenset({"item", "category", "enclosure", "hour", "day", "channel"})
_ATTRIBUTES = {
    "rss": frozenset({"version"}),
    "category": frozenset({"domain"}),
    "cloud": frozenset({"domain", "port", "path", "registerProcedure", "protocol"}),
    "enclosure": frozenset({"url", "length", "type"}),
    "guid": frozenset({"isPermaLink"}),
    "source": frozenset({"url"}),
}
# If these are blank, another rule says so.
_TOLD_ELSEWHERE = frozenset({"link", "comments", "docs", "url", "managingEditor", "webMaster", "author", "pubDate"})
_WEEK = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"})
_IMAGE_LIMITS = {"width": 144, "height": 400}
_OLD_VERSIONS = frozenset({"0.90", "0.91", "0.92", "0.93", "0.94"})

RULES: Table[Rss] = Table()


@RULES.error('Begin the document with `<rss version="2.0">`.')
def version(rss: Rss) -> Found:
    """The root is `rss` and says its `version`. (RSS 2.0, "What is RSS?")"""
    said = rss.root.element.get("version")
    if said is None:
        yield rss.root.line, "<rss> does not say its version"
    elif said != "2.0" and said not in _OLD_VERSIONS:
        yield rss.root.line, f"there is no version `{said[:20]}` of RSS"


@RULES.warning("Write RSS 2.0, which has all of the older versions in it.")
def old_version(rss: Rss) -> Found:
    """The version is 2.0. (RSS 2.0, "About this document")"""
    if rss.root.element.get("version") in _OLD_VERSIONS:
        yield rss.root.line, f"this is RSS {rss.root.element.get('version')}, which 2.0 has replaced"


@RULES.error("Put everything into one `<channel>`.")
def one_channel(rss: Rss) -> Found:
    """There is one `channel`, and the items are in it. (RSS 2.0, "What is RSS?")"""
    count = len(list(rss.root.all("channel")))
    if count != 1:
        yield rss.root.line, f"<rss> has {count} <channel>, not one"
    for item in rss.root.all("item"):
        yield line(item), "an <item> stands outside of the <channel>"


@RULES.error("Add the element.")
def channel_required(rss: Rss) -> Found:
    """A channel has `title`, `link` and `description`. (RSS 2.0, "Required channel elements")"""
    for tag in ("title", "link", "description"):
        if tag not in rss.channel.children:
            yield rss.channel.line, f"<channel> has no <{tag}>"


@RULES.error("Correct the name, or take the element from a namespace of its own.")
def known_elements(rss: Rss) -> Found:
    """An element without a namespace is one of RSS's, at its place. (RSS 2.0, "Extending RSS")"""
    for node in rss.everything():
        allowed = _INSIDE.get(str(node.element.tag), frozenset())
        for tag, elements in node.children.items():
            if tag[0] != "{" and tag not in allowed and not (node is rss.root and tag == "item"):
                yield line(elements[0]), f"RSS has no <{tag}> in {label(node.element)}"


@RULES.error("Keep one of them.")
def once(rss: Rss) -> Found:
    """Only `category`, `item` and `enclosure` may stand more than once. (Profile, "Element repetition")"""
    for node in rss.everything():
        for tag, elements in node.children.items():
            if len(elements) > 1 and tag[0] != "{" and tag not in _REPEATED:
                yield line(elements[1]), f"{label(node.element)} has {len(elements)} <{tag}>, not one"


@RULES.error("Remove the attribute, or take it from a namespace of its own.")
def known_attributes(rss: Rss) -> Found:
    """An attribute without a namespace is one of RSS's. (RSS 2.0, "Extending RSS")"""
    for node in rss.everything():
        yield from _unknown_attributes(node.element)
        for tag, elements in node.children.items():
            if tag[0] != "{" and tag not in _INSIDE:
                for element in elements:
                    yield from _unknown_attributes(element)


def _unknown_attributes(element: Element) -> Found:
    allowed = _ATTRIBUTES.get(str(element.tag), frozenset())
    for name in map(str, element.keys()):  # an element iterates over its children
        if name[0] != "{" and name not in allowed:
            yield line(element), f"RSS has no attribute `{name}` of {label(element)}"


@RULES.error("Put the text into an element.")
def stray_text(rss: Rss) -> Found:
    """Between elements there is no text. (RSS 2.0, the elements' definitions)"""
    for node in rss.everything():
        pieces = [node.element.text, *(child.tail for child in node.element)]
        if any(piece and not piece.isspace() for piece in pieces):
            yield node.line, f"text stands between the elements of {label(node.element)}"


@RULES.error("Write the whole address, as in `https://example.org/page`.")
def addresses(rss: Rss) -> Found:
    """Addresses are absolute. (RSS 2.0, "Comments": a link starts with a registered scheme)"""
    nodes = (rss.channel, *rss.parts, *rss.items)
    for node in nodes:
        for element in node.all("link", "comments", "docs", "url"):
            told = text(element)
            if not absolute(told):
                yield line(element), f"<{element.tag}> is not an absolute address: `{told[:80]}`"
        for element in node.all("enclosure", "source"):
            told = (element.get("url") or "").strip()
            if told and not absolute(told):
                yield line(element), f"the url of <{element.tag}> is not an absolute address: `{told[:80]}`"


@RULES.error("Write dates as in `Tue, 03 Nov 2026 08:30:00 GMT`.")
def dates(rss: Rss) -> Found:
    """Dates are those of RFC 822 with a zone, and the weekday is that of the date. (RSS 2.0, "pubDate")"""
    for node in (rss.channel, *rss.items):
        for element in node.all("pubDate", "lastBuildDate"):
            fault = fault_822(text(element))
            if fault:
                yield line(element), f"<{element.tag}>: {fault}"


@RULES.error("Write a language tag, as in `en` or `pt-BR`.")
def language(rss: Rss) -> Found:
    """`language` is a language tag. (RSS 2.0, "Optional channel elements"; RFC 5646)"""
    for element in rss.channel.all("language"):
        if not is_language(text(element)):
            yield line(element), f"<language> is not a language tag: `{text(element)[:40]}`"


@RULES.error("Write minutes as a whole number, as in `60`.")
def ttl(rss: Rss) -> Found:
    """`ttl` is a number of minutes. (RSS 2.0, "<ttl> sub-element of <channel>")"""
    for element in rss.channel.all("ttl"):
        if not is_count(text(element)) or int(text(element)) == 0:
            yield line(element), f"<ttl> is not a number of minutes: `{text(element)[:40]}`"


@RULES.error("Give `<cloud>` all five attributes, or remove it.")
def cloud(rss: Rss) -> Found:
    """`cloud` has `domain`, `port`, `path`, `registerProcedure` and a `protocol` that exists. (RSS 2.0, "<cloud>")"""
    for element in rss.channel.all("cloud"):
        for name in sorted(_ATTRIBUTES["cloud"]):
            if element.get(name) is None:
                yield line(element), f"<cloud> has no {name}"
        if element.get("port") is not None and not is_count(str(element.get("port"))):
            yield line(element), f"the port of <cloud> is not a number: `{element.get('port')}`"
        if element.get("protocol") not in {None, "xml-rpc", "soap", "http-post"}:
            yield line(element), f"<cloud> has no protocol `{element.get('protocol')}`"


@RULES.error("Give `<image>` the address of a picture, a title and a link; at most 144 pixels wide and 400 high.")
def image(rss: Rss) -> Found:
    """`image` has `url`, `title` and `link`; `width` is at most 144, `height` at most 400. (RSS 2.0, "<image>")"""
    for node in rss.parts:
        if node.element.tag != "image":
            continue
        for tag in ("url", "title", "link"):
            if tag not in node.children:
                yield node.line, f"<image> has no <{tag}>"
        for element in node.all("width", "height"):
            if not is_count(text(element)) or not 0 < int(text(element)) <= _IMAGE_LIMITS[str(element.tag)]:
                yield line(element), f"<{element.tag}> of <image> is not from 1 to {_IMAGE_LIMITS[str(element.tag)]}"


@RULES.error("Give `<textInput>` all four parts, or remove it.")
def text_input(rss: Rss) -> Found:
    """`textInput` has `title`, `description`, `name` and `link`. (RSS 2.0, "<textInput>")"""
    for node in rss.parts:
        if node.element.tag == "textInput":
            for tag in ("title", "description", "name", "link"):
                if tag not in node.children:
                    yield node.line, f"<textInput> has no <{tag}>"


@RULES.error("List hours from 0 to 23, each once.")
def skip_hours(rss: Rss) -> Found:
    """`skipHours` lists hours from 0 to 23, each once. (RSS 2.0, "skipHours")"""
    yield from _skips(rss, "skipHours", "hour", lambda told: is_count(told) and int(told) < 24)


@RULES.error("List the English names of days, each once.")
def skip_days(rss: Rss) -> Found:
    """`skipDays` lists the English names of days, each once. (RSS 2.0, "skipDays")"""
    yield from _skips(rss, "skipDays", "day", lambda told: told in _WEEK)


def _skips(rss: Rss, tag: str, part: str, fits: Callable[[str], bool]) -> Found:
    for node in rss.parts:
        if node.element.tag != tag:
            continue
        told: set[str] = set()
        for element in node.all(part):
            value = text(element)
            if not fits(value):
                yield line(element), f"`{value[:20]}` is no <{part}>"
            elif value.lstrip("0") in told:
                yield line(element), f"<{tag}> lists `{value}` twice"
            told.add(value.lstrip("0"))


@RULES.error("Write the e-mail address first, as in `editor@example.org (Editor)`; for a name alone use `dc:creator`.")
def people(rss: Rss) -> Found:
    """`managingEditor`, `webMaster` and `author` are e-mail addresses. (RSS 2.0, "<author>")"""
    for node in (rss.channel, *rss.items):
        for element in node.all("managingEditor", "webMaster", "author"):
            told = text(element)
            if not any(is_email(word.strip("()<>,;")) for word in told.split()):
                yield line(element), f"<{element.tag}> has no e-mail address: `{told[:60]}`"


@RULES.warning("Fill it, or leave it out.")
def blank(rss: Rss) -> Found:
    """An element that is there says something. (Profile, "Character data")"""
    for node in (rss.channel, *rss.parts, *rss.items):
        for tag, elements in node.children.items():
            if (
                tag[0] != "{"
                and tag not in {"cloud", "enclosure", *_INSIDE, *_TOLD_ELSEWHERE}
                and not text(elements[0])
            ):
                yield line(elements[0]), f"<{tag}> is blank"


@RULES.warning("Give the image the title and the link of the channel.")
def image_of_channel(rss: Rss) -> Found:
    """The image has the channel's `title` and `link`. (RSS 2.0, "<image>")"""
    for node in rss.parts:
        for tag in ("title", "link"):
            if node.element.tag == "image" and node.text(tag) != rss.channel.text(tag):
                yield node.line, f"the <{tag}> of <image> is not that of the <channel>"


@RULES.warning('Add `<atom:link rel="self" href="…" type="application/rss+xml"/>` with the address of the feed.')
def self_link(rss: Rss) -> Found:
    """The channel says its own address in an `atom:link rel="self"`. (Profile, "atom:link")"""
    if not any(link.get("rel") == "self" for link in rss.channel.all(ATOM + "link")):
        yield rss.channel.line, "the feed does not say its own address"
