"""A loopback proxy in front of a node, for what the node itself cannot do: TLS, refusals, a server that is busy.

What the tests with it show is the client's side alone: certificates, fingerprints, keys and answers as the product meets them. A server with real
security was not run.
"""

from __future__ import annotations

import http.client
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, object]]
Interfere = Callable[
    [str, str, dict[str, str], bytes], Answer | None
]  # method, path, headers, body → an answer, or None: pass on


def refusal(status: int, kind: str, reason: str) -> Answer:
    """An error as the server writes it."""
    cause = {"type": kind, "reason": reason}
    return status, {"error": {"root_cause": [cause], **cause}, "status": status}


@contextmanager
def proxy(upstream: str, interfere: Interfere, certificate: tuple[Path, Path] | None = None) -> Iterator[str]:
    """The proxy's URL; `certificate`: files of certificate and key."""
    target = urlsplit(upstream).netloc

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = interfere(self.command, self.path, headers, body)
            if answer is not None:
                status, told = answer
                content, kind = json.dumps(told).encode(), "application/json"
            else:
                connection = http.client.HTTPConnection(target, timeout=60)
                kept = {n: v for n, v in headers.items() if n not in ("host", "connection", "accept-encoding")}
                connection.request(self.command, self.path, body, kept)
                response = connection.getresponse()
                status, content = response.status, response.read()
                kind = response.getheader("content-type", "application/json")
                connection.close()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("x-elastic-product", "Elasticsearch")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # clients that do not trust the certificate hang up

    service = Server(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        service.socket = context.wrap_socket(service.socket, server_side=True, do_handshake_on_connect=False)
        scheme = "https"
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"{scheme}://127.0.0.1:{service.server_port}"
    finally:
        service.shutdown()
        service.server_close()
        thread.join()
