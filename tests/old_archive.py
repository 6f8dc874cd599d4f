"""A filled archive as the first version of this program wrote it: its tables (migration 0001), its JSON, its capture files.

Nothing here is written by today's classes: what they write today is not what stands in the folders of those who have used the program for long.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from alembic.command import upgrade
from alembic.config import Config
from sqlalchemy import Connection, MetaData, insert, update
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive.database import connect
from crawler.archive.migrations.migrate import FOLDER
from crawler.configuration import Settings

SITE = "http://swj.linhu.example"
ENCLAVE, PARK, WAITING, GONE, OFF_TOPIC, WALL, QUEUED, LIST = (
    f"{SITE}/zs/{name}" for name in ("1.html", "2.html", "3.html", "4.html", "5.html", "6.html", "7.html", "index.html")
)
DOSSIER = "bG9uZy1hZ28tdG9rZW4tMQ"
CORRECTED = "李某"
NIGHT = datetime(2023, 5, 6, 18, 0, tzinfo=UTC)
"""The first of the two nights that the archive has seen."""

FIRST_TEXT = "临湖市与云山市合办的飞地园区5月6日揭牌，首批十二个项目签约，总投资46亿元。\n两市商定，飞地招商所得的税收前五年按四六分成。"
LATER_TEXT = FIRST_TEXT.replace("十二个", "十三个")
PARK_TEXT = "长沙市开展以商招商，成立产业链招商专班，赴深圳拜访企业。\n全年招商引资签约项目210个，总投资1200亿元。"


def key_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def page_of(title: str, text: str) -> bytes:
    paragraphs = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body><h1>{title}</h1>'
        f"<div>2023-05-06 16:24 来源：临湖日报 作者：张三</div><div>{paragraphs}</div></body></html>"
    ).encode()


def build(settings: Settings) -> None:
    """The archive of `settings`, filled, at the oldest schema; and its source's file."""
    own = settings.data / "sources"
    own.mkdir(parents=True)
    facts = f'name = "linhu"\ntitle = "临湖市商务局"\nkind = "government"\nregion = "430100"\nstart_urls = ["{LIST}"]\n'
    (own / "linhu.toml").write_text(facts + 'seen_in = "composed"\n', encoding="utf-8")
    correction = f'[{key_of(PARK)}]\nauthor = "{CORRECTED}"\n'
    (settings.data / "corrections.toml").write_text(correction, encoding="utf-8")
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    engine = connect(settings)
    with engine.execution_options(writing=True).connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            upgrade(config, "0001")
            _Filler(connection, settings.data / "captures").fill()
    engine.dispose()


class _Filler:
    def __init__(self, connection: Connection, captures: Path) -> None:
        self._connection = connection
        self._metadata = MetaData()
        self._metadata.reflect(connection)
        self._captures = captures
        self._change = 0

    def fill(self) -> None:
        runs = [self._night(NIGHT + timedelta(days=days)) for days in (0, 1)]
        source = {"enabled": True, "status": "verified", "status_answer": "列出 6 条", "last_visit": NIGHT}
        self._add("sources", name="linhu", **source, status_at=NIGHT, due_at=NIGHT + timedelta(days=2))
        unfinished = {"method": "GET", "url": f"{SITE}/zs/index_2.html", "body": "", "headers": {}}
        cursor = json.dumps([{**unfinished, "gap": False, "idle": 0, "shift": 1, "failures": 0}])
        newest = {"newest": PARK, "newest_at": NIGHT, "cursor": cursor, "done": False, "visited_at": NIGHT}
        self._add("lists", id=key_of(f"linhu {LIST}"), source="linhu", url=LIST, etag='"1"', **newest)

        first = self._capture(runs[0], ENCLAVE, page_of("飞地园区揭牌", FIRST_TEXT), outcome="article")
        later = self._capture(runs[1], ENCLAVE, page_of("飞地园区揭牌", LATER_TEXT), outcome="article")
        park = self._capture(runs[0], PARK, page_of("以商招商成效明显", PARK_TEXT), outcome="article")
        again = self._capture(runs[1], PARK, page_of("以商招商成效明显", PARK_TEXT), outcome="article", refers_to=park)
        waiting = self._capture(runs[1], WAITING, page_of("招商引资推进会召开", PARK_TEXT.replace("长沙", "株洲")))
        gone = self._capture(runs[1], GONE, b"<title>404</title>", outcome="not_article", reason="错误页面")
        off = self._capture(runs[0], OFF_TOPIC, page_of("足球联赛开幕", "昨晚比赛结束。"), outcome="rejected")
        wall = self._capture(runs[1], WALL, b"<script>x()</script>", status=412, blocked="HTTP 412")
        self._capture(runs[1], LIST, b"<ul></ul>", role="list")

        self._article(ENCLAVE, [(first, "飞地园区揭牌", FIRST_TEXT), (later, "飞地园区揭牌", LATER_TEXT)])
        self._article(PARK, [(park, "以商招商成效明显", PARK_TEXT)], cluster=key_of(PARK), last=again)
        self._article(GONE, [(None, "后来撤下的文章", PARK_TEXT)], deleted=True)
        self._add("corrections", article=key_of(PARK), correction=json.dumps({"author": CORRECTED}, ensure_ascii=False))
        reason = {"title": "足球联赛开幕", "score": 0.02, "reason": "与招商引资无关", "rejected_at": NIGHT}
        self._add("rejected", **self._named(OFF_TOPIC), source="linhu", capture=off, **reason)
        for url, capture in ((ENCLAVE, later), (PARK, again), (WAITING, waiting), (OFF_TOPIC, off)):
            self._page(url, "fetched", capture, status=200)
        self._page(GONE, "gone", gone, status=404)
        self._page(WALL, "blocked", wall, status=412, reason="HTTP 412")
        self._page(QUEUED, "queued", None)
        self._add("dossiers", token=DOSSIER, title="飞地", note="课题一", created_at=NIGHT, changed_at=NIGHT)
        for position, url in enumerate((PARK, ENCLAVE), 1):
            item = {"article": key_of(url), "position": position, "note": f"第{position}篇", "added_at": NIGHT}
            self._add("dossier_items", dossier=DOSSIER, **item)
        counters = self._metadata.tables["counters"]
        self._connection.execute(update(counters).values(value=self._change))

    def _add(self, table: str, **values: Any) -> Any:
        key = self._connection.execute(insert(self._metadata.tables[table]).values(**values)).inserted_primary_key
        return key[0] if key else None

    @staticmethod
    def _named(url: str) -> dict[str, str]:
        return {"id": key_of(url), "canonical_url": url, "url": url}

    def _night(self, at: datetime) -> int:
        report = json.dumps({"started": at.isoformat(), "seconds": 60.0, "rows": [], "articles": 2})
        run: int = self._add(
            "runs", verb="nightly", started_at=at, finished_at=at + timedelta(minutes=1), report=report
        )
        counts = {"requests": 9, "new": 3, "changed": 0, "unchanged": 0, "rejected": 1, "blocked": 1, "failed": 0}
        self._add("source_runs", run=run, source="linhu", **counts, outcome="ok", note="")
        return run

    def _capture(self, run: int, url: str, body: bytes, *, refers_to: int | None = None, **values: Any) -> int:
        """A capture with its record, in one file a run, named as the first version named them."""
        file = f"zhaoshang-20230506180000-{run:06d}-0a1b2c3d.warc.gz"
        digest = "sha1:" + b32encode(hashlib.sha1(body).digest()).decode()
        status = values.pop("status", 200)
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="1.1")
        lines = StatusAndHeaders(f"{status} X", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        at = {"WARC-Date": NIGHT.strftime("%Y-%m-%dT%H:%M:%SZ")}
        if refers_to is None:
            record = writer.create_warc_record(
                url, "response", payload=BytesIO(body), http_headers=lines, warc_headers_dict=at
            )
        else:
            record = writer.create_revisit_record(
                url, digest, url, at["WARC-Date"], http_headers=lines, warc_headers_dict=at
            )
        writer.write_record(record)
        with (self._captures / file).open("ab") as written:
            offset = written.tell()
            written.write(buffer.getvalue())
        place = {"file": file, "offset": offset, "record_length": len(buffer.getvalue()), "refers_to": refers_to}
        kept = {"role": "article", "digest": digest, "length": len(body), "content_type": "text/html; charset=utf-8"}
        where = {"url": url, "canonical_url": url, "page": key_of(url), "source": "linhu"}
        when = {"run": run, "status": status, "fetched_at": NIGHT}
        capture: int = self._add("captures", **(kept | where | when | place | values))
        return capture

    def _article(
        self, url: str, revisions: list[tuple[int | None, str, str]], *, deleted: bool = False, **values: Any
    ) -> None:
        """An article with its revisions, oldest first, and the reading of the newest by the first insight. `last`: the capture that showed it last."""
        self._change += 1
        last = values.pop("last", None)
        made = {"page": key_of(url), "source": "linhu", "revision_hash": "", "topic": 0.97, "read_by": "1"}
        times = {"first_seen": NIGHT, "last_changed": NIGHT}
        self._add("articles", id=key_of(url), **made, change=self._change, deleted=deleted, **times, **values)
        articles = self._metadata.tables["articles"]
        for position, (capture, title, text) in enumerate(revisions):
            hash = hashlib.sha256("\x1f".join([title, text, "2023-05-06T16:24+08:00", "临湖日报", "张三"]).encode())
            revision = self._add(
                "revisions",
                article=key_of(url),
                revision_hash=hash.hexdigest()[:16],
                capture=capture,
                position=last or capture or position,
                content=json.dumps(_content(url, title, text), ensure_ascii=False),
                saved_at=NIGHT,
            )
            current = {"revision": None if deleted else revision, "revision_hash": hash.hexdigest()[:16]}
            self._connection.execute(update(articles).where(articles.c.id == key_of(url)).values(current))
        reading = {"topic": True, "topic_value": 0.97, "practices": [{"id": "enclave", "start": 0, "end": 20}]}
        reading["practices"][0]["confidence"] = 0.9  # type: ignore[index]
        reading |= {"regions": ["430100"], "mentioned": [], "figures": [], "version": "1"}
        of = {"article": key_of(url), "revision_hash": hash.hexdigest()[:16], "insight_version": "1"}
        self._add("readings", **of, reading=json.dumps(reading), signature=b"\0" * 508)

    def _page(self, url: str, state: str, capture: int | None, **values: Any) -> None:
        known = {"source": "linhu", "state": state, "title": "题", "date": NIGHT, "referrer": LIST, "history": False}
        self._add("pages", **self._named(url), **known, added_at=NIGHT, attempts=0, capture=capture, **values)


def _content(url: str, title: str, text: str) -> dict[str, Any]:
    blocks = [{"kind": "paragraph", "text": line} for line in text.split("\n")]
    return {
        "id": key_of(url),
        "url": url,
        "canonical_url": url,
        "title": title,
        "text": text,
        "blocks": blocks,
        "source": "linhu",
        "kind": "government",
        "region": "430100",
        "published_at": "2023-05-06T16:24+08:00",
        "published_precision": "minute",
        "origin": "临湖日报",
        "author": "张三",
        "script": "hans",
        "topic_score": 0.97,
        "confidence": 0.9,
        "captured_at": NIGHT.isoformat(),
        "provenance": {"title": {"rule": "heuristic", "read_from": title}},
    }
