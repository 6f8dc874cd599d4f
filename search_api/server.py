"""The web server: uvicorn on the host and port of the settings, in one process or several."""

from __future__ import annotations

import errno
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.request import ProxyHandler, build_opener

import uvicorn
from uvicorn.supervisors import Multiprocess

from crawler.configuration import ConfigurationError, Settings, settings
from crawler.reasons import describe_error
from search_api.application import create_application
from search_api.web.addresses import Addresses
from search_api.web.connections import KEEP_ALIVE_SECONDS, BoundedProtocol
from search_api.web.limits import read_rates


class ServerError(ConfigurationError):
    """The server cannot listen where the settings say; the message is one line."""


def run(
    settings: Settings,
    *,
    workers: int = 1,
    on_ready: Callable[[str], None] | None = None,
    interrupts: Sequence[int] = (),
) -> None:
    """Serve until Ctrl-C, or not at all where `interrupts` holds one already (`note_interrupts`). `on_ready` is called with the web address once requests are taken. Raises ServerError."""
    application = partial(create_application, settings, workers)
    serve(settings, application, workers=workers, on_ready=on_ready, interrupts=interrupts)


def serve(
    settings: Settings,
    application: Callable[[], Any],
    *,
    workers: int = 1,
    on_ready: Callable[[str], None] | None = None,
    interrupts: Sequence[int] = (),
) -> None:
    """Serve any application so. Raises ServerError, and ConfigurationError for settings of access that cannot be read."""
    Addresses(settings)  # what is wrong with them is said once, before any process starts
    read_rates(settings.limits)
    listener = _listen(settings)
    if workers > 1 and hasattr(socket, "SO_REUSEPORT"):
        listener = _Reserved.instead_of(listener)
    address = address_of(settings.host, listener.getsockname()[1])
    config = configured(application, workers=workers)
    # uvicorn raises the signal again once it has stopped; Ctrl-C is how one ends, not a fault.
    with listener, suppress(KeyboardInterrupt):
        if workers > 1:
            _Workers(config, on_ready, address, listener).run()
        else:
            _Server(config, on_ready, address, interrupts).run(sockets=[listener])


def configured(application: Callable[[], Any], *, workers: int = 1) -> uvicorn.Config:
    """How uvicorn serves an application here: in bounds, and with no proxy believed but those that the application believes."""
    return uvicorn.Config(
        application,
        factory=True,
        workers=workers,
        http=BoundedProtocol,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        proxy_headers=False,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        timeout_worker_healthcheck=60,  # a worker that still imports on a busy machine is not dead
    )


def base_of(settings: Settings) -> str:
    """The web address in links that the command and the server for assistants write."""
    public = Addresses(settings).public
    return public[0] if public else address_of(settings.host, settings.port)


def application() -> object:
    """For `uvicorn --factory search_api.server:application --workers 2`."""
    return create_application(settings())


def note_interrupts() -> list[int]:
    """The signals of Ctrl-C from now until the server takes them itself. Python's own exception may be raised inside a callback, where it is lost, and the server would go on."""
    received: list[int] = []
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, lambda number, _frame: received.append(number))
    return received


class _Server(uvicorn.Server):
    def __init__(
        self,
        config: uvicorn.Config,
        on_ready: Callable[[str], None] | None,
        address: str,
        interrupts: Sequence[int] = (),
    ) -> None:
        super().__init__(config)
        self._on_ready, self._address, self._interrupts = on_ready, address, interrupts

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        if self._interrupts:
            self.should_exit = True
            return
        await super().startup(sockets=sockets)
        if self.started and self._on_ready:
            self._on_ready(self._address)


class _Reserved(socket.socket):
    """An address that is held without listening; each process that this socket is sent to listens there with a socket of its own.

    Of a socket that is shared, whichever process is awake first takes all connections that wait: eight kept connections went to one of two workers,
    and half of the machine slept. The kernel spreads connections over sockets of their own.
    """

    @classmethod
    def instead_of(cls, listener: socket.socket) -> _Reserved:
        family, kind, protocol, address = listener.family, listener.type, listener.proto, listener.getsockname()
        listener.close()
        return cls._bound(family, kind, protocol, address)

    @classmethod
    def _bound(cls, family: int, kind: int, protocol: int, address: tuple[object, ...]) -> _Reserved:
        made = cls(family, kind, protocol)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)
        return made

    @classmethod
    def _listening(cls, *where: object) -> _Reserved:
        made = cls._bound(*where)  # type: ignore[arg-type]
        made.listen(128)
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return self._listening, (self.family, self.type, self.proto, self.getsockname())


class _Workers(Multiprocess):
    """The first worker that answers says that the server is ready."""

    def __init__(
        self, config: uvicorn.Config, on_ready: Callable[[str], None] | None, address: str, listener: socket.socket
    ) -> None:
        super().__init__(config, sockets=[listener])
        self._on_ready, self._address = on_ready, address

    def init_processes(self) -> None:
        # Ctrl-C goes to all of them; a worker that is still importing would print where it was. uvicorn takes the signal up again.
        known = signal.signal(signal.SIGINT, signal.SIG_IGN)
        super().init_processes()
        signal.signal(signal.SIGINT, known)
        threading.Thread(target=self._tell, daemon=True).start()

    def _tell(self) -> None:
        until = time.monotonic() + 120
        while time.monotonic() < until and not self.should_exit.wait(0.1):
            with suppress(OSError):  # none listens yet
                build_opener(ProxyHandler({})).open(f"{self._address}/opensearch.xml", timeout=120).close()
                if self._on_ready:
                    self._on_ready(self._address)
                return


def _listen(settings: Settings) -> socket.socket:
    """A bound socket: a port in use is known before anything else starts."""
    where = address_of(settings.host, settings.port)
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Bound but not yet listening, two servers could share the port for a moment.
        listener.listen(128)
    except OSError as error:
        raise ServerError(_told(error, settings, where)) from error
    listener.set_inheritable(True)
    return listener


def _told(error: OSError, settings: Settings, where: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"端口 {settings.port} 已被占用（{where}）：请停掉占用它的程序，或用 ZHAOSHANG_PORT 另指定一个"
    if error.errno == errno.EACCES:
        return f"没有权限监听端口 {settings.port}：1024 以下的端口要系统权限，请用 ZHAOSHANG_PORT 另指定一个"
    return f"不能在 {where} 上监听（{describe_error(error)}）：请检查 ZHAOSHANG_HOST 和 ZHAOSHANG_PORT"


def address_of(host: str, port: int) -> str:
    """http://127.0.0.1:8000."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
