"""A number that names the archive: its capture files carry it, and no other archive in the same folder touches them."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    counters = sa.table("counters", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "archive", "value": secrets.randbits(32)}])
