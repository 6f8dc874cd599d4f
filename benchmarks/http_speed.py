"""Queries a second over HTTP: two workers of the server, top 10, the cost of the load counted apart.

    python -m benchmarks.http_speed --data FOLDER [--queries 2000]

FOLDER holds an index, and an archive or none (benchmarks.index_speed and benchmarks.search_speed leave such folders). The milliseconds of the server's processors a
query do not hang on how busy the machine is: two cores, less what the load costs, answer 1000 / (those + the load's) × 2 queries a second.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

from benchmarks.search_speed import words

CONNECTIONS = 8


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def processor(process: int) -> float:
    """Seconds of the processor of a process and of those that it started."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(processor(int(c)) for c in children)


def anonymous(process: int) -> list[float]:
    """Anonymous memory (MB) of the workers of a server."""
    found = []
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        lines = Path(f"/proc/{child}/status").read_text().splitlines()
        found += [int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")]
    return found


async def ask(port: int, paths: list[str], taken: list[float]) -> None:
    """One connection that is kept: asks for the paths until none is left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while paths:
        started = time.perf_counter()
        writer.write(f"GET {paths.pop()} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode("latin-1"))
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        taken.append(1000 * (time.perf_counter() - started))
    writer.close()


async def load(port: int, paths: list[str]) -> list[float]:
    """Milliseconds of each answer."""
    taken: list[float] = []
    await asyncio.gather(*(ask(port, paths, taken) for _ in range(CONNECTIONS)))
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    port = free_port()
    environment = os.environ | {
        "ZHAOSHANG_DATA": str(options.data),
        "ZHAOSHANG_ENGINE": "tantivy",
        "ZHAOSHANG_DATABASE": "",
    }
    command = [sys.executable, "-m", "zhaoshang", "serve", "--workers", str(options.workers), "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    one, two = words(options.queries), words(options.queries, 9)
    asked = [quote(a if n % 2 else f"{a} {b}") for n, (a, b) in enumerate(zip(one, two, strict=True))]
    kinds = {
        "API, top 10": "/api/v1/search?size=10&q={}",
        "API, top 10, no facets": "/api/v1/search?size=10&facets=none&histogram=0&q={}",
        "API, top 10, strict": "/api/v1/search?size=10&strict=1&q={}",
        "page of 20": "/?q={}",
        "suggestion": "/api/v1/suggest?q={}",
    }
    try:
        for _ in range(600):
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/search?q=1").read()
                break
            except OSError:
                continue
        asyncio.run(load(port, [kinds["API, top 10"].format(q) for q in asked[:200]]))  # both workers are warm
        print(
            "| | queries/s | p50 ms | p95 ms | ms of the server's processor | ms of the load's |\n|---|---|---|---|---|---|"
        )
        for name, path in kinds.items():
            paths = [path.format(q) for q in asked]
            started, before, own = time.perf_counter(), processor(server.pid), time.process_time()
            taken = sorted(asyncio.run(load(port, paths)))
            wall, theirs, ours = (
                time.perf_counter() - started,
                processor(server.pid) - before,
                time.process_time() - own,
            )
            number = len(taken)
            print(
                f"| {name} | {number / wall:.0f} | {taken[number // 2]:.1f} | {taken[number * 95 // 100]:.1f} "
                f"| {1000 * theirs / number:.2f} | {1000 * ours / number:.2f} |",
                flush=True,
            )
        print(
            f"\nanonymous memory of the workers: {', '.join(f'{m:.0f} MB' for m in anonymous(server.pid))}; load of the machine {os.getloadavg()[0]:.1f}"
        )
    finally:
        server.terminate()
        server.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
