"""Private feeds: a token for each reader."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tokens")),
    )
    op.create_index(op.f("ix_tokens_feed_reader"), "tokens", ["feed", "reader"])


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
