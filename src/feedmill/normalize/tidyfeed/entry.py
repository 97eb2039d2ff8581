"""One entry of a feed in order: feedparser's dictionary of it.

This module must not know what the feed itself says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lxml import etree

from feedmill.normalize import feedepisodes
from feedmill.normalize.feednames import BODIES
from feedmill.normalize.tidyfeed.names import OUTSIDE, Unusual
from feedmill.normalize.tidyfeed.parts import MOST_CHILDREN, Parts, Raw, Scope, popped, resolved

__all__ = ["Entry"]

_MEDIA_SCHEME = "http://search.yahoo.com/mrss/category_schema"


class Entry:
    """Reads one entry."""

    def __init__(self, parts: Parts, *, has_episodes: bool) -> None:
        self._parts = parts
        self._has_episodes = has_episodes
        self._raw: Raw = {}
        self._titles = 0
        self._has_body = self._has_content = self._has_link = self._has_media_title = False
        self._permalink = ""

    def read(self, item: etree._Element, scope: Scope) -> Raw:
        raw = self._raw
        if len(item) > MOST_CHILDREN:
            raise Unusual
        children = [(child, self._parts.name(child)) for child in self._parts.children(item)]
        self._has_body = any(_is_body(child, name) for child, name in children)
        for child, name in children:
            self._add(child, name, scope)
        if self._titles > 1 or (self._has_media_title and not raw.get("title")):
            raise Unusual
        if self._permalink and not self._has_link:
            link = {"rel": "alternate", "type": "text/html"}
            raw.setdefault("links", []).append(link)
            raw["link"] = link["href"] = resolved(scope.base, self._permalink)
        if self._has_episodes:
            feedepisodes.gather(item)
            if len(item) and item[-1].tag == feedepisodes.ELEMENT:
                raw[feedepisodes.ELEMENT] = popped(item[-1].text or "")
        return raw

    def _add(self, element: etree._Element, name: str, scope: Scope) -> None:
        add = self._ENTRY.get(name)
        if add is not None:
            add(self, element, self._parts.within(element, scope) if element.attrib else scope)
        elif name in OUTSIDE or (len(element) and not name.startswith("psc:")):
            raise Unusual

    # --- texts

    def _title(self, element: etree._Element, scope: Scope) -> None:
        self._titles += 1
        self._construct("title", element, "text/plain", scope)

    def _media_title(self, element: etree._Element, scope: Scope) -> None:
        self._has_media_title = True  # of a picture or a film; the entry's own title counts

    def _description(self, element: etree._Element, scope: Scope) -> None:
        self._summarized(element, "text/html", scope)

    def _summary(self, element: etree._Element, scope: Scope) -> None:
        self._summarized(element, "text/plain", scope)

    def _media_description(self, element: etree._Element, scope: Scope) -> None:
        if not self._has_body:
            self._summarized(element, "text/html", scope)

    def _itunes_summary(self, element: etree._Element, scope: Scope) -> None:
        if not self._has_body:
            self._summarized(element, "text/plain", scope)

    def _summarized(self, element: etree._Element, kind: str, scope: Scope) -> None:
        if "summary" in self._raw and not self._has_content:
            raise Unusual  # a second one would be the content
        self._construct("summary", element, kind, scope)

    def _content(self, element: etree._Element, scope: Scope) -> None:
        self._bodied(element, "text/plain", scope)

    def _encoded(self, element: etree._Element, scope: Scope) -> None:
        self._bodied(element, "text/html", scope)

    def _bodied(self, element: etree._Element, kind: str, scope: Scope) -> None:
        self._has_content = True
        said = self._parts.construct(element, kind, scope)
        self._raw.setdefault("content", []).append(said)
        self._raw.setdefault("summary", said["value"])

    def _rights(self, element: etree._Element, scope: Scope) -> None:
        self._construct("rights", element, "text/plain", scope)

    def _construct(self, key: str, element: etree._Element, kind: str, scope: Scope) -> None:
        said = self._raw[f"{key}_detail"] = self._parts.construct(element, kind, scope)
        self._raw[key] = said["value"]

    # --- names, dates and words

    def _word(self, key: str, element: etree._Element) -> None:
        self._raw[key] = self._parts.word(element)

    def _published(self, element: etree._Element, scope: Scope) -> None:
        self._word("published", element)

    def _updated(self, element: etree._Element, scope: Scope) -> None:
        self._word("updated", element)

    def _created(self, element: etree._Element, scope: Scope) -> None:
        self._word("created", element)

    def _language(self, element: etree._Element, scope: Scope) -> None:
        self._word("language", element)

    def _guid(self, element: etree._Element, scope: Scope) -> None:
        said = self._parts.attributes(element) if element.attrib else {}
        self._word("id", element)
        permalink = str(said.get("ispermalink", "true")).strip().lower() != "false"
        if permalink and not self._permalink and str(self._raw["id"]).lower().startswith(("http://", "https://")):
            self._permalink = (element.text or "").strip()

    def _author(self, element: etree._Element, scope: Scope) -> None:
        self._parts.author(self._raw, element, scope)

    def _contributor(self, element: etree._Element, scope: Scope) -> None:
        self._raw.setdefault("contributors", []).append(self._parts.person(element, scope))

    def _category(self, element: etree._Element, scope: Scope) -> None:
        said = self._parts.attributes(element) if element.attrib else {}
        scheme = said.get("scheme", said.get("domain"))
        if scheme is None and element.tag.lower().startswith("{http://search.yahoo.com/mrss"):
            scheme = _MEDIA_SCHEME
        self._tag(said.get("term"), scheme, said.get("label"))
        word = self._parts.word(element)
        tags = self._raw["tags"]
        if word and tags and not tags[-1]["term"]:
            tags[-1]["term"] = word
        elif word:
            self._tag(word, None, None)

    def _itunes_keywords(self, element: etree._Element, scope: Scope) -> None:
        self._keywords(element, "http://www.itunes.com/")

    def _media_keywords(self, element: etree._Element, scope: Scope) -> None:
        self._keywords(element, None)

    def _keywords(self, element: etree._Element, scheme: str | None) -> None:
        if element.attrib:
            raise Unusual
        for term in self._parts.word(element).split(","):
            if term.strip():
                self._tag(term.strip(), scheme, None)

    def _tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        tags = self._raw.setdefault("tags", [])
        tag = {"term": term, "scheme": scheme, "label": label}
        if (term or scheme or label) and tag not in tags:
            tags.append(tag)

    # --- addresses

    def _link(self, element: etree._Element, scope: Scope) -> None:
        href = element.get("href")
        rel = element.get("rel", "alternate").lower()
        self._has_link |= rel == "alternate" if href else bool((element.text or "").strip())
        self._parts.link(self._raw, element, scope, of_entry=True)

    def _comments(self, element: etree._Element, scope: Scope) -> None:
        self._address("comments", element, scope)

    def _comment_feed(self, element: etree._Element, scope: Scope) -> None:
        self._address("wfw_commentrss", element, scope)

    def _address(self, key: str, element: etree._Element, scope: Scope) -> None:
        if element.attrib:
            raise Unusual
        word = self._parts.word(element)
        self._raw[key] = word and resolved(scope.base, word)

    def _enclosure(self, element: etree._Element, scope: Scope) -> None:
        said = self._parts.attributes(element)
        href = said.pop("url", None) or said.pop("uri", None) or said.get("href")
        if len(element) or not href:
            raise Unusual
        self._raw.setdefault("links", []).append(said | {"href": href, "rel": "enclosure"})

    def _media_content(self, element: etree._Element, scope: Scope) -> None:
        self._raw.setdefault("media_content", []).append(self._parts.attributes(element))
        self._inner(element, scope)

    def _thumbnail(self, element: etree._Element, scope: Scope) -> None:
        said = self._parts.attributes(element)
        if self._parts.word(element):
            raise Unusual
        self._raw.setdefault("media_thumbnail", []).append(said)

    def _inner(self, element: etree._Element, scope: Scope) -> None:
        if len(element) > MOST_CHILDREN:
            raise Unusual
        for inner in self._parts.children(element):
            name = self._parts.name(inner)
            if name and not name.startswith("media:"):
                raise Unusual
            self._add(inner, name, scope)

    def _itunes_image(self, element: etree._Element, scope: Scope) -> None:
        said = self._parts.attributes(element)
        address = said.get("href") or said.get("url")
        if address:
            self._raw["image"] = {"href": address}

    def _source(self, element: etree._Element, scope: Scope) -> None:
        parts, found = self._parts, Raw()
        said = parts.attributes(element) if element.attrib else {}
        if "url" in said:
            found["href"] = said["url"]
        if not len(element):
            if title := parts.word(element):
                found["title"] = title
        elif "url" in said or len(element) > MOST_CHILDREN:
            raise Unusual
        else:
            for inner in parts.children(element):
                self._of_source(found, inner, parts.within(inner, scope))
        self._raw["source"] = found

    def _of_source(self, found: Raw, element: etree._Element, scope: Scope) -> None:
        match self._parts.name(element):
            case "title" if "title" not in found:
                found["title_detail"] = said = self._parts.construct(element, "text/plain", scope)
                found["title"] = said["value"]
            case "link":
                self._parts.link(found, element, scope)
            case "id":
                word = self._parts.word(element)
                found["id"] = word and resolved(scope.base, word)
                found.setdefault("link", found["id"])
            case "updated" | "published" | "subtitle" | "rights" | "icon" | "logo" | "generator" | "category":
                if len(element):
                    raise Unusual
            case _:
                raise Unusual

    _ENTRY: Mapping[str, Callable[[Entry, etree._Element, Scope], None]] = {
        "title": _title,
        "media:title": _media_title,
        **dict.fromkeys(("description", "dc:description"), _description),
        "summary": _summary,
        "media:description": _media_description,
        "itunes:summary": _itunes_summary,
        "content": _content,
        "content:encoded": _encoded,
        **dict.fromkeys(("rights", "copyright", "dc:rights"), _rights),
        **dict.fromkeys(("published", "pubdate", "issued", "dcterms:issued"), _published),
        **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), _updated),
        **dict.fromkeys(("created", "dcterms:created"), _created),
        **dict.fromkeys(("language", "dc:language"), _language),
        **dict.fromkeys(("guid", "id"), _guid),
        **dict.fromkeys(("author", "dc:creator", "dc:author", "itunes:author"), _author),
        "contributor": _contributor,
        **dict.fromkeys(("category", "keywords", "dc:subject", "media:category"), _category),
        "itunes:keywords": _itunes_keywords,
        "media:keywords": _media_keywords,
        "link": _link,
        "comments": _comments,
        "wfw:commentrss": _comment_feed,
        "enclosure": _enclosure,
        "media:content": _media_content,
        "media:thumbnail": _thumbnail,
        "media:group": _inner,
        "itunes:image": _itunes_image,
        "source": _source,
    }


def _is_body(element: etree._Element, name: str) -> bool:
    return (
        element.tag.rpartition("}")[2].lower() in BODIES
        and not name.startswith(("media:", "itunes:"))
        and (len(element) > 0 or bool((element.text or "").strip()))
    )
