"""Saved searches and their digests; the change with which an article first came into the archive."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Those that are there already came before the first saved search: 0, which is before every mark.
    op.add_column("articles", sa.Column("first_change", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("ix_articles_first_change", "articles", ["first_change"])
    op.create_table(
        "watches",
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("weekday", sa.Integer),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("secret", sa.String(32), nullable=False),
        sa.Column("asked_at", MOMENT),
        sa.Column("confirmed_at", MOMENT),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("pending", sa.Text, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("failing_since", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_watches"),
    )
    op.create_index("ix_watches_owner", "watches", ["owner"])
    op.create_index("ix_watches_secret", "watches", ["secret"], unique=True)
    op.create_index("ix_watches_recipient", "watches", ["recipient"])
    op.create_table(
        "digests",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("watch", sa.String(32), nullable=False),
        sa.Column("articles", sa.Text, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("again", sa.Integer, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try", MOMENT),
        sa.Column("sent_at", MOMENT),
        sa.Column("fault", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digests"),
        sa.ForeignKeyConstraint(["watch"], ["watches.token"], name="fk_digests_watch", ondelete="CASCADE"),
    )
    op.create_index("ix_digests_watch_made_at", "digests", ["watch", "made_at"])
    op.create_index("ix_digests_next_try", "digests", ["next_try"])
