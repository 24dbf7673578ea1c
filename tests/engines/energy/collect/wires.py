"""Devices on real wires of this machine: a broker (amqtt) in a thread, and a publisher."""

import asyncio
import contextlib
import json
import logging
import socket
import threading
from typing import Any


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class BrokerThread:
    """An MQTT broker; ``stop`` and ``start`` again as a restarted machine would."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._done: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        logging.getLogger("amqtt").setLevel(logging.CRITICAL)
        logging.getLogger("transitions").setLevel(logging.CRITICAL)

    def start(self) -> "BrokerThread":
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(60)
        return self

    async def _serve(self, ready: threading.Event) -> None:
        from amqtt.broker import Broker

        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self.port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await broker.start()
        ready.set()
        await self._done.wait()
        with contextlib.suppress(Exception):
            await broker.shutdown()

    def stop(self) -> None:
        assert self._loop is not None and self._done is not None and self._thread is not None
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(10)


class Publisher:
    """Publishes JSON with QoS 1, each message only after the broker has the one before."""

    def __init__(self, port: int) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)
        self._client.connect_async("127.0.0.1", port, 10)
        self._client.loop_start()

    def say(self, topic: str, document: Any) -> bool:
        """Publish; return whether the broker has it (while it is away the message waits here)."""
        told = self._client.publish(topic, json.dumps(document), qos=1)
        try:
            told.wait_for_publish(30)
            return told.is_published()
        except (RuntimeError, ValueError):
            return False

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
