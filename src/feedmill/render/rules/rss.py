"""The rules of RSS 2.0: the specification of the RSS Advisory Board (2.0.11) and its best-practices profile.

What a rule asks, and where that is written, is in its docstring: docs/validate.md is made of them. Elements with a
namespace are other vocabularies' business. This module must not know what Feedmill itself would write.
"""

from __future__ import annotations

from feedmill.render.rules import rss_channel, rss_item
from feedmill.render.rules.rss_document import Rss
from feedmill.render.rules.table import Table

__all__ = ["RULES", "Rss"]

RULES: Table[Rss] = Table(rss_channel.RULES, rss_item.RULES)
