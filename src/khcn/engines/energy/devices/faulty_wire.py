"""A cable that can be bad on purpose: a relay between a client and a device's port, for simulators and tests.

``mode`` may be changed while it runs: ``good``; ``slow`` (every answer waits ``delay_s``); ``silent`` (nothing comes
back); ``drop`` (the connection is cut when the device answers); ``garble`` (answers are noise); ``drip`` (answers come
one byte a second); ``one_client`` (a second client is cut off at once, as many inverters do).
"""

import contextlib
import socket
import threading
import time
from typing import Final

MODES: Final = ("good", "slow", "silent", "drop", "garble", "drip", "one_client")


class FaultyWire:
    """A relay on ``127.0.0.1:port`` to ``target``. Use as a context manager or call :meth:`close`."""

    def __init__(
        self, target: tuple[str, int], *, mode: str = "good", delay_s: float = 0.2, port: int = 0
    ) -> None:
        self.target, self.mode, self.delay_s = target, mode, delay_s
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "FaultyWire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Cut everything."""
        self._closed.set()
        for one in (self._listener, *tuple(self._open)):
            _cut(one)

    def hang_up(self) -> None:
        """Cut the connections that stand; new ones are welcome."""
        for one in tuple(self._open):
            _cut(one)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self.mode == "one_client" and self._open:
                _cut(client)
                continue
            try:
                device = socket.create_connection(self.target, timeout=5)
            except OSError:
                _cut(client)
                continue
            self._open |= {client, device}
            threading.Thread(target=self._carry, args=(client, device, False), daemon=True).start()
            threading.Thread(target=self._carry, args=(device, client, True), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        try:
            while data := source.recv(4096):
                if answers:
                    self._answer(sink, data)
                else:
                    sink.sendall(data)
        except OSError:
            pass
        finally:
            for one in (source, sink):
                self._open.discard(one)
                _cut(one)

    def _answer(self, sink: socket.socket, data: bytes) -> None:
        mode = self.mode
        if mode == "drop":
            raise OSError("cut on purpose")
        if mode == "slow":
            time.sleep(self.delay_s)
        if mode == "garble":
            data = bytes(one ^ 0x5A for one in data)
        if mode == "drip":
            for at in range(len(data)):
                sink.sendall(data[at : at + 1])
                time.sleep(self.delay_s)
        elif mode != "silent":
            sink.sendall(data)


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
