"""The first state."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_change", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_feeds")),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("settings", sa.String(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("moved_to", sa.String(), nullable=True),
        sa.Column("last_look", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_look", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_sources_failures")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
    )
    op.create_table(
        "documents",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("stamp", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_documents_sources")),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_documents")),
    )
    op.create_table(
        "entries",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn", sa.DateTime(timezone=True), nullable=True),
        sa.Column("story", sa.String(), nullable=True),
        sa.Column("revision", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id <> ''", name=op.f("ck_entries_id")),
        sa.CheckConstraint("updated >= published", name=op.f("ck_entries_dates")),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_entries_sources")),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_entries")),
    )
    with op.batch_alter_table("entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_entries_published"), ["published"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_source_published"), ["source", "published"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_source_updated"), ["source", "updated"], unique=False)
        batch_op.create_index(batch_op.f("ix_entries_story"), ["story"], unique=False)

    op.create_table(
        "files",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.name"], name=op.f("fk_files_feeds")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_files")),
    )
    op.create_table(
        "aliases",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["source", "entry"], ["entries.source", "entries.id"], name=op.f("fk_aliases_entries")),
        sa.PrimaryKeyConstraint("source", "kind", "value", name=op.f("pk_aliases")),
    )
    with op.batch_alter_table("aliases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_aliases_source_entry"), ["source", "entry"], unique=False)

    op.create_table(
        "feed_entries",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("first_published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.name"], name=op.f("fk_feed_entries_feeds")),
        sa.ForeignKeyConstraint(
            ["source", "entry"], ["entries.source", "entries.id"], name=op.f("fk_feed_entries_entries")
        ),
        sa.PrimaryKeyConstraint("feed", "source", "entry", name=op.f("pk_feed_entries")),
    )


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
