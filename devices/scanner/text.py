"""From bytes or keys to what was scanned. No I/O; whatever comes in, nothing grows without bound."""

MOST_CHARACTERS = 512
"""A QR code of a ticket has about 60; a longer text is none of ours and is thrown away whole."""

LINE, GAP = "line", "gap"
ENDS = (LINE, GAP)

_ENTER = frozenset({28, 96})
_SHIFT = frozenset({42, 54})
# First code of a run, its characters, the same with shift: linux/input-event-codes.h on the US layout.
_ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
)
_PLAIN = {first + n: char for first, chars, _ in _ROWS for n, char in enumerate(chars)}
_SHIFTED = {first + n: char for first, _, chars in _ROWS for n, char in enumerate(chars)}
_UP, _DOWN = 0, 1


class ScannedText:
    """Bytes of a scanner on a serial line. `end`: "line", a scan ends with CR or LF; "gap", it ends with silence."""

    def __init__(self, end: str = LINE) -> None:
        self._end = end
        self._held = bytearray()
        self._too_long = False
        self.dropped = 0

    def feed(self, data: bytes) -> list[str]:
        scans = []
        for byte in data:
            if byte in b"\r\n":
                scans += self._finish()
            elif len(self._held) < MOST_CHARACTERS:
                self._held.append(byte)
            else:
                self._too_long = True
        return scans

    def silence(self) -> list[str]:
        """Nothing came for a while: the end of a scan, or half of one that is given up."""
        if self._end == GAP:
            return self._finish()
        self._too_long |= bool(self._held)
        return self._finish()

    def _finish(self) -> list[str]:
        held, too_long = bytes(self._held), self._too_long
        self._held.clear()
        self._too_long = False
        self.dropped += too_long
        text = held.decode("utf-8", "replace").strip()
        return [text] if text and not too_long else []


class TypedText:
    """Keys of a scanner that is a keyboard: US layout, as these are delivered, ended by Enter."""

    def __init__(self) -> None:
        self._held = ""
        self._shift: set[int] = set()
        self._spoilt = False
        self.dropped = 0

    def key(self, code: int, value: int) -> str | None:
        """One EV_KEY event; the text when it is the Enter behind one. Held keys do not repeat."""
        if code in _SHIFT:
            (self._shift.discard if value == _UP else self._shift.add)(code)
        elif value == _DOWN and code in _ENTER:
            return self._finish()
        elif value == _DOWN:
            self._type((_SHIFTED if self._shift else _PLAIN).get(code, ""))
        return None

    def lost(self) -> None:
        """The kernel dropped keys that nobody fetched in time: a code with a gap may be another ticket's."""
        self._shift.clear()
        self._spoilt = True

    def _type(self, char: str) -> None:
        if len(self._held) < MOST_CHARACTERS:
            self._held += char
        else:
            self._spoilt = True

    def _finish(self) -> str | None:
        text, spoilt = self._held.strip(), self._spoilt
        self._held, self._spoilt = "", False
        self.dropped += spoilt
        return None if spoilt or not text else text
