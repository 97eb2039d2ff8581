"""Who reads the feeds: from visits to numbers, without keeping who visited.

This package must not know how a request is served, or where the numbers are stored.
"""
