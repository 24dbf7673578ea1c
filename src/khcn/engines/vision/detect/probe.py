"""What an unknown network is: its input and outputs are read and become a card, or a question."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from khcn.engines.vision.detect.cards import (
    Decoder,
    Fit,
    LicenceClass,
    ModelCard,
    Thresholds,
    licence_class,
)
from khcn.engines.vision.detect.decode import STRIDES, tf_parts
from khcn.engines.vision.errors import ModelError
from khcn.engines.vision.types import Size

PERSON_OF = {20: 14, 21: 15, 80: 0, 81: 1, 90: 1, 91: 1}  # VOC and COCO, without and with a background class
LICENCE_WORDS = re.compile(rb"(AGPL-3\.0|GPL-3\.0|GPL-2\.0|CC-BY-NC[-A-Z0-9.]*|GNU AFFERO)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says about a model that cannot be read from it; ``None``: not said."""

    licence: str | None = None
    person: int | None = None
    colour: str | None = None
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    high: float | None = None
    low: float | None = None
    accept_licence: bool = False


def read_network(file: Path) -> Any:
    """Read a network for looking at it. Raises ModelError (broken, or OpenVINO is not installed)."""
    try:
        from khcn.engines.vision.detect.openvino_backend import read  # noqa: PLC0415  # optional extra
    except ImportError as error:
        raise ModelError("model-backend", backend="openvino") from error
    return read(file)


def derive(name: str, file: Path, model: Any, answers: Answers) -> ModelCard:
    """Return a card for ``model`` (an OpenVINO model) read from ``file``.

    Raises:
        ModelError: several inputs, another input or output shape, or a class that must be asked for.
    """
    layout, size = _input(name, model)
    decoder, classes = _output(name, model, size)
    person = answers.person
    if person is None:
        person = _person(name, decoder, classes)
    return ModelCard(
        name=name,
        title=name,
        licence=answers.licence or found_licence(file),
        decoder=decoder,
        sizes=(size,),
        fit=Fit.LETTERBOX if decoder is Decoder.YOLOX else Fit.STRETCH,
        colour=answers.colour or ("rgb" if decoder is Decoder.TF_SSD else "bgr"),
        layout=layout,
        mean=answers.mean,
        scale=answers.scale,
        person=person,
        thresholds=Thresholds(answers.high or (0.6 if decoder is Decoder.YOLOX else 0.5), answers.low or 0.3),
    )


def matches(card: ModelCard, model: Any) -> str:
    """Return why ``model`` cannot be what ``card`` says, or "" when it can."""
    try:
        layout, size = _input(card.name, model)
        decoder, _ = _output(card.name, model, card.sizes[0] if card.decoder is Decoder.TF_SSD else size)
    except ModelError as error:
        return str(error)
    wanted = Decoder.TF_SSD if card.decoder is Decoder.SSDLITE_BODY else card.decoder
    if decoder is not wanted:
        return f"{decoder.value} ≠ {wanted.value}"
    if wanted is not Decoder.TF_SSD and layout != card.layout:
        return f"{layout} ≠ {card.layout}"
    return ""


def found_licence(file: Path) -> str:
    """Return the licence that the file's own description or a LICENSE beside it names; "" when none does."""
    words = LICENCE_WORDS.search(file.read_bytes())
    if words:
        return words.group(1).decode("ascii").upper().replace("GNU AFFERO", "AGPL-3.0")
    for beside in sorted(file.parent.glob("LICEN[CS]E*")):
        head = " ".join(beside.read_text("utf-8", errors="replace")[:400].split())
        if licence_class(head) is not LicenceClass.UNKNOWN:
            return head[:60]
    return ""


def _input(name: str, model: Any) -> tuple[str, Size]:
    """Return "nchw" or "nhwc" and the size (300 x 300 where the network leaves it open)."""
    if len(model.inputs) != 1:
        raise ModelError("model-inputs", name=name, count=len(model.inputs))
    shape = model.inputs[0].partial_shape
    sides = [] if shape.rank.is_dynamic else [0 if side.is_dynamic else side.get_length() for side in shape]
    if len(sides) == 4 and sides[0] in {0, 1} and sides[1] == 3:
        return "nchw", Size(sides[3] or 416, sides[2] or 416)
    if len(sides) == 4 and sides[0] in {0, 1} and sides[3] == 3:
        return "nhwc", Size(sides[2] or 300, sides[1] or 300)
    raise ModelError("model-input", name=name, shape=str(shape))


def _output(name: str, model: Any, size: Size) -> tuple[Decoder, int]:
    """Return how the outputs speak, and the number of classes (0: unknown)."""
    ports = {port.any_name if port.names else f"output{n}": port for n, port in enumerate(model.outputs)}
    shapes = [_sides(port) for port in ports.values()]
    every = {each: port for port in model.outputs for each in port.names}
    if tf_parts(every):
        return Decoder.TF_SSD, 0
    if len(shapes) == 1:
        sides = shapes[0]
        if len(sides) == 4 and sides[3] == 7 and sides[1] in {0, 1}:
            return Decoder.SSD, _ssd_classes(model)
        cells = sum((size.width // stride) * (size.height // stride) for stride in STRIDES)
        if len(sides) == 3 and sides[1] in {0, cells} and sides[2] > 5:
            return Decoder.YOLOX, sides[2] - 5
    if len(shapes) == 2 and any(sides[-1:] == [5] for sides in shapes):
        return Decoder.BOXES, 0
    raise ModelError(
        "model-output", name=name, shape=", ".join(str(port.partial_shape) for port in model.outputs)
    )


def _sides(port: Any) -> list[int]:
    shape = port.partial_shape
    if shape.rank.is_dynamic:
        return []
    return [0 if side.is_dynamic else side.get_length() for side in shape]


def _ssd_classes(model: Any) -> int:
    """Return the number of classes with the background, from the shapes that go into DetectionOutput."""
    for node in model.get_ops():
        if node.get_type_name() == "DetectionOutput":
            boxes, classes = (_sides(node.input_value(port)) for port in (0, 1))
            if len(boxes) == 2 and len(classes) == 2 and boxes[1]:
                return int(classes[1] // (boxes[1] // 4))
    return 0


def _person(name: str, decoder: Decoder, classes: int) -> int | None:
    if classes in PERSON_OF:
        return PERSON_OF[classes]
    if decoder is Decoder.YOLOX and classes == 1:
        return 0
    if classes == 2 or (decoder is Decoder.BOXES):
        return None  # people and background: every box is a person
    raise ModelError("model-asks", name=name, classes=classes or "?")
