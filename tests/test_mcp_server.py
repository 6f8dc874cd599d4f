"""The tools for assistants, driven by the package's own client over stdio and over HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest

pytest.importorskip("mcp.server.mcpserver", reason="the mcp package (2.0 or newer) is not installed")
from mcp import Client, StdioServerParameters

from tests.sample_archive import RICH, Sample

pytest_plugins = ["tests.web_fixtures"]

Tool = Callable[..., Awaitable[Any]]


def parameters(sample: Sample, *more: str) -> StdioServerParameters:
    environment = {"ZHAOSHANG_DATA": str(sample.settings.data), "ZHAOSHANG_PORT": "8000"}
    return StdioServerParameters(command=sys.executable, args=["-m", "zhaoshang", "mcp", *more], env=environment)


@contextmanager
def over_http(sample: Sample) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"ZHAOSHANG_DATA": str(sample.settings.data)}
    command = [sys.executable, "-m", "zhaoshang", "mcp", "--http", "--port", str(port)]
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


def test_the_same_over_http(sample: Sample) -> None:
    with over_http(sample) as address:
        ask(address, work_of(address.removesuffix("/mcp"), sample.many))
