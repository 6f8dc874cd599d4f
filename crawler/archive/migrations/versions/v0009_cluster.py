"""What several machines on one archive know of each other: workers, current visits, and what is done of a run."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "cluster_workers",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("process", sa.Integer, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("extracts", sa.Integer, nullable=False),
        sa.Column("indexes", sa.Boolean, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_cluster_workers"),
    )
    op.create_table(
        "visit_tokens",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_visit_tokens"),
    )
    op.create_table(
        "run_parts",
        sa.Column("run", SERIAL, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
        sa.Column("report", sa.Text),
        sa.PrimaryKeyConstraint("run", "kind", "name", name="pk_run_parts"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_parts_run"),
    )
