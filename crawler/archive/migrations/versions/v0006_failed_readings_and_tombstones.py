"""Readings that failed, with the time of the next try; and what was taken down and may not come back."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.String(16)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reading_failures",
        sa.Column("article", KEY, nullable=False),
        sa.Column("revision_hash", KEY, nullable=False),
        sa.Column("insight_version", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failed_at", MOMENT, nullable=False),
        sa.Column("retry_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("article", name="pk_reading_failures"),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name="fk_reading_failures_article"),
    )
    op.create_table(
        "tombstones",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("forgotten_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_tombstones"),
    )
