"""The formats of MQTT payloads by name, and a guess of which one a message is in. Pure; nothing here raises."""

from collections.abc import Callable
from typing import Final

from khcn.engines.energy.devices.mqtt import generic, shelly, tasmota
from khcn.engines.energy.devices.mqtt.message import Message, as_object, read_text
from khcn.engines.energy.devices.protocol import DeviceConfig
from khcn.engines.energy.devices.roles import in_role
from khcn.engines.energy.devices.values import read_number
from khcn.engines.energy.errors import DeviceError
from khcn.engines.energy.types import Sample

Parser = Callable[[Message, DeviceConfig], list[Sample]]
FORMATS: Final[dict[str, Parser]] = {
    "tasmota": tasmota.parse,
    "shelly": shelly.parse,
    "json": generic.parse_fields,
    "plain": generic.parse_plain,
}


def parse_message(message: Message, config: DeviceConfig) -> list[Sample]:
    """Return the samples of ``message`` for the device ``config`` (its ``template`` is the format)."""
    parser = FORMATS.get(config.template)
    samples = parser(message, config) if parser is not None else []
    return in_role(samples, config.options)


def check_format(config: DeviceConfig) -> None:
    """Raise DeviceError when ``config`` has no known format or its fields are not described."""
    if config.template not in FORMATS:
        raise DeviceError("mqtt-format", format=config.template, known=", ".join(FORMATS))
    if config.template == "json":
        generic.fields_of(config.options)
    if config.template == "plain":
        generic.topics_of(config.options)


def guess_format(message: Message) -> str:
    """Return the format that ``message`` seems to be in, "" when it is not clear."""
    document, problem = as_object(message.payload)
    if problem:
        text, _ = read_text(message.payload)
        if not text or read_number(text)[0] is None:
            return ""
        return "shelly" if shelly.FIRST.search(message.topic) else "plain"
    if isinstance(document.get("ENERGY"), dict) or isinstance(document.get("StatusSNS"), dict):
        return "tasmota"
    if document.get("method") in tuple(shelly.STATUS) or shelly.KEY.fullmatch(
        message.topic.rsplit("/", 1)[-1]
    ):
        return "shelly"
    return "json"
