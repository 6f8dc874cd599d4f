"""A process that a worker gives orders to, one JSON line each, and that answers each with a line `end`. It is started when it is needed and killed when it is silent for too long."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

PING_SECONDS = 2.0
STOP_SECONDS = 5.0  # that a process has to end by itself
LINE_BYTES = 1 << 26  # the longest answer


class ChildLost(Exception):
    """The process died, was killed, or said nothing for too long, before it answered."""


class Child:
    """`module` with `arguments` in this interpreter. `silent`: after so many seconds without a sign of life it is killed."""

    def __init__(self, module: str, arguments: Sequence[str], environment: Mapping[str, str], silent: float) -> None:
        self._command = [sys.executable, "-m", module, *arguments]
        self._environment, self._silent = dict(environment), silent
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._heard = 0.0
        self._care: set[asyncio.Task[None]] = set()
        self._starting = asyncio.Lock()
        self._closed = False

    async def ask(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to an order. Raises ChildLost."""
        if self._closed:
            raise ChildLost("不再接活")
        async with self._starting:
            process = await self._started()
        number = next(self._numbers)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await self._say(process, json.dumps({**order, "id": number}))
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def stop(self) -> None:
        """Asks the process to end what it can end soon; it is given nothing more."""
        self._closed = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ChildLost):
                await self._say(self._process, "stop")

    async def kill(self) -> None:
        """Ends the process, for good; who waits for an answer gets ChildLost."""
        was_asked, self._closed = self._closed, True
        if self._process is not None and self._process.returncode is None:
            if was_asked:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        for task in list(self._care):
            task.cancel()

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            return self._process
        process = self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C is for the worker, which passes it on
            limit=LINE_BYTES,
        )
        self._heard = asyncio.get_running_loop().time()
        for work in (self._listen(process), self._watch(process)):
            task = asyncio.ensure_future(work)
            self._care.add(task)
            task.add_done_callback(self._care.discard)
        return process

    async def _say(self, process: asyncio.subprocess.Process, line: str) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(line.encode() + b"\n")
            await process.stdin.drain()
        except OSError as error:
            raise ChildLost(f"进程 {process.pid} 已结束") from error

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        try:
            async for line in process.stdout:
                self._heard = asyncio.get_running_loop().time()
                said = json.loads(line)
                waiting = self._waiting.get(said.get("id", 0)) if said["kind"] == "end" else None
                if waiting is not None and not waiting.done():
                    waiting.set_result(said)
            await process.wait()
        finally:
            lost = ChildLost(f"进程 {process.pid} 中途退出（退出码 {process.returncode}）")
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(lost)

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        """Kills a process that stands still."""
        while process.returncode is None:
            await asyncio.sleep(PING_SECONDS)
            if asyncio.get_running_loop().time() - self._heard > self._silent:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return
            with contextlib.suppress(ChildLost):
                await self._say(process, "ping")
