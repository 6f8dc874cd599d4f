"""A pool of worker processes: a time limit for each task, results in the order of the tasks; a worker that hangs or dies loses only its own task."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import forkserver, get_context, resource_tracker
from types import TracebackType
from typing import Generic, Self, TypeVar, TypeVarTuple, cast

from pebble import ProcessExpired, ProcessFuture, ProcessPool

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Arguments = TypeVarTuple("Arguments")

_LOOK = 1.0  # seconds between looks whether the pool is still there
_GRACE = 60.0  # seconds beyond a task's own in which one must be done: a worker starts, or is stopped, in fewer


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """A task without an answer: its worker was stopped after `seconds`, or else ended by itself with `exit_code` (negative: by that signal)."""

    seconds: float | None = None
    exit_code: int | None = None

    def reason(self, verb: str) -> str:
        """One line for the operator; `verb` (提取, 研读) says what the worker was at."""
        if self.seconds is not None:
            return f"超过 {self.seconds:g} 秒仍未{verb}完"
        return f"{verb}进程中途退出（退出码 {self.exit_code}）"


class NoWorkers(RuntimeError):
    """The pool has no processes and cannot start any."""

    def __init__(self) -> None:
        super().__init__("工作进程启动不了")


@dataclass(slots=True)
class _Task(Generic[Item, Answer]):
    item: Item
    give: Callable[[ProcessPool], ProcessFuture[Answer]]
    here: Callable[[], Answer]  # the same in this process
    pool: ProcessPool  # that has it
    future: ProcessFuture[Answer] | None = None  # None: there was no worker to give it to


class WorkerPool(AbstractContextManager["WorkerPool"]):
    """At most `workers` processes, started with the first task; each is replaced after `tasks_a_worker` tasks (0: never).

    `seconds` is what one task may take. Functions and arguments are pickled, and what a function raises is raised here. The context ends
    when all tasks are done; an error or Ctrl-C stops the workers in the midst of their tasks, and they never see Ctrl-C themselves.
    """

    def __init__(self, workers: int, *, seconds: float | None = None, tasks_a_worker: int = 0) -> None:
        self._workers, self._seconds, self._tasks_a_worker = workers, seconds, tasks_a_worker
        self._pool = self._new_pool()
        self._is_new = False  # the pool took the place of a broken one and has not answered yet
        self._moved = time.monotonic()  # when a task was last given out or done

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def run(self, function: Callable[[*Arguments], Answer], *arguments: *Arguments) -> Answer | TaskFailure:
        """One task, waited for. Raises NoWorkers."""
        task = self._begun(None, function, arguments)
        return self._settled(task)

    def in_order(
        self,
        function: Callable[[*Arguments], Answer],
        tasks: Iterable[tuple[Item, tuple[*Arguments]]],
        *,
        waiting: int,
    ) -> Iterator[tuple[Item, Answer | TaskFailure]]:
        """The item of each of `tasks` (item, arguments) with its answer, in their order; `waiting` tasks at most are taken up before they are asked for. Raises NoWorkers."""
        for task in self._window(function, tasks, waiting):
            answer = self._settled(task)
            yield task.item, answer

    def in_order_or_here(
        self,
        function: Callable[[*Arguments], Answer],
        tasks: Iterable[tuple[Item, tuple[*Arguments]]],
        *,
        waiting: int,
    ) -> Iterator[tuple[Item, Answer]]:
        """As `in_order`, for what does no harm: a task whose worker died, or that finds none, is done in this process, without a time limit."""
        for task in self._window(function, tasks, waiting):
            try:
                answer = self._settled(task)
            except NoWorkers:
                answer = TaskFailure()
            yield task.item, task.here() if isinstance(answer, TaskFailure) else answer

    def _window(
        self,
        function: Callable[[*Arguments], Answer],
        tasks: Iterable[tuple[Item, tuple[*Arguments]]],
        waiting: int,
    ) -> Iterator[_Task[Item, Answer]]:
        begun: deque[_Task[Item, Answer]] = deque()
        for item, arguments in tasks:
            begun.append(self._begun(item, function, arguments))
            while begun and (len(begun) >= waiting or (future := begun[0].future) is None or future.done()):
                yield begun.popleft()
        while begun:
            yield begun.popleft()

    def _begun(
        self, item: Item, function: Callable[[*Arguments], Answer], arguments: tuple[*Arguments]
    ) -> _Task[Item, Answer]:
        def give(pool: ProcessPool) -> ProcessFuture[Answer]:
            return pool.schedule(function, cast("tuple[object, ...]", arguments), timeout=self._seconds)

        task = _Task(item, give, lambda: function(*arguments), self._pool)
        self._schedule(task)
        return task

    def _schedule(self, task: _Task[Item, Answer]) -> None:
        task.future = None
        while task.future is None:
            try:
                task.pool, task.future = self._pool, task.give(self._pool)
            except (RuntimeError, OSError):  # pebble's pool is broken, or its first processes do not start
                if not self._replace_pool():
                    return
        self._has_moved()
        task.future.add_done_callback(self._has_moved)

    def _has_moved(self, _: object = None) -> None:
        self._moved = time.monotonic()

    def _settled(self, task: _Task[Item, Answer]) -> Answer | TaskFailure:
        answer: Answer | TaskFailure
        while task.future is not None:
            try:
                answer = self._result(task.future, task.pool)
            except FutureTimeout:
                answer = TaskFailure(seconds=self._seconds)
            except ProcessExpired as expired:
                answer = TaskFailure(exit_code=expired.exitcode)
            except BrokenProcessPool:  # as by a worker that was killed while it had nothing to do
                if task.pool is self._pool and not self._replace_pool():
                    break
                self._schedule(task)
                continue
            self._is_new = False
            return answer
        raise NoWorkers

    def _result(self, future: ProcessFuture[Answer], pool: ProcessPool) -> Answer:
        while not future.done():
            wait([future], timeout=_LOOK)
            # a broken pool forgets what its workers had not been given; one whose worker stands still with the pool's lock, or before
            # it has said that it took a task, waits for ever
            if not future.done() and (not pool.active or self._stands_still()):
                raise BrokenProcessPool
        return future.result()

    def _stands_still(self) -> bool:
        return self._seconds is not None and time.monotonic() - self._moved > self._seconds + _GRACE

    def _new_pool(self) -> ProcessPool:
        # a fork of a process with threads (progress bars, database) may inherit held locks
        context = get_context("forkserver")
        _start_forkserver()
        return ProcessPool(max_workers=self._workers, max_tasks=self._tasks_a_worker, context=context)

    def _replace_pool(self) -> bool:
        """Whether there is a new pool; not where the last one was new too and has answered nothing."""
        if self._is_new:
            return False
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._pool, self._is_new = self._new_pool(), True
        return True


def _start_forkserver() -> None:
    """Starts the process that workers are forked from, if none runs, so that Ctrl-C reaches none of them.

    A terminal sends it to all of a program's processes. Workers ignore it once they run, but one that still imports what it needs would
    print a traceback of its own; the mask is inherited. The tracker lifts the mask itself where it is started, hence before.
    """
    resource_tracker.ensure_running()
    known = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, known)
