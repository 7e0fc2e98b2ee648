"""A BX-5 card in the words that all bars share."""

from devices.ledbar.bx5 import CLEAR, PING, AnswerReader, Area, dynamic_area, encode, encode_text
from devices.ledbar.speech import Reply, Request


class Bx5Speech:
    """`screen` is the number that is set in the card, 1 as it comes from the factory."""

    answers = True

    def __init__(self, screen: int, area: Area) -> None:
        self._screen = screen
        self._area = area
        self._reader = AnswerReader()

    @property
    def resyncs(self) -> int:
        return self._reader.resyncs

    def show(self, text: str) -> Request:
        encoded = encode_text(text)
        if not encoded.strip():
            return self._request(CLEAR)
        return self._request(dynamic_area(encoded, self._area, moving=not self._area.holds(encoded)))

    def dim(self, percent: int) -> None:
        return None

    def probe(self) -> Request:
        return self._request(PING)

    def hear(self, data: bytes, request: Request | None) -> list[Reply]:
        answers = self._reader.feed(data)
        if request is None:
            return []
        ours = [answer for answer in answers if answer.answers(request.body, self._screen)]
        return [Reply(answer.accepted, f"error {answer.error}") for answer in ours]

    def forget(self) -> None:
        self._reader.forget()

    def _request(self, body: bytes) -> Request:
        return Request(encode(body, self._screen), body)
