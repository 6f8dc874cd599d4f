"""The tables. Pages, articles and rejected pages are keyed by the first 16 hex digits of their URL's digest (`article_id`): PostgreSQL cannot
index text of any length. The migrations make these tables; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware time; kept in UTC, on SQLite as text without a zone (which sorts as time does)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be kept: {value}")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

KEY = String(16)
# SQLite numbers rows by itself only where the type is exactly INTEGER.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")


def _serial() -> Column[Any]:
    return Column("id", SERIAL, primary_key=True, autoincrement=True)


# Three rows: `change`, whose lock orders writers (see database.py); `archive`, a random number that names this archive; `topic`, the digest of the
# gate's version that judged what is rejected (see rejections.py), from the first extraction on.
counters = Table(
    "counters", metadata, Column("name", String(16), primary_key=True), Column("value", BigInteger, nullable=False)
)

runs = Table(
    "runs",
    metadata,
    _serial(),
    Column("verb", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("report", Text),
)

source_runs = Table(
    "source_runs",
    metadata,
    Column("run", SERIAL, ForeignKey("runs.id"), primary_key=True),
    Column("source", Text, primary_key=True),
    *(
        Column(name, Integer, nullable=False)
        for name in ("requests", "new", "changed", "unchanged", "rejected", "blocked", "failed")
    ),
    Column("outcome", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("entries", Integer),  # what its lists showed; NULL where they had not changed, or were not counted yet
    Column("expected", Integer),
    Index(None, "source", "run"),
)

sources = Table(
    "sources",
    metadata,
    Column("name", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("status", Text),
    Column("status_answer", Text),
    Column("status_at", Moment),
    Column("last_visit", Moment),
    Column("due_at", Moment),
)

lists = Table(
    "lists",
    metadata,
    Column("id", KEY, primary_key=True),  # of source and URL
    Column("source", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("digest", Text),
    Column("newest", Text),
    Column("newest_at", Moment),
    Column("cursor", Text),
    Column("done", Boolean, nullable=False),
    Column("visited_at", Moment),
    Index(None, "source"),
)

captures = Table(
    "captures",
    metadata,
    _serial(),
    Column("run", SERIAL, ForeignKey("runs.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("page", KEY, nullable=False),  # key of the canonical URL
    Column("source", Text),
    Column("role", String(16), nullable=False),
    Column("status", Integer, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("digest", String(40), nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("content_type", Text),
    Column("file", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("record_length", BigInteger, nullable=False),
    Column("refers_to", SERIAL, ForeignKey("captures.id")),
    Column("blocked", Text),
    Column("outcome", String(16)),
    Column("reason", Text),
    Column("revision", SERIAL),  # that shows its text; no foreign key: revisions name their first capture already
    Index(None, "page"),
    Index(None, "file"),
    Index(None, "revision"),
    Index(
        "ix_captures_original",
        "digest",
        sqlite_where=text("refers_to IS NULL"),
        postgresql_where=text("refers_to IS NULL"),
    ),
    Index(
        "ix_captures_of_source",
        "source",
        "id",
        sqlite_where=text("role = 'article'"),
        postgresql_where=text("role = 'article'"),
    ),
    Index(
        "ix_captures_waiting",
        "id",
        sqlite_where=text("role = 'article' AND outcome IS NULL AND blocked IS NULL"),
        postgresql_where=text("role = 'article' AND outcome IS NULL AND blocked IS NULL"),
    ),
)

pages = Table(
    "pages",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("canonical_url", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("date", Moment),
    Column("referrer", Text),
    Column("history", Boolean, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("first_fetched", Moment),
    Column("fetched_at", Moment),
    Column("next_visit", Moment),
    Column("attempts", Integer, nullable=False),
    Column("status", Integer),
    Column("reason", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("capture", SERIAL, ForeignKey("captures.id")),
    Index(None, "source", "state", "next_visit"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("page", KEY, nullable=False),  # key of the canonical URL: the same as `id` but where there is an external id
    Column("source", Text),
    Column("revision", SERIAL),  # the current one; NULL where `deleted`
    Column("revision_hash", KEY, nullable=False),
    Column("topic", Float),
    Column("cluster", Text),
    Column("read_by", Text),  # insight version that read the current revision
    Column("change", BigInteger, nullable=False),
    # the change with which it first came; never raised, whatever is extracted or read again (0: before this was kept)
    Column("first_change", BigInteger, nullable=False, server_default="0"),
    Column("deleted", Boolean, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("last_changed", Moment, nullable=False),
    Index(None, "change", unique=True),
    Index(None, "first_change"),
    Index(None, "page"),
    Index(None, "cluster"),
    Index(None, "read_by", "id"),
)

revisions = Table(
    "revisions",
    metadata,
    _serial(),
    # deferred: a revision is written before the article that names it as its current one
    Column("article", KEY, ForeignKey("articles.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("revision_hash", KEY, nullable=False),
    Column("capture", SERIAL, ForeignKey("captures.id")),
    Column("position", BigInteger, nullable=False),  # captures are placed by their id, imports after what there was
    Column("content", Text, nullable=False),  # Article as JSON
    Column("saved_at", Moment, nullable=False),
    Index(None, "article", "position"),
    Index(None, "capture"),
)

rejected = Table(
    "rejected",
    metadata,
    Column("id", KEY, primary_key=True),
    Column("canonical_url", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("source", Text),
    Column("capture", SERIAL, ForeignKey("captures.id")),
    Column("title", Text, nullable=False),
    Column("score", Float),
    Column("reason", Text, nullable=False),
    Column("rejected_at", Moment, nullable=False),
    Index(None, "source"),
)

readings = Table(
    "readings",
    metadata,
    Column("article", KEY, ForeignKey("articles.id"), primary_key=True),
    Column("revision_hash", KEY, nullable=False),
    Column("insight_version", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# The current text of an article that could not be read; the row goes when it is.
reading_failures = Table(
    "reading_failures",
    metadata,
    Column("article", KEY, ForeignKey("articles.id"), primary_key=True),
    Column("revision_hash", KEY, nullable=False),
    Column("insight_version", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failed_at", Moment, nullable=False),
    Column("retry_at", Moment, nullable=False),
)

# What was taken down and may not come back (see forgetting/tombstones.py).
tombstones = Table(
    "tombstones",
    metadata,
    Column("id", KEY, primary_key=True),  # key of a page or an article; of a source: that of SOURCE_KEY and its name
    Column("kind", String(16), nullable=False),  # page, article (known by an external id), source
    Column("name", Text, nullable=False),  # the canonical URL, the external id, the source's name
    Column("why", Text, nullable=False),
    Column("forgotten_at", Moment, nullable=False),
    Column("erased_at", Moment),  # when the records were taken out of the WARC files too
)

corrections = Table(
    "corrections",
    metadata,
    Column("article", KEY, primary_key=True),  # no foreign key: a correction may wait for its article
    Column("correction", Text, nullable=False),
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("title", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column(
        "owner", String(64)
    ),  # who made it: a session's digest, a key or a user; NULL in those older than this column
    Index(None, "owner"),
)

dossier_items = Table(
    "dossier_items",
    metadata,
    Column("dossier", String(32), ForeignKey("dossiers.token", ondelete="CASCADE"), primary_key=True),
    Column("article", KEY, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("added_at", Moment, nullable=False),
)

access_keys = Table(
    "access_keys",
    metadata,
    _serial(),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the secret
    Column("scope", String(16), nullable=False),
    Column("limits", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used", Moment),
    Column("revoked_at", Moment),
    Index(None, "digest", unique=True),
)

# A search that somebody saved, with whom to tell what is new in it (see watching/).
watches = Table(
    "watches",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),  # a session's digest, a key, a user, or `cli`
    Column("title", Text, nullable=False),
    Column("query", Text, nullable=False),  # the canonical query string of the search
    Column("channel", String(16), nullable=False),  # mail, webhook, notice (an address of apprise), none
    Column("recipient", Text, nullable=False),
    Column("weekday", Integer),  # 0 is Monday; NULL: every day
    Column("hour", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("state", String(16), nullable=False),  # waiting (to be confirmed), on, paused, off
    Column("why", Text, nullable=False),  # it is off, or its confirmation could not be sent
    Column("secret", String(32), nullable=False),  # of the links to confirm and to stop: known to the recipient alone
    Column("asked_at", Moment),  # when the confirmation was sent
    Column("confirmed_at", Moment),
    Column("mark", BigInteger, nullable=False),  # the change up to which articles were looked at
    Column("pending", Text, nullable=False),  # ids from before the mark that could not be looked at yet, as JSON
    Column("due_at", Moment),
    Column("failing_since", Moment),
    Column("created_at", Moment, nullable=False),
    Index(None, "owner"),
    Index(None, "secret", unique=True),
    Index(None, "recipient"),
)

digests = Table(
    "digests",
    metadata,
    Column("id", String(32), primary_key=True),  # by which a receiver knows one that is sent again
    Column("watch", String(32), ForeignKey("watches.token", ondelete="CASCADE"), nullable=False),
    Column("articles", Text, nullable=False),  # ids of those that are listed, as JSON
    Column("total", Integer, nullable=False),  # of all new articles
    Column("again", Integer, nullable=False),  # of them: republications of what was in the archive before
    Column("since", Moment, nullable=False),  # when the first of them came
    Column("made_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment),  # NULL once it is sent, or given up
    Column("sent_at", Moment),
    Column("fault", Text, nullable=False),
    Index(None, "watch", "made_at"),
    Index(None, "next_try"),
)

# What people are told: kept before it is sent (see notices/outbox.py).
notices = Table(
    "notices",
    metadata,
    _serial(),
    Column("kind", String(16), nullable=False),  # who sends it: night, digest
    Column("key", String(128), nullable=False),  # what it is about; once a kind and address
    Column("address", String(128), nullable=False),  # its name; the address itself, with its secrets, is not kept here
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Moment, nullable=False),
    Column("taken_at", Moment),
    Column("sent_at", Moment),
    Column("reason", Text, nullable=False),
    Index("ix_notices_kind", "kind", "key", "address", unique=True),
    Index("ix_notices_state", "state", "next_try"),
)
