"""What subscribers can use: archives, versions, split feeds, files of the site, pings; feeds that are held, expiry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "archives",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.name"], name=op.f("fk_archives_feeds")),
        sa.PrimaryKeyConstraint("feed", "number", name=op.f("pk_archives")),
    )
    op.create_table(
        "archive_entries",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entry", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed", "number"], ["archives.feed", "archives.number"], name=op.f("fk_archive_entries_archives")
        ),
        sa.ForeignKeyConstraint(
            ["source", "entry"], ["entries.source", "entries.id"], name=op.f("fk_archive_entries_entries")
        ),
        sa.PrimaryKeyConstraint("feed", "number", "source", "entry", name=op.f("pk_archive_entries")),
    )
    op.create_index(op.f("ix_archive_entries_feed_source_entry"), "archive_entries", ["feed", "source", "entry"])
    op.create_table(
        "versions",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.name"], name=op.f("fk_versions_feeds")),
        sa.PrimaryKeyConstraint("feed", "number", name=op.f("pk_versions")),
    )
    op.create_table(
        "version_documents",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed", "number"], ["versions.feed", "versions.number"], name=op.f("fk_version_documents_versions")
        ),
        sa.PrimaryKeyConstraint("feed", "number", "path", name=op.f("pk_version_documents")),
    )
    op.create_table(
        "splits",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "slug", name=op.f("pk_splits")),
    )
    op.create_index(op.f("ix_splits_feed_by_value"), "splits", ["feed", "by", "value"], unique=True)
    op.create_table(
        "site_files",
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_site_files")),
    )
    op.create_table(
        "pings",
        sa.Column("hub", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("hub", "topic", name=op.f("pk_pings")),
    )
    op.add_column("entries", sa.Column("expires", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_entries_expires"), "entries", ["expires"])
    op.add_column("feeds", sa.Column("held", sa.String(), nullable=True))
    op.add_column("feeds", sa.Column("pinned", sa.Integer(), nullable=True))
    op.add_column("feeds", sa.Column("rules", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
