"""The servers that the tests share: one node a version, started when first asked for, ended by its own process id when the tests end.

ZHAOSHANG_TEST_ELASTICSEARCH=URL takes a server that runs already; tests of other versions are then skipped. Where a node cannot run (no
Java, no Maven), tests are skipped with the reason, except with CI=true: there that is a failure.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import urllib.request
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import NoReturn

import pytest

from crawler.configuration import load_settings
from indexer.engines.elasticsearch.engine import ElasticsearchEngine
from tests.elasticsearch.node import Node, NodeUnavailable, start, start_cluster

CLIENT = int(installed("elasticsearch").split(".")[0])
RUN = os.urandom(4).hex()  # of this run, so that its indices are its own on a server that others use too
PREFIX = f"zhaoshang-test-{RUN}"


def server(version: str) -> str:
    """The URL of a server of this version. Skips or fails the test where there is none."""
    if int(version.split(".")[0]) < CLIENT:
        pytest.skip(f"client {CLIENT} is refused by server {version}")
    given = os.environ.get("ZHAOSHANG_TEST_ELASTICSEARCH")
    if given:
        if _version_of(given) != version:
            pytest.skip(f"{given} is another version than {version}")
        return given.rstrip("/")
    found = _started(version)
    if isinstance(found, NodeUnavailable):
        missing(found)
    return found.url


def missing(reason: NodeUnavailable) -> NoReturn:
    """Skips the test for this reason, or fails it where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(reason))
    pytest.skip(str(reason))


def cluster(version: str, size: int = 3) -> list[Node]:
    """A cluster of the test's own, to be stopped by it."""
    try:
        return start_cluster(version, size)
    except NodeUnavailable as error:
        missing(error)


def engine_at(url: str, where: Path, *, write: bool = False, **settings: str) -> ElasticsearchEngine:
    """An engine whose index belongs to the folder `where` alone, so that tests can share a server."""
    alias = f"{PREFIX}-{hashlib.sha256(str(where).encode()).hexdigest()[:12]}"
    return ElasticsearchEngine.open(
        load_settings(**{"engine": url, "engine_index": alias, "data": where, **settings}), write=write
    )


@cache
def _started(version: str) -> Node | NodeUnavailable:
    try:
        node = start(version)
        node.wait()
    except NodeUnavailable as error:
        return error
    atexit.register(node.stop)
    return node


@cache
def _version_of(url: str) -> str:
    atexit.register(_remove_indices, url)
    with urllib.request.urlopen(f"{url}/_nodes?filter_path=nodes.*.version", timeout=30) as answer:
        nodes = json.load(answer)["nodes"]
    return str(next(iter(nodes.values()))["version"])


def _remove_indices(url: str) -> None:
    with urllib.request.urlopen(f"{url}/_cat/indices/{PREFIX}-*?h=index&format=json", timeout=30) as answer:
        names = [row["index"] for row in json.load(answer)]
    for name in names:
        urllib.request.urlopen(urllib.request.Request(f"{url}/{name}", method="DELETE"), timeout=30).close()
