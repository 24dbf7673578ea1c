"""An MQTT broker inside the tests (amqtt), with accounts when asked."""

import asyncio
import contextlib
import logging
import socket
import threading
import time


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class TestBroker:
    """Runs until :meth:`stop`; can be stopped and started again at the same port."""

    __test__ = False

    def __init__(self, *, password_file=None):
        self.port = free_port()
        self._password_file = password_file
        self._loop = self._broker = None

    def start(self):
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(60)
        return self

    def stop(self):
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join(10)
            self._loop = None

    def subscribed(self, topic, seconds=60):
        """Wait until somebody is subscribed to the filter ``topic``: what is published before is heard by nobody."""
        until = time.monotonic() + seconds
        while not self._broker._subscriptions.get(topic):
            assert time.monotonic() < until, f"nobody subscribed to {topic}"
            time.sleep(0.01)

    async def _serve(self):
        from amqtt.broker import Broker

        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)
        plugins = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
        if self._password_file is not None:
            plugins = {
                "amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(self._password_file)}
            }
        config = {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
            "plugins": plugins,
        }
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._broker = broker = Broker(config)
        await broker.start()
        self._ready.set()
        await self._end.wait()
        with contextlib.suppress(Exception):
            await broker.shutdown()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
