"""Backfills, with cursors of their own; doubts for the review queue."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("since", sa.String(10), nullable=False),
        sa.Column("until", sa.String(10), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("visited_at", MOMENT),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("stopped", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_backfills"),
    )
    op.create_table(
        "backfill_lists",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("cursor", sa.Text),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("undated", sa.Integer, nullable=False),
        sa.Column("reached", sa.String(10)),
        sa.Column("ended", sa.String(16)),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_backfill_lists"),
    )
    op.create_index("ix_backfill_lists_source", "backfill_lists", ["source"])
    op.create_table(
        "backfill_pages",
        sa.Column("page", sa.String(16), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("page", name="pk_backfill_pages"),
    )
    op.create_index("ix_backfill_pages_source", "backfill_pages", ["source"])
    op.create_table(
        "doubts",
        sa.Column("article", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("mark", sa.String(24), nullable=False),
        sa.Column("differs", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("article", "kind", name="pk_doubts"),
    )
    op.create_index("ix_doubts_source", "doubts", ["source"])
