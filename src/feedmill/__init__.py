"""Feedmill publishes RSS and Atom feeds from article files and upstream feeds."""

__version__ = "0.1.0"  # as in pyproject.toml: to ask the installed package takes longer than to start
