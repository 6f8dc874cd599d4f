"""Captures know the revision they show, every one of them, in place of the last of a revision."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("captures", sa.Column("revision", SERIAL))
    op.create_index("ix_captures_revision", "captures", ["revision"])
    captures = sa.table("captures", sa.column("id"), sa.column("revision"))
    revisions = sa.table("revisions", sa.column("id"), sa.column("capture"), sa.column("last"))
    shows = sa.or_(revisions.c.capture == captures.c.id, revisions.c.last == captures.c.id)
    found = sa.select(sa.func.max(revisions.c.id)).where(revisions.c.capture.is_not(None), shows)
    op.execute(captures.update().values(revision=found.scalar_subquery()))
    op.drop_index("ix_revisions_last", "revisions")
    op.drop_column("revisions", "last")
