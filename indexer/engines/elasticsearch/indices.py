"""The versions of an index in Elasticsearch: their mapping, how they are made, which of them is searched, and how one takes another's place."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from indexer.analysis import ANALYSIS_VERSION
from indexer.analysis.fields import COUNTED, KEYWORDS, MANY, NUMBERS, POSITIONED
from indexer.analysis.lexicon import lexicon
from indexer.engines.base import EngineUnavailable, IndexOutdated
from indexer.engines.elasticsearch.faults import REBUILD

WINDOW = 200_000  # how deep pages of hits may go; an export has no such bound
SERVER_WAITS = "20s"  # for a new index's shards, less than the client waits for an answer
LONGEST_KEYWORD = (
    8_000  # characters: Lucene takes 32,766 bytes, and refuses the whole document for one value that is longer
)


@cache
def properties() -> dict[str, Any]:
    """The fields. What engines count and match lies in streams and keywords; `card` is shown and never searched."""
    text = {"type": "text", "analyzer": "whitespace"}
    fields: dict[str, Any] = {name: {**text, "index_options": "positions"} for name in POSITIONED}
    fields |= {name: {**text, "index_options": "freqs"} for name in COUNTED}
    fields |= {name: {"type": "keyword", "ignore_above": LONGEST_KEYWORD} for name in KEYWORDS}
    fields |= {name: {"type": "long"} for name in (*NUMBERS, *MANY)}
    fields["card"] = {"type": "object", "enabled": False}
    return fields


@cache
def shape() -> str:
    """A short name for the fields, by which an index of an older mapping is known."""
    return hashlib.sha256(json.dumps(properties(), sort_keys=True).encode()).hexdigest()[:12]


def mapping() -> dict[str, Any]:
    """The strict mapping. Streams are searched and never shown, so `_source` leaves them out."""
    return {
        "dynamic": "strict",
        "_source": {"excludes": [*POSITIONED, *COUNTED, *KEYWORDS, *NUMBERS, *MANY]},
        "_meta": {
            "analysis": ANALYSIS_VERSION,
            "lexicon": lexicon().version,
            "frequent": sorted(lexicon().frequent),
            "shape": shape(),
        },
        "properties": properties(),
    }


def behind(client: Elasticsearch, alias: str) -> tuple[str, dict[str, Any]] | None:
    """The index that the alias names, and what its `_meta` says; None where there is none. Raises IndexOutdated where it is not one of ours as they are now."""
    try:
        found = client.indices.get_mapping(index=alias).body
    except NotFoundError:
        return None
    if len(found) != 1:
        raise IndexOutdated(
            f"别名 {alias} 指向 {len(found)} 个索引（{'、'.join(sorted(found))}），应当只有一个。{REBUILD}"
        )
    ((name, body),) = found.items()
    meta = body["mappings"].get("_meta", {})
    if "analysis" not in meta:
        raise IndexOutdated(f"索引 {name} 不是本程序建立的：请给 ZHAOSHANG_ENGINE_INDEX 换一个名字。")
    if meta["analysis"] != ANALYSIS_VERSION:
        raise IndexOutdated(f"索引由另一版本的分析建立（{meta['analysis']}，现为 {ANALYSIS_VERSION}）。{REBUILD}")
    if meta.get("shape") != shape():
        raise IndexOutdated(f"索引 {name} 的映射是旧版本的。{REBUILD}")
    return str(name), meta


def named(client: Elasticsearch, alias: str) -> list[str]:
    """All indices that the alias names, also those that are not ours."""
    try:
        return sorted(client.indices.get_alias(name=alias).body)
    except NotFoundError:
        return []


def is_version(name: str, alias: str) -> bool:
    return re.fullmatch(re.escape(alias) + r"-\d{6}", name) is not None


def versions(client: Elasticsearch, alias: str) -> list[str]:
    """The versions that are there, searched or not, oldest first."""
    found = client.indices.get(index=f"{alias}-*", filter_path="*.aliases", allow_no_indices=True).body
    return sorted(name for name in found if is_version(name, alias))


def filling(name: str) -> str:
    """The alias under which a version is filled. A bulk that asks for an alias never makes an index by itself where this one was taken away."""
    return f"{name}-filling"


def create(client: Elasticsearch, alias: str, *, fill: bool) -> str:
    """A new version: searched at once, or to be filled first.

    Shards and replicas are the server's defaults, so that an index template of the operator's decides; where there is none, a copy is kept as soon as
    there is a second node.
    """
    name = f"{alias}-{max((int(v.rsplit('-', 1)[1]) for v in versions(client, alias)), default=0) + 1:06d}"
    settings: dict[str, Any] = {"max_result_window": WINDOW, "gc_deletes": "1h"}
    if fill:
        settings["refresh_interval"] = "-1"
    if client.indices.exists(index=alias) and not client.indices.exists_alias(name=alias):
        raise EngineUnavailable(f"已有一个名为 {alias} 的索引，不能再作别名：请给 ZHAOSHANG_ENGINE_INDEX 换一个名字。")
    try:
        made = client.indices.create(
            index=name,
            mappings=mapping(),
            settings=settings,
            aliases={filling(name) if fill else alias: {}},
            timeout=SERVER_WAITS,
        )
    except ApiError as error:
        if fill or "resource_already_exists_exception" not in str(error):
            raise
        return name  # another writer was faster
    if not made["shards_acknowledged"]:
        client.indices.delete(index=name, ignore_unavailable=True)
        raise EngineUnavailable(
            f"Elasticsearch 没有地方放新索引 {name} 的分片，多半是磁盘超过水位：腾出空间，再运行一次。"
        )
    ((_, told),) = client.indices.get_settings(index=name, flat_settings=True).items()
    kept = told["settings"]
    if kept.get("index.number_of_replicas") == "1" and kept.get("index.auto_expand_replicas", "false") == "false":
        client.indices.put_settings(index=name, settings={"index": {"auto_expand_replicas": "0-1"}})
    return name


def put_in_place(client: Elasticsearch, alias: str, name: str, old: list[str]) -> None:
    """From now on `name` is searched, in one step."""
    actions: list[dict[str, Any]] = [{"add": {"index": name, "alias": alias}}]
    actions += [{"remove": {"index": other, "alias": alias}} for other in old]
    actions.append({"remove": {"index": name, "alias": filling(name)}})
    client.indices.update_aliases(actions=actions)
