"""The captures of a source, newest first: what a night brought is compared with what earlier ones did."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ARTICLES = sa.text("role = 'article'")


def upgrade() -> None:
    op.create_index(
        "ix_captures_of_source",
        "captures",
        ["source", "id"],
        sqlite_where=ARTICLES,
        postgresql_where=ARTICLES,
    )
