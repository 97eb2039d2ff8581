"""What was done, in numbers: looks by source and day, their totals, the last runs."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COUNTS = {
    "looks": sa.Integer,
    "not_modified": sa.Integer,
    "failed": sa.Integer,
    "received": sa.BigInteger,
    "new": sa.Integer,
}


def upgrade() -> None:
    op.create_table(
        "look_days",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        *(sa.Column(name, kind(), nullable=False) for name, kind in _COUNTS.items()),
        sa.PrimaryKeyConstraint("day", "source", name=op.f("pk_look_days")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "look_totals",
        sa.Column("source", sa.String(), nullable=False),
        *(sa.Column(name, kind(), nullable=False) for name, kind in _COUNTS.items()),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_look_totals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_runs")),
    )


def downgrade() -> None:
    raise NotImplementedError("Feedmill's state only moves forward; restore a copy to go back")
