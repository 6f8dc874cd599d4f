"""The tools for assistants, driven by the package's own client over stdio and over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("mcp.server.mcpserver", reason="the mcp package (2.0 or newer) is not installed")
from mcp import Client, StdioServerParameters

from crawler.archive import Archive
from tests import warm_start
from tests.sample_archive import IMPORTED, RICH, Sample, build, reading, write_index

pytest_plugins = ["tests.web_fixtures"]

Tool = Callable[..., Awaitable[Any]]


def parameters(sample: Sample, *more: str) -> StdioServerParameters:
    environment = {"ZHAOSHANG_DATA": str(sample.settings.data), "ZHAOSHANG_PORT": "8000"}
    python, *warm = warm_start.command()
    return StdioServerParameters(command=python, args=[*warm, "-m", "zhaoshang", "mcp", *more], env=environment)


@contextmanager
def over_http(sample: Sample, **settings: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"ZHAOSHANG_DATA": str(sample.settings.data), "RUST_BACKTRACE": "0"} | settings
    command = [*warm_start.command(), "-m", "zhaoshang", "mcp", "--http", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        server.kill()
        server.wait()


def ask(server: Any, work: Callable[[Client, Tool], Awaitable[None]]) -> None:
    async def main() -> None:
        async with Client(server) as client:

            async def call(name: str, **arguments: Any) -> Any:
                result = await client.call_tool(name, arguments)
                assert not result.is_error, result.content
                text = result.content[0].text
                return text if name == "cite" else json.loads(text)

            await work(client, call)

    anyio.run(main)


def work_of(base: str, many: int) -> Callable[[Client, Tool], Awaitable[None]]:
    """Every tool once; answers carry quotes, and links under `base`."""

    async def work(client: Client, call: Tool) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {
            *("search", "article", "list_practices", "practice_evidence", "count_matrix", "count_places", "cite")
        }
        assert all(tool.description and tool.annotations.read_only_hint for tool in tools.values())
        assert (await call("search", query="招商引资"))["total"] == many
        found = await call("search", query="飞地", place="湖南", practice="enclave")
        assert found["total"] == 2
        both = {"query": "招商引资", "place": ["湖南", "浙江"]}
        either = await call("search", **both)
        others = await call("search", query="招商引资", not_place=["湖南", "浙江"], after="1900")
        dated = await call("search", query="招商引资", after="1900")
        assert either["total"] > 0 and either["archive_by_year"].keys() >= either["by_year"].keys()
        assert others["total"] == dated["total"] - (await call("search", **both, after="1900"))["total"]
        hit = next(h for h in found["hits"] if h["id"] == RICH)
        assert "飞地" in hit["quote"]
        assert hit["page"] == f"{base}/articles/{RICH}"
        read = await call("article", id=RICH)
        assert "飞地" in read["practices"][0]["quote"]
        assert read["practices"][0]["quote"] in read["text"]
        assert read["figures"][0]["exact"] == "4,600,000,000 元"
        assert "46亿元" in read["figures"][0]["quote"]
        assert read["snapshot"] == f"{base}/articles/{RICH}/capture"
        listed = {p["id"]: p for p in (await call("list_practices", query="飞地"))["practices"]}
        assert (listed["enclave"]["count"], listed["enclave"]["page"]) == (2, f"{base}/practices/enclave")
        proof = await call("practice_evidence", practice="飞地")
        assert "飞地" in proof["sentences"][0]["quote"]
        assert proof["sentences"][0]["page"].startswith(f"{base}/articles/")
        places = await call("count_places", practice="飞地")
        assert places["counts"] == {"浙江": 2, "湖南": 2}
        assert places["page"] == f"{base}/places?practice=enclave"
        counted = await call("count_matrix", query="飞地", place="湖南")
        assert counted["counts"]["飞地"] == {"2024": 2}
        assert counted["page"].startswith(f"{base}/matrix?q=") and "place=430000" in counted["page"]
        assert (await call("search", query="figure:投资额 value:>=40亿"))["total"] == 2
        assert "临湖云山飞地园区揭牌" in await call("cite", ids=[RICH])

    return work


def test_an_assistant_searches_reads_counts_and_cites(sample: Sample) -> None:
    ask(parameters(sample), work_of("http://127.0.0.1:8000", sample.many))


def test_what_cannot_be_answered_is_said_in_a_sentence(sample: Sample) -> None:
    async def work(client: Client, _: Tool) -> None:
        for name, arguments, said in (
            ("article", {"id": "none"}, "没有编号为 none 的文章"),
            ("search", {"query": "x", "place": "无此地"}, "不认识“无此地”"),
            ("practice_evidence", {"practice": "none"}, "没有编号或名称为 none 的举措"),
        ):
            result = await client.call_tool(name, arguments)
            assert result.is_error
            assert said in result.content[0].text
            assert "Traceback" not in result.content[0].text

    ask(parameters(sample), work)


def test_doubtful_practices_are_told_where_they_are_asked_for_with_their_probability(tmp_path: Path) -> None:
    sample = build(tmp_path, many=3)
    with Archive.open(sample.settings) as archive:
        stored = archive.articles.get(IMPORTED)
        assert stored
        doubtful = {"id": "enclave", "start": 0, "end": 12, "confidence": 0.52, "sure": False}
        read = reading(stored.article) | {"practices": [doubtful]}
        archive.readings.save(IMPORTED, stored.revision_hash, "sample", read, b"")
    write_index(sample)

    async def work(client: Client, call: Tool) -> None:
        sure = await call("practice_evidence", practice="飞地")
        every = await call("practice_evidence", practice="飞地", possible=True)
        assert sure["sentences"] and all("possible" not in s for s in sure["sentences"])
        assert [s["probability"] for s in sure["sentences"]] == [0.9] * len(sure["sentences"])
        assert every["total"] == sure["total"] + 1
        told = every["sentences"][-1]
        assert (told["possible"], told["probability"]) == (True, 0.52)
        assert told["quote"] in stored.article.text and "possible=enclave" in every["page"]
        counted = await call("count_matrix", possible=True)
        assert counted["counts"]["飞地"].get("2021", 0) == 0
        assert counted["with_possible"]["飞地"]["2021"] == 1
        assert counted["with_possible"]["飞地"]["2024"] == counted["counts"]["飞地"]["2024"] == 2
        least = counted["probability_from"]["飞地"]
        assert 0 < least["possible"] < least["sure"] < 1
        assert "with_possible" not in await call("count_matrix")
        result = await client.call_tool("count_matrix", {"rows": "place", "possible": True})
        assert result.is_error and "possible:举措名" in result.content[0].text

    ask(parameters(sample), work)


def test_the_same_over_http(sample: Sample) -> None:
    with over_http(sample) as address:
        ask(address, work_of(address.removesuffix("/mcp"), sample.many))


def test_arguments_out_of_bounds_or_unknown_are_refused_and_the_next_call_is_answered(sample: Sample) -> None:
    refused: list[tuple[str, dict[str, Any], str]] = [
        ("search", {"query": "飞地", "page": 10**18}, "page：应不大于 1000"),
        ("search", {"query": "飞地", "page": 0}, "page：应不小于 1"),
        ("search", {"query": "飞" * 1001}, "query：过长，最多 1000 字"),
        ("search", {"query": "飞地", "year": 10**30}, "year"),
        ("search", {"query": "飞地", "pages": 2}, "pages"),
        ("article", {"id": RICH, "offset": -1}, "offset：应不小于 0"),
        ("cite", {"ids": [RICH] * 101}, "ids"),
        ("count_places", {"practice": "x" * 41}, "practice：过长"),
    ]

    async def work(client: Client, call: Tool) -> None:
        tools = (await client.list_tools()).tools
        assert all(tool.input_schema["additionalProperties"] is False for tool in tools)
        for name, arguments, said in refused:
            result = await client.call_tool(name, arguments)
            assert result.is_error, arguments
            assert said in result.content[0].text
            assert "Traceback" not in result.content[0].text and "pydantic" not in result.content[0].text
        assert (await call("search", query="飞地"))["total"]

    ask(parameters(sample), work)


_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(
        [
            *(
                "飞地",
                "湖南",
                "enclave",
                RICH,
                "0" * 16,
                "",
                "(",
                '"',
                "*",
                "value:>=" + "9" * 40 + "亿",
                "year:0",
                "\0",
            ),
            "招" * 1500,
        ]
    ),
)
_NUMBERS = st.one_of(st.integers(-(10**20), 10**20), st.sampled_from([0, 1, 2, 1000, 2**31, 2**63, 10**18, 10**4000]))
_VALUES = st.recursive(
    st.one_of(_TEXTS, _NUMBERS, st.none(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "id"]), inner, max_size=2),
    max_leaves=5,
)


def _arguments(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What a tool may be sent: mostly the arguments that it names with values of their type, sometimes anything at all."""
    fitting = {"string": _TEXTS, "integer": _NUMBERS, "array": st.lists(_TEXTS, max_size=4)}

    def value(asked: dict[str, Any]) -> st.SearchStrategy[Any]:
        if "enum" in asked:
            return st.sampled_from(asked["enum"]) | _VALUES
        return fitting.get(asked.get("type", "integer"), _VALUES) | _VALUES

    named = {name: value(asked) for name, asked in schema["properties"].items()}
    needed = {name: named.pop(name) for name in schema.get("required", ())}
    return st.one_of(
        st.fixed_dictionaries(needed, optional=named),
        st.dictionaries(st.sampled_from([*schema["properties"], "pages", "self", "__class__"]), _VALUES, max_size=4),
    )


@pytest.mark.parametrize("way", ["stdio", "http"])
def test_nothing_that_a_caller_sends_ends_the_server(sample: Sample, way: str) -> None:
    """Each tool is sent what fits and what does not; an answer or an error comes back, and the server goes on."""

    def fuzz(server: Any) -> None:
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(server)) as client:

            def fuzz_tool(name: str, schema: dict[str, Any]) -> None:
                @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
                @given(_arguments(schema))
                def send(arguments: dict[str, Any]) -> None:
                    result = portal.call(client.call_tool, name, arguments)
                    assert result.content
                    assert not result.is_error or "Traceback" not in result.content[0].text

                send()

            for tool in portal.call(client.list_tools).tools:
                fuzz_tool(tool.name, tool.input_schema)
            found = portal.call(client.call_tool, "search", {"query": "飞地"})
            assert json.loads(found.content[0].text)["total"]

    if way == "stdio":
        fuzz(parameters(sample))
    else:
        with over_http(sample) as address:
            fuzz(address)


def test_from_elsewhere_assistants_need_a_key_and_our_own_name(sample: Sample) -> None:
    with Archive.open(sample.settings) as archive:
        secret = archive.keys.add("assistant")
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accepts = {"Accept": "application/json, text/event-stream"}

    def answered(address: str, **headers: str) -> int:
        return httpx.post(address, json=ping, headers=accepts | headers, timeout=60).status_code

    with over_http(sample, ZHAOSHANG_PROXIES="127.0.0.1") as address:
        far = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
        assert answered(address, **far) == 401
        assert answered(address, **far, Authorization="Bearer zs_none") == 401
        assert answered(address, **far, Authorization=f"Bearer {secret}") not in (401, 403, 421)
        assert answered(address, **{**far, "X-Forwarded-Proto": "http"}, Authorization=f"Bearer {secret}") == 403
        assert answered(address, Host="evil.example") == 421
        assert answered(address, **far, Authorization=f"Bearer {secret}", Origin="https://evil.example") == 403
