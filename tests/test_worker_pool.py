"""Worker processes: answers in order, a time limit, a worker that dies, one that dies while it has nothing to do, and Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import active_children, current_process
from pathlib import Path

import pytest

from crawler.stages.worker_pool import NoWorkers, TaskFailure, WorkerPool

WAIT = 30.0  # seconds after which a test gives up
INTERRUPTED = """
import signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs the tests in the background has it ignored
from crawler.stages.worker_pool import WorkerPool
with WorkerPool(2) as pool:
    for item, _ in pool.in_order(time.sleep, ((n, (n and 600.0,)) for n in range(3)), waiting=2):
        print("begun", flush=True)
"""


def slept(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def ended(number: int) -> int:
    """Ends its process by signal `number`; 0 asks which process it is."""
    if number and current_process().name != "MainProcess":
        os.kill(os.getpid(), number)
    return os.getpid()


def refused_signals(_: int) -> set[int]:
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, ())}


def failing(reason: str) -> None:
    raise ValueError(reason)


def test_answers_come_in_the_order_of_the_tasks_and_few_are_taken_up_early() -> None:
    seconds = (0.3, 0.0, 0.1, 0.0, 0.0, 0.0)
    taken: list[int] = []

    def tasks() -> Iterator[tuple[int, tuple[float]]]:
        for number, length in enumerate(seconds):
            taken.append(number)
            yield number, (length,)

    done = []
    with WorkerPool(2) as pool:
        for number, answer in pool.in_order(slept, tasks(), waiting=3):
            assert len(taken) <= number + 3
            done.append(answer)
    assert tuple(done) == seconds and taken == list(range(6))


def test_a_task_that_hangs_or_dies_costs_itself_alone() -> None:
    with WorkerPool(1, seconds=1.0) as pool:
        hung = [answer for _, answer in pool.in_order(slept, ((n, (n * 60.0,)) for n in (0, 1, 0)), waiting=2)]
        died = pool.run(ended, signal.SIGKILL)
        assert isinstance(pool.run(ended, 0), int)
    assert hung == [0.0, TaskFailure(seconds=1.0), 0.0] and died == TaskFailure(exit_code=-signal.SIGKILL)
    assert [f.reason("提取") for f in (TaskFailure(seconds=1.0), died) if isinstance(f, TaskFailure)] == [
        "超过 1 秒仍未提取完",
        "提取进程中途退出（退出码 -9）",
    ]


def test_what_does_no_harm_is_done_here_where_its_worker_died() -> None:
    with WorkerPool(1) as pool:
        where = dict(pool.in_order_or_here(ended, ((n, (n,)) for n in (0, signal.SIGKILL)), waiting=1))
    assert where[0] != os.getpid() and where[signal.SIGKILL] == os.getpid()


def test_what_a_task_raises_is_raised_here_and_ends_the_workers() -> None:
    with pytest.raises(ValueError, match="wrong"), WorkerPool(1) as pool:
        pool.run(failing, "wrong")
    assert not active_children()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_dies_or_stands_still_with_nothing_to_do_is_replaced(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.stages.worker_pool._GRACE", 5.0)
    with WorkerPool(1, seconds=5.0) as pool:
        first = pool.run(ended, 0)
        assert isinstance(first, int)
        os.kill(first, number)
        answers = [answer for _, answer in pool.in_order(ended, ((n, (0,)) for n in range(4)), waiting=4)]
    assert first not in answers and all(isinstance(answer, int) for answer in answers)


def test_without_any_process_nothing_passes_for_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*arguments: object, **named: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")  # what fork answers at the limit of processes

    monkeypatch.setattr("pebble.pool.process.launch_process", none)  # the limit itself does not hold for root
    with WorkerPool(1) as pool:
        assert dict(pool.in_order_or_here(ended, [("a", (0,)), ("b", (0,))], waiting=2)) == dict.fromkeys(
            "ab", os.getpid()
        )
        with pytest.raises(NoWorkers):
            pool.run(ended, 0)


def test_ctrl_c_is_for_the_program_and_not_for_a_worker_that_still_starts() -> None:
    with WorkerPool(1) as pool:
        refused = pool.run(refused_signals, 0)
    assert isinstance(refused, set) and signal.SIGINT in refused
    assert signal.SIGINT not in refused_signals(0)


def test_ctrl_c_ends_all_at_once_and_says_so_once() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it: to the workers too
    _, errors = process.communicate(timeout=WAIT)
    assert errors.count("Traceback") == 1 and "KeyboardInterrupt" in errors.splitlines()[-1]
    with pytest.raises(ProcessLookupError):
        for _ in range(50):  # the server that starts the workers sees that its parent is gone
            os.killpg(process.pid, 0)
            time.sleep(0.1)
