"""Who reads the feeds, day by day; what is wrong with a site, and what of it is still to be told."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    numbers = ("subscribers", "requests", "unconditional", "not_modified", "deltas", "sent", "saved")
    op.create_table(
        "audience",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("reader", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in numbers),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("seen", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("day", "feed", "reader", name=op.f("pk_audience")),
    )
    op.create_index(op.f("ix_audience_day"), "audience", ["day"], sqlite_where=sa.text("seen IS NOT NULL"))
    op.create_table(
        "audience_salts",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audience_salts")),
    )
    op.create_table(
        "incidents",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind", name=op.f("pk_incidents")),
    )
    op.create_table(
        "notices",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_notices")),
    )
    op.create_table(
        "deliveries",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["notices.number"], name=op.f("fk_deliveries_notices")),
        sa.PrimaryKeyConstraint("channel", "number", name=op.f("pk_deliveries")),
    )


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
