"""Python programs forked from a process that has the product imported already, so that a start costs a fork and not the imports.

What is started is a process as any other: its own id, session, folder, environment and files, and its own exit code. Shared is only what was imported, before
any thread, loop or setting existed. `[*command(), "-m", "zhaoshang", …]` stands for `[sys.executable, "-m", "zhaoshang", …]`, and so it does with `-c`. What such a
program starts itself is forked too: a crawl from the same process, its workers from the program. Tests about kills, limits of a process or the cost of imports start
the real one.
"""

import gc
import marshal
import os
import resource
import signal
import socket
import sys

# Nothing more is imported here: the client below is started once a program, without `site`.
FILES = 3  # stdin, stdout, stderr
LEFT_OUT = (
    "__main__",
    "crawl_process",
    "env",
    "settings",
)  # they are run, or read the environment when they are imported
LENGTH = 4  # bytes that give the length of an order


def command() -> list[str]:
    """What stands for the interpreter. The first call of a run starts the process that forks; it ends with this one."""
    global _name
    if not _name:
        import atexit
        import subprocess
        from pathlib import Path

        ours, theirs = socket.socketpair()
        _name = f"\0zhaoshang-warm-{os.getpid()}"  # in the kernel: no file stays behind
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"}
        with theirs:
            server = subprocess.Popen(
                [PYTHON, "-m", "tests.warm_start", "serve", _name[1:]], stdin=theirs, env=environment
            )
        assert ours.recv(1), "the process that forks did not start"

        def end() -> None:
            ours.close()
            server.wait(30)

        atexit.register(end)
    return [PYTHON, "-S", "-E", "-s", __file__, "run", _name[1:]]


_name = ""
PYTHON = sys.executable  # before a test puts another program in its place


def executable(folder: str, name: str = "") -> str:
    """The same as one file, written into the folder: for a program that starts `sys.executable` itself."""
    file = os.path.join(folder, "python")  # noqa: PTH118
    if not os.path.exists(file):  # noqa: PTH110
        name = name or command()[-1]
        here = os.path.dirname(__file__)  # noqa: PTH120
        with open(file, "w") as script:  # noqa: PTH123
            script.write(f"#!{PYTHON} -SEs\nimport sys\nsys.path.insert(0, {here!r})\n")
            script.write(f"from warm_start import run\nsys.exit(run({chr(0) + name!r}, sys.argv[1:]))\n")
        os.chmod(file, 0o755)  # noqa: PTH101
    return file


def run(name: str, arguments: list[str]) -> int:
    """The program with our files, folder and environment; its exit code, negative for a signal."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(name)
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        order = marshal.dumps((arguments, os.getcwd(), dict(os.environ), limit))  # noqa: PTH109
        socket.send_fds(connection, [len(order).to_bytes(LENGTH, "big")], list(range(FILES)))
        connection.sendall(order)
        return int.from_bytes(connection.recv(LENGTH) or b"\1", "big", signed=True)


def serve(name: str) -> None:
    """Forks a program for each order until whoever started us is gone. Returns in the programs alone, by what they raise."""
    import selectors
    import shutil
    import tempfile

    _import_all()
    folder = tempfile.mkdtemp(prefix="zhaoshang-warm-")
    python = executable(folder, name[1:])
    gc.collect()
    gc.freeze()  # else every program walks, and so copies, all of this when it ends
    running: dict[int, socket.socket] = {}
    wake, woken = socket.socketpair()
    wake.setblocking(False)
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    owner = socket.socket(fileno=os.dup(0))
    with selectors.DefaultSelector() as ready, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(name)
        listener.listen()
        owner.send(b"1")
        for watched in (listener, wake, owner):
            ready.register(watched, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fileobj is owner:
                    for pid in running:
                        os.kill(pid, signal.SIGKILL)
                    shutil.rmtree(folder)
                    os._exit(0)
                elif key.fileobj is wake:
                    wake.recv(1024)
                elif key.fileobj is listener:
                    connection = listener.accept()[0]
                    order, files = _order(connection)
                    pid = os.fork()
                    if not pid:
                        ready.close()
                        sys.executable = python
                        _become(order, files, [listener, wake, woken, owner, connection, *running.values()])
                        return
                    for file in files:
                        os.close(file)
                    running[pid] = connection
                    ready.register(connection, selectors.EVENT_READ, pid)
                else:  # whoever waits for a program is gone
                    ready.unregister(key.fileobj)
                    os.kill(key.data, signal.SIGKILL)
            for pid in list(running):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    connection = running.pop(pid)
                    if connection in [key.fileobj for key in ready.get_map().values()]:
                        ready.unregister(connection)
                        connection.sendall(os.waitstatus_to_exitcode(status).to_bytes(LENGTH, "big", signed=True))
                    connection.close()


Order = tuple[list[str], str, dict[str, str], tuple[int, int]]


def _order(connection: socket.socket) -> tuple[Order, list[int]]:
    length, files, _, _ = socket.recv_fds(connection, LENGTH, FILES)
    rest, parts = int.from_bytes(length, "big"), []
    while rest:
        parts.append(connection.recv(rest))
        rest -= len(parts[-1])
    return marshal.loads(b"".join(parts)), list(files)


def _become(order: Order, files: list[int], not_ours: list[socket.socket]) -> None:
    """Makes a fork the program of this order and runs it."""
    import multiprocessing
    import runpy

    from crawler.stages import worker_pool

    arguments, folder, environment, limit = order
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    for end in not_ours:
        end.close()
    os.setsid()
    os.chdir(folder)
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout = (open(n, mode, encoding="utf-8", closefd=False) for n, mode in enumerate("rw"))  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.path[0] = folder
    worker_pool.get_context = lambda _: multiprocessing.get_context("fork")  # type: ignore[assignment,attr-defined]
    way, what, *rest = arguments
    if way == "-c":
        sys.argv = [way, *rest]
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    else:
        assert way == "-m"
        sys.argv = [what, *rest]
        sys.modules.pop(what, None)  # it was imported for all; runpy warns of a program that was
        runpy.run_module(what, run_name="__main__", alter_sys=True)


def _import_all() -> None:
    """What the verbs import once they run, and the tables that take as long to read."""
    import importlib
    import pkgutil

    from crawler.configuration import settings
    from indexer.analysis.segmentation import segmenter
    from indexer.insight import read

    for package in ("crawler", "indexer", "search_api", "zhaoshang"):
        found = importlib.import_module(package)
        for module in pkgutil.walk_packages(found.__path__, f"{package}."):
            if module.name.rpartition(".")[2] not in LEFT_OUT and ".versions." not in module.name:
                importlib.import_module(module.name)
    read("示例市招商引资", "示例市与示范县共建飞地园区，引进一家江苏企业，总投资10亿元。")
    segmenter()
    assert not settings.cache_info().currsize, "a module reads the settings when it is imported: leave it out"


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve("\0" + sys.argv[2])
    else:
        sys.exit(run("\0" + sys.argv[2], sys.argv[3:]))
