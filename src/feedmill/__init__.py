"""Feedmill publishes RSS and Atom feeds from article files and upstream feeds."""

from importlib.metadata import version

__version__ = version("feedmill")
