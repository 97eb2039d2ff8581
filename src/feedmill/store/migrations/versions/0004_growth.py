"""What a long history costs: indexes that fit the queries, and marks in place of searches through all that ever was."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHERE = {
    "ix_entries_expires": "withdrawn IS NULL AND expires IS NOT NULL",
    "ix_entries_source_held": "held IS NOT NULL",
    "ix_entries_withdrawn": "withdrawn IS NOT NULL",
    "ix_feed_entries_feed_present": "present = 1",
    "ix_feed_entries_feed_unarchived": "unarchived = 1",
    "ix_archives_feed_retracted": "retracted = 1",
}


def upgrade() -> None:
    for name in ("source_published", "source_updated", "expires", "story"):
        op.drop_index(op.f(f"ix_entries_{name}"), "entries")
    _index("entries", "source", "published", "withdrawn", "held")
    _index("entries", "source", "updated", "withdrawn", "held")
    _index("entries", "expires")
    _index("entries", "withdrawn")
    _index("entries", "source", "held")
    _index("entries", "story", "source")
    _index("entries", "id", "source")
    op.drop_index(op.f("ix_archive_entries_feed_source_entry"), "archive_entries")
    _index("archive_entries", "source", "entry", "feed")
    op.add_column("feed_entries", sa.Column("unarchived", sa.Boolean(), server_default="1", nullable=False))
    op.execute(
        "UPDATE feed_entries SET unarchived = 0 WHERE EXISTS (SELECT 1 FROM archive_entries a JOIN entries e "
        "ON e.source = a.source AND e.id = a.entry AND e.revision = a.revision "
        "WHERE a.feed = feed_entries.feed AND a.source = feed_entries.source AND a.entry = feed_entries.entry)"
    )
    _index("feed_entries", "source", "entry")
    _index("feed_entries", "feed", "present")
    _index("feed_entries", "feed", "unarchived")
    op.add_column("archives", sa.Column("retracted", sa.Boolean(), server_default="0", nullable=False))
    op.execute(
        "UPDATE archives SET retracted = 1 WHERE EXISTS (SELECT 1 FROM archive_entries a JOIN entries e "
        "ON e.source = a.source AND e.id = a.entry AND (e.withdrawn IS NOT NULL OR e.held IS NOT NULL) "
        "WHERE a.feed = archives.feed AND a.number = archives.number)"
    )
    _index("archives", "feed", "retracted")
    op.add_column("feeds", sa.Column("archive_mark", sa.String(), nullable=True))
    op.add_column("feeds", sa.Column("made_from", sa.String(), nullable=True))
    op.add_column("feeds", sa.Column("made_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("feeds", sa.Column("made_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("site_files", sa.Column("made_from", sa.String(), nullable=True))
    op.add_column("sources", sa.Column("generation", sa.Integer(), server_default="0", nullable=False))


def _index(table: str, *columns: str) -> None:
    name = f"ix_{table}_{'_'.join(columns)}"
    where = sa.text(_WHERE[name]) if name in _WHERE else None
    op.create_index(op.f(name), table, list(columns), sqlite_where=where)


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
