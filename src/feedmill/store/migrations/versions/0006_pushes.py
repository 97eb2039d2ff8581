"""WebSub as a subscriber: subscriptions at upstream hubs, and what they push."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_subscriptions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("hub", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("callback", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("intent", sa.String(), nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_subscriptions")),
    )
    op.create_table(
        "pushes",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("unreadable", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_pushes")),
    )
    op.create_index(op.f("ix_pushes_source_digest"), "pushes", ["source", "digest"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
