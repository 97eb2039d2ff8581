"""What directories of podcasts ask of a show: its categories, its artwork, its id.

Apple's requirements are in "A Podcaster's Guide to RSS" (https://help.apple.com/itc/podcasts_connect/#/itcb54353390)
and in its list of categories (https://podcasters.apple.com/support/1691-apple-podcasts-categories). This module must
not know what is published.
"""

from __future__ import annotations

import re
from uuid import UUID, uuid5

from feedmill.config import addresses
from feedmill.config.values import did_you_mean, shown, text

__all__ = ["CATEGORIES", "category", "default_guid", "guid", "image"]

_LISTED = {
    "Arts": ("Books", "Design", "Fashion & Beauty", "Food", "Performing Arts", "Visual Arts"),
    "Business": ("Careers", "Entrepreneurship", "Investing", "Management", "Marketing", "Non-Profit"),
    "Comedy": ("Comedy Interviews", "Improv", "Stand-Up"),
    "Education": ("Courses", "How To", "Language Learning", "Self-Improvement"),
    "Fiction": ("Comedy Fiction", "Drama", "Science Fiction"),
    "Government": (),
    "History": (),
    "Health & Fitness": (
        "Alternative Health",
        "Fitness",
        "Medicine",
        "Mental Health",
        "Nutrition",
        "Sexuality",
    ),
    "Kids & Family": ("Education for Kids", "Parenting", "Pets & Animals", "Stories for Kids"),
    "Leisure": (
        "Animation & Manga",
        "Automotive",
        "Aviation",
        "Crafts",
        "Games",
        "Hobbies",
        "Home & Garden",
        "Video Games",
    ),
    "Music": ("Music Commentary", "Music History", "Music Interviews"),
    "News": (
        "Business News",
        "Daily News",
        "Entertainment News",
        "News Commentary",
        "Politics",
        "Sports News",
        "Tech News",
    ),
    "Religion & Spirituality": (
        "Buddhism",
        "Christianity",
        "Hinduism",
        "Islam",
        "Judaism",
        "Religion",
        "Spirituality",
    ),
    "Science": (
        "Astronomy",
        "Chemistry",
        "Earth Sciences",
        "Life Sciences",
        "Mathematics",
        "Natural Sciences",
        "Nature",
        "Physics",
        "Social Sciences",
    ),
    "Society & Culture": ("Documentary", "Personal Journals", "Philosophy", "Places & Travel", "Relationships"),
    "Sports": (
        "Baseball",
        "Basketball",
        "Cricket",
        "Fantasy Sports",
        "Football",
        "Golf",
        "Hockey",
        "Rugby",
        "Running",
        "Soccer",
        "Swimming",
        "Tennis",
        "Volleyball",
        "Wilderness",
        "Wrestling",
    ),
    "Technology": (),
    "True Crime": (),
    "TV & Film": ("After Shows", "Film History", "Film Interviews", "Film Reviews", "TV Reviews"),
}
CATEGORIES = tuple(
    name for upper, lower in _LISTED.items() for name in (upper, *(f"{upper} > {category}" for category in lower))
)
"""Apple's categories, as they are written in config.toml."""

_NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
_PICTURE = re.compile(r"[^?#]*\.(?:jpe?g|png)(?:[?#].*)?", re.IGNORECASE)


def category(value: object) -> str:
    """One of Apple's categories: `Society & Culture > Documentary`."""
    written = " > ".join(part.strip() for part in text(value).split(">"))
    found = next((name for name in CATEGORIES if name.casefold() == written.casefold()), None)
    if found is not None:
        return found
    meant = _subcategory(written) or did_you_mean(written, CATEGORIES)
    hint = f"did you mean {shown(meant)}?" if meant else 'write it as "Society & Culture > Documentary"'
    raise ValueError(f"must be one of Apple's categories, not {shown(written)}; {hint}")


def image(value: object) -> str:
    """The address of artwork, absolute or relative to the site: JPEG or PNG, as its ending says."""
    address = addresses.reference(value)
    if not _PICTURE.fullmatch(address):
        raise ValueError(f"must be the address of a JPEG or PNG file (.jpg, .jpeg or .png), not {shown(address)}")
    return address


def guid(value: object) -> str:
    """The id that a podcast was given once and for all: a UUID."""
    written = text(value).strip()
    try:
        return str(UUID(written))
    except ValueError:
        example = "917393e3-1b1e-5cef-ace4-edaa54e1f810"
        raise ValueError(f'must be a UUID such as "{example}", not {shown(written)}') from None


def default_guid(feed_url: str) -> str:
    """Return the id that the podcast namespace gives the podcast whose RSS document is at `feed_url`."""
    return str(uuid5(_NAMESPACE, re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://", "", feed_url).rstrip("/")))


def _subcategory(written: str) -> str | None:
    """The category that somebody means who wrote a subcategory alone, or under another category."""
    last = written.rpartition(" > ")[2].casefold()
    return next((name for name in CATEGORIES if name.casefold().endswith(f" > {last}")), None)
