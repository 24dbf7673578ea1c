"""The health page of a process that runs for ever: its status for whoever watches over it."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HealthServer:
    """``GET /health`` on this machine: the status as JSON; 200 when all is well, 503 when something needs a person."""

    def __init__(self, status: Callable[[], Mapping[str, Any]], *, port: int = 0) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = 10

            def do_GET(self) -> None:
                if self.path.split("?")[0] not in {"/health", "/healthz"}:
                    self.send_error(404)
                    return
                found = status()
                body = json.dumps(found, ensure_ascii=False).encode()
                self.send_response(200 if found.get("ok") else 503)
                self.send_header("Content-Type", "application/json; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: a probe comes every few seconds."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(
            target=lambda: self._server.serve_forever(poll_interval=0.2), name="health", daemon=True
        ).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
