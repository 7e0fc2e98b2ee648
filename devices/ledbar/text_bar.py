"""Simple bars: a frame of delimiters, perhaps an address, the text as it is, perhaps a checksum. No I/O.

A frame is a row of fields: two hex digits for a fixed byte, `address` (one byte) or `address_ascii` (two digits),
`length` (bytes of the text), `text` or `level`, and a checksum, `sum8` or `xor8`, over what stands between "(" and
")", or over all before it where there are none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from devices.checksums import sum8, xor8
from devices.ledbar.speech import Reply, Request

Fields = tuple[str, ...]
VARIABLE = ("address", "address_ascii", "length", "text", "level")
CHECKSUMS = {"sum8": sum8, "xor8": xor8}
BRACKETS = ("(", ")")


@dataclass(frozen=True)
class TextBarProfile:
    """What one make of simple bar understands. An empty row of fields: there is no such frame.

    `longest` is the most bytes of text that it takes, `steps` its brightest level.
    """

    show: Fields
    encoding: str
    longest: int
    clear: Fields = ()
    probe: Fields = ()
    dim: Fields = ()
    steps: int = 100
    accept: Fields = ()
    refuse: Fields = ()
    turnround_s: float = 0.02
    answer_s: float = 1.0

    @property
    def highest_address(self) -> int:
        """0 where bars have no address, so that each needs a line of its own."""
        if "address_ascii" in self.show:
            return 99
        return 255 if "address" in self.show else 0

    @property
    def ends(self) -> set[int]:
        """Bytes by which the bar knows where a text begins and ends. It need not, where the length is said."""
        known = () if "length" in self.show else (self.show[0], self.show[-1])
        return {int(end, 16) for end in known}


def render(fields: Fields, address: int, body: bytes = b"") -> bytes:
    """The frame's bytes, `body` standing for its `text` or `level`."""
    values = {
        "address": bytes([address]),
        "address_ascii": b"%02d" % address,
        "length": bytes([len(body) & 0xFF]),
        "text": body,
        "level": body,
    }
    frame, covered = b"", slice(0)
    for at, field in enumerate(fields):
        if field == "(":
            covered = slice(len(frame), None)
        elif field == ")":
            covered = slice(covered.start, len(frame))
        elif field in CHECKSUMS:
            frame += bytes([CHECKSUMS[field](frame[covered] if "(" in fields[:at] else frame)])
        else:
            frame += values[field] if field in values else bytes.fromhex(field)
    return frame


def encode_text(text: str, profile: TextBarProfile) -> bytes:
    """As much as there is room for; "?" for what the bar has no letter for or what would end its frame."""
    encoded = b""
    for char in text:
        piece = _encode_char(char, profile)
        if len(encoded) + len(piece) > profile.longest:
            break
        encoded += piece
    return encoded


def _encode_char(char: str, profile: TextBarProfile) -> bytes:
    if not char.isprintable():
        return b""
    piece = char.encode(profile.encoding, errors="replace")
    return b"?" if profile.ends & set(piece) else piece


class WordReader:
    """Finds fixed `words` in what arrives. Keeps less than the longest of them; noise goes byte by byte.

    No word may begin with another. `resyncs` counts how often bytes were thrown away.
    """

    def __init__(self, words: Iterable[bytes]) -> None:
        self._words = frozenset(words)
        self._held = b""
        self._lost = False
        self.resyncs = 0

    def feed(self, data: bytes) -> list[bytes]:
        return [word for byte in data if (word := self._byte(byte))]

    def forget(self) -> None:
        self._held = b""

    def _byte(self, byte: int) -> bytes:
        self._held += bytes([byte])
        while self._held and not any(word.startswith(self._held) for word in self._words):
            self._held = self._held[1:]
            self.resyncs += not self._lost
            self._lost = True
        if self._held not in self._words:
            return b""
        word, self._held, self._lost = self._held, b"", False
        return word


class TextBarSpeech:
    """A simple bar in the words that all bars share. Its answers carry no question, so any due one is to the last."""

    def __init__(self, address: int, profile: TextBarProfile) -> None:
        self._address = address
        self._profile = profile
        self._verdicts = _verdicts(address, profile)
        self._reader = WordReader(self._verdicts)

    @property
    def answers(self) -> bool:
        return bool(self._verdicts)

    @property
    def resyncs(self) -> int:
        return self._reader.resyncs

    def show(self, text: str) -> Request:
        body = encode_text(text, self._profile)
        if not body.strip() and self._profile.clear:
            return self._request(self._profile.clear)
        return self._request(self._profile.show, body or b" ")

    def dim(self, percent: int) -> Request | None:
        level = max(round(percent * self._profile.steps / 100), 1)
        return self._request(self._profile.dim, bytes([level])) if self._profile.dim else None

    def probe(self) -> Request | None:
        return self._request(self._profile.probe) if self._profile.probe else None

    def hear(self, data: bytes, request: Request | None) -> list[Reply]:
        words = self._reader.feed(data)
        return [Reply(self._verdicts[word], word.hex(" ")) for word in words] if request else []

    def forget(self) -> None:
        self._reader.forget()

    def _request(self, fields: Fields, body: bytes = b"") -> Request:
        return Request(render(fields, self._address, body))


def _verdicts(address: int, profile: TextBarProfile) -> Mapping[bytes, bool]:
    answers = ((profile.accept, True), (profile.refuse, False))
    return {render(fields, address): accepted for fields, accepted in answers if fields}
