"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("page", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("revision", SERIAL),
        sa.Column("revision_hash", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.Float()),
        sa.Column("cluster", sa.Text()),
        sa.Column("read_by", sa.Text()),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_changed", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    op.create_index(op.f("ix_articles_change"), "articles", ["change"], unique=True)
    op.create_index(op.f("ix_articles_cluster"), "articles", ["cluster"], unique=False)
    op.create_index(op.f("ix_articles_page"), "articles", ["page"], unique=False)
    op.create_index(op.f("ix_articles_read_by_id"), "articles", ["read_by", "id"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_corrections")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "dossiers",
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_dossiers")),
    )
    op.create_table(
        "lists",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("newest", sa.Text()),
        sa.Column("newest_at", MOMENT),
        sa.Column("cursor", sa.Text()),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("visited_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lists")),
    )
    op.create_index(op.f("ix_lists_source"), "lists", ["source"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("report", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("status_answer", sa.Text()),
        sa.Column("status_at", MOMENT),
        sa.Column("last_visit", MOMENT),
        sa.Column("due_at", MOMENT),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sources")),
    )
    op.create_table(
        "captures",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("run", SERIAL, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("page", sa.String(length=16), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text()),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("record_length", sa.BigInteger(), nullable=False),
        sa.Column("refers_to", SERIAL),
        sa.Column("blocked", sa.Text()),
        sa.Column("outcome", sa.String(length=16)),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["refers_to"], ["captures.id"], name=op.f("fk_captures_refers_to")),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_captures_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_captures")),
    )
    op.create_index(op.f("ix_captures_file"), "captures", ["file"], unique=False)
    op.create_index(
        "ix_captures_original",
        "captures",
        ["digest"],
        unique=False,
        sqlite_where=sa.text("refers_to IS NULL"),
        postgresql_where=sa.text("refers_to IS NULL"),
    )
    op.create_index(op.f("ix_captures_page"), "captures", ["page"], unique=False)
    op.create_index(
        "ix_captures_waiting",
        "captures",
        ["id"],
        unique=False,
        sqlite_where=sa.text("role = 'article' AND outcome IS NULL AND blocked IS NULL"),
        postgresql_where=sa.text("role = 'article' AND outcome IS NULL AND blocked IS NULL"),
    )
    op.create_table(
        "dossier_items",
        sa.Column("dossier", sa.String(length=32), nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier"], ["dossiers.token"], name=op.f("fk_dossier_items_dossier"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dossier", "article", name=op.f("pk_dossier_items")),
    )
    op.create_table(
        "readings",
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("revision_hash", sa.String(length=16), nullable=False),
        sa.Column("insight_version", sa.Text(), nullable=False),
        sa.Column("reading", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_readings_article")),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_readings")),
    )
    op.create_table(
        "source_runs",
        sa.Column("run", SERIAL, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name=op.f("fk_source_runs_run")),
        sa.PrimaryKeyConstraint("run", "source", name=op.f("pk_source_runs")),
    )
    op.create_index(op.f("ix_source_runs_source_run"), "source_runs", ["source", "run"], unique=False)
    op.create_table(
        "pages",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("date", MOMENT),
        sa.Column("referrer", sa.Text()),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("first_fetched", MOMENT),
        sa.Column("fetched_at", MOMENT),
        sa.Column("next_visit", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("capture", SERIAL),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_pages_capture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
    )
    op.create_index(op.f("ix_pages_source_state_next_visit"), "pages", ["source", "state", "next_visit"], unique=False)
    op.create_table(
        "rejected",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("capture", SERIAL),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rejected_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_rejected_capture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected")),
    )
    op.create_index(op.f("ix_rejected_source"), "rejected", ["source"], unique=False)
    op.create_table(
        "revisions",
        sa.Column("id", SERIAL, autoincrement=True, nullable=False),
        sa.Column("article", sa.String(length=16), nullable=False),
        sa.Column("revision_hash", sa.String(length=16), nullable=False),
        sa.Column("capture", SERIAL),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_revisions_article"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["capture"], ["captures.id"], name=op.f("fk_revisions_capture")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    op.create_index(op.f("ix_revisions_article_position"), "revisions", ["article", "position"], unique=False)
    op.create_index(op.f("ix_revisions_capture"), "revisions", ["capture"], unique=False)

    counters = sa.table("counters", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "change", "value": 0}])
