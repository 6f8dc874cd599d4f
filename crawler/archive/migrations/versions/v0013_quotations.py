"""Quotations that a researcher chose, and the author that a dossier names."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dossier_quotations",
        sa.Column("id", SERIAL, nullable=False, autoincrement=True),
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.token"], name="fk_dossier_quotations_dossier", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dossier_quotations"),
    )
    op.create_index("ix_dossier_quotations_dossier", "dossier_quotations", ["dossier"])
    op.create_index("ix_dossier_quotations_article", "dossier_quotations", ["article"])
    op.add_column("dossiers", sa.Column("author", sa.Text))
