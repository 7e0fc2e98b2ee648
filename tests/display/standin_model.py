"""An ONNX model with Kokoro's inputs and output that hums instead of speaking, written byte by byte.

It hums `SAMPLES` times the sum of its symbols long, at as many radians a sample as its style is on average.
"""

import struct
from collections.abc import Iterable

SAMPLES = 16
FLOAT, INT32, INT64 = 1, 6, 7


def model(symbols: str = "tokens", speed: int = FLOAT, wave: str = "Sin") -> bytes:
    """`symbols` and `speed`: as exports differ. `wave`: Log makes it say what is no sound."""
    nodes = [
        node("ReduceSum", [symbols], "sum", keepdims=0),
        node("Mul", ["sum", "samples"], "length"),
        node("Range", ["zero", "length", "one"], "steps"),
        node("Cast", ["steps"], "times", to=FLOAT),
        node("ReduceMean", ["style"], "pitch", keepdims=0),
        node("Mul", ["times", "pitch"], "phases"),
        node(wave, ["phases"], "hum"),
        node("Cast", ["speed"], "loud", to=FLOAT),
        node("Mul", ["hum", "loud"], "audio"),
    ]
    inputs = [value(symbols, INT64, [1, None]), value("style", FLOAT, [1, 256]), value("speed", speed, [1])]
    constants = [scalar("samples", SAMPLES), scalar("zero", 0), scalar("one", 1)]
    graph = [(1, nodes), (2, [b"hum"]), (5, constants), (11, inputs), (12, [value("audio", FLOAT, [None])])]
    return message((1, [8]), (8, [message((2, [13]))]), (7, [message(*graph)]))


def voice() -> bytes:
    """Each style is a little higher than the one before, so that one hears which was taken."""
    return b"".join(struct.pack("<f", pitch(n)) * 256 for n in range(1, 511))


def pitch(symbols: int) -> float:
    return 0.05 + symbols / 1000


def node(kind: str, inputs: list[str], output: str, **attributes: int) -> bytes:
    known = [message((1, [name.encode()]), (3, [value]), (20, [2])) for name, value in attributes.items()]
    return message((1, [name.encode() for name in inputs]), (2, [output.encode()]), (4, [kind.encode()]), (5, known))


def scalar(name: str, number: int) -> bytes:
    return message((2, [INT64]), (7, [number]), (8, [name.encode()]))


def value(name: str, kind: int, shape: list[int | None]) -> bytes:
    dims = [message((2, [b"n"])) if size is None else message((1, [size])) for size in shape]
    tensor = message((1, [kind]), (2, [message((1, dims))]))
    return message((1, [name.encode()]), (2, [message((1, [tensor]))]))


def message(*fields: tuple[int, Iterable[int | bytes]]) -> bytes:
    """Protocol buffers: numbers as varints, all else with its length."""
    return b"".join(field(number, one) for number, values in fields for one in values)


def field(number: int, one: int | bytes) -> bytes:
    if isinstance(one, int):
        return varint(number << 3) + varint(one)
    return varint(number << 3 | 2) + varint(len(one)) + one


def varint(number: int) -> bytes:
    low, rest = number & 127, number >> 7
    return bytes([low | 128]) + varint(rest) if rest else bytes([low])
