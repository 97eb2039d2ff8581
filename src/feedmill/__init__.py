"""Feedmill publishes RSS and Atom feeds from article files and upstream feeds."""

__version__ = "0.1.0"
