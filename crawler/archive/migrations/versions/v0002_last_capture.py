"""Revisions remember the last capture that showed their text."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revisions", sa.Column("last", sa.BigInteger()))
    revisions = sa.table("revisions", sa.column("position"), sa.column("last"))
    op.execute(revisions.update().values(last=revisions.c.position))
    op.create_index("ix_revisions_last", "revisions", ["last"])
