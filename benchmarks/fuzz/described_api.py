"""Requests made from the API's own description, right ones and wrong ones, to a real server: none is answered by a server error, and each answer is as described.

    python -m benchmarks.fuzz.described_api --cases 10000 [--seed N]

The cases come from elsewhere, half of them with a key and half without (through a proxy that is named in PROXIES; the limits are set out of reach).
Prints cases and answers by status for each operation. Exit code 1 where a check failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.core.failures import FailureGroup

from benchmarks.http_speed import free_port
from crawler.archive import Archive
from tests.sample_archive import indexed

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"]
FAR = "203.0.113.7"  # a client from elsewhere, as the proxy names it
LIMITS = " ".join(f"{bucket}=10000000/minute" for bucket in ("search", "export", "captures", "write"))
SHOWN = 20  # failures
TIMEOUT = 60.0  # seconds for one answer: the machine may be busy


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], int, str]:
    """A server over the sample archive, its port, and a key."""
    sample = indexed(folder / "data")
    with Archive.open(sample.settings) as archive:
        secret = archive.keys.add("fuzz", "write", LIMITS)
    port = free_port()
    own = {"DATA": str(folder / "data"), "PROXIES": "127.0.0.1", "LIMITS": LIMITS, "DATABASE": "", "ENGINE": "tantivy"}
    environment = os.environ | {f"ZHAOSHANG_{name}": value for name, value in own.items()}
    command = [sys.executable, "-m", "zhaoshang", "serve", "--port", str(port)]
    with (folder / "log").open("w") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log), port, secret


def run(cases: int, number: int) -> int:
    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="api-") as folder:
        server, port, secret = serve(Path(folder))
        try:
            described: Any = schemathesis.openapi.from_url(
                f"http://127.0.0.1:{port}/api/v1/openapi.json", wait_for_schema=60
            )
            operations: list[Any] = [found.ok() for found in described.get_all_operations()]
            senders = {
                "key": {"X-Forwarded-For": FAR, "X-Forwarded-Proto": "https", "Authorization": f"Bearer {secret}"},
                "no key": {"X-Forwarded-For": FAR, "X-Forwarded-Proto": "https"},
            }
            checks = list(schemathesis.checks.CHECKS.get_by_names(CHECKS))
            answers: dict[tuple[str, str], Counter[int]] = {}
            going = [
                (o, sender, mode) for o in operations for sender in senders for mode in schemathesis.GenerationMode
            ]
            while going and (left := cases - sum(map(Counter.total, answers.values()))) > 0:
                each = -(-left // len(going))
                more = []
                for operation, sender, mode in going:
                    told = answers.setdefault((operation.label, sender), Counter())
                    before = told.total()
                    ask(
                        operation,
                        mode,
                        senders[sender],
                        checks=checks,
                        most=each,
                        number=number,
                        answers=told,
                        failures=failures,
                    )
                    if told.total() - before >= each:  # else there are no more of this kind
                        more.append((operation, sender, mode))
                going, number = more, number + 1
        finally:
            server.terminate()
            server.wait()
    print("| operation | sent with | cases | answers |\n|---|---|---|---|")
    for (label, sender), told in answers.items():
        print(f"| {label} | {sender} | {told.total()} | {', '.join(f'{s}: {n}' for s, n in sorted(told.items()))} |")
    total = sum(map(Counter.total, answers.values()))
    print(f"\n{total} cases, {len(failures)} kinds of failure")
    for what, said in list(failures.items())[:SHOWN]:
        print(f"{what}\n{said[:1500]}\n")
    return 1 if failures else 0


def ask(
    operation: Any,
    mode: Any,
    headers: dict[str, str],
    *,
    checks: list[Any],
    most: int,
    number: int,
    answers: Counter[int],
    failures: dict[str, str],
) -> None:
    """Sends `most` cases of a mode, and notes what failed, one of each kind; a mode in which every string is a right one makes fewer."""

    @seed(number)
    @settings(max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        answer = case.call(headers=headers, timeout=TIMEOUT)
        answers[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=checks)
        except (Exception, FailureGroup) as error:  # whatever a check raises: each kind once
            failures.setdefault(f"{operation.label} {answer.status_code} {_kinds(error)}", str(error))

    with suppress(Unsatisfiable):  # every string is a right one: there is no wrong case
        send()


def _kinds(error: BaseException) -> str:
    parts = error.exceptions if isinstance(error, BaseExceptionGroup) else (error,)
    return ", ".join(sorted({type(part).__name__ for part in parts}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    return run(options.cases, options.seed)


if __name__ == "__main__":
    sys.exit(main())
