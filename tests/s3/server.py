"""A real S3 server for tests: S3Proxy 4.1.0 from Maven, its objects in memory, on a free loopback port; ended by its own process id."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.elasticsearch.node import free_port, javas

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "s3"
JAR = "s3proxy-4.1.0-jar-with-dependencies.jar"
ACCESS = {"AWS_ACCESS_KEY_ID": "sample", "AWS_SECRET_ACCESS_KEY": "sample-secret", "AWS_REGION": "us-east-1"}
BUCKET = "captures"

PROPERTIES = """\
s3proxy.endpoint=http://127.0.0.1:{port}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={AWS_ACCESS_KEY_ID}
s3proxy.credential={AWS_SECRET_ACCESS_KEY}
jclouds.provider=transient-nio2
jclouds.identity=none
jclouds.credential=none
"""


@contextmanager
def server() -> Iterator[str]:
    """The endpoint of a running server that has the bucket BUCKET and takes ACCESS. Skips the test where there can be none; fails it where CI=true."""
    java = next((java for major, java in javas() if major >= 17), None)
    jar = _jar()
    if java is None or jar is None:
        reason = "an S3 server needs Java 17 and Maven (apt-get install openjdk-17-jre-headless maven)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="zhaoshang-s3-"))
    port = free_port()
    (folder / "properties").write_text(PROPERTIES.format(port=port, **ACCESS))
    with (folder / "log").open("wb") as log:
        command = [str(java), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar", str(jar)]
        command += ["--properties", str(folder / "properties")]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _make_bucket(endpoint, process, folder / "log")
        yield endpoint
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _jar() -> Path | None:
    """The server's jar, fetched once by Maven; None where it cannot be had."""
    jar = CACHE / JAR
    maven = shutil.which("mvn")
    if jar.exists() or maven is None:
        return jar if jar.exists() else None
    part = CACHE / f"part.{os.getpid()}"
    command = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={part}"]
    done = subprocess.run(command, capture_output=True, text=True)
    fetched = part / JAR
    if done.returncode == 0 and fetched.exists():
        fetched.replace(jar)
    shutil.rmtree(part, ignore_errors=True)
    return jar if jar.exists() else None


def _make_bucket(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import obstore
    from obstore.store import S3Store

    client = S3Store(
        BUCKET,
        endpoint=endpoint,
        access_key_id=ACCESS["AWS_ACCESS_KEY_ID"],
        secret_access_key=ACCESS["AWS_SECRET_ACCESS_KEY"],
        region=ACCESS["AWS_REGION"],
        client_options={"allow_http": True},
    )
    for _ in range(300):
        try:
            url = obstore.sign(client, "PUT", "/", timedelta(minutes=1))
            urllib.request.urlopen(urllib.request.Request(url, method="PUT"), timeout=30).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    pytest.fail(f"S3Proxy did not start: {log.read_text(errors='replace')[-2000:]}")
