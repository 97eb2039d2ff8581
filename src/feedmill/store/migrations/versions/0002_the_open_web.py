"""What the open web asks for: hints, rhythms, addresses that moved, hosts, subscriptions, full texts, held entries."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fulltexts",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("teaser", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("source", "url", name=op.f("pk_fulltexts")),
    )
    op.create_index(op.f("ix_fulltexts_source_due"), "fulltexts", ["source", "due"])
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("wait_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("categories", sa.String(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.name"], name=op.f("fk_subscriptions_sources")),
        sa.PrimaryKeyConstraint("source", "name", name=op.f("pk_subscriptions")),
    )
    op.add_column("entries", sa.Column("held", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sources", sa.Column("asked_url", sa.String(), nullable=True))
    op.add_column("sources", sa.Column("address", sa.String(), nullable=True))
    op.add_column("sources", sa.Column("moved_looks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("sources", sa.Column("hints", sa.String(), server_default="", nullable=False))
    op.add_column("sources", sa.Column("rhythm", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("looks", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
