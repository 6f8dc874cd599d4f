"""Which capture files there are, and where they lie."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "capture_files",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("visit", sa.Text),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("size", sa.BigInteger),
        sa.Column("sha256", sa.String(64)),
        sa.Column("place", sa.Text),
        sa.Column("stored_at", MOMENT),
        sa.Column("erased_at", MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_capture_files"),
    )
    op.create_index("ix_capture_files_worker_stored_at", "capture_files", ["worker", "stored_at"])
