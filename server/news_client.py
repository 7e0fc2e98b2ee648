"""The Socket.IO client of those who follow the news. Shared by kiosk and display."""

from typing import Any

import engineio
import socketio


class _InOrder(engineio.Client):  # type: ignore[misc]  # engineio ships no types
    """The library gives each message a thread of its own, and threads overtake one another: a call could be heard
    before the one that was made first. Here the reading thread hands them on itself."""

    def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        return super()._trigger_event(event, *args, **{**kwargs, "run_async": False})


class NewsClient(socketio.Client):  # type: ignore[misc]  # socketio ships no types
    """Hears news in the order in which the server sent them. A handler must be quick and must not `call` or `emit`
    with an answer: it holds up the line. It does not reconnect by itself; its owner decides when."""

    def __init__(self, **options: Any) -> None:
        super().__init__(reconnection=False, handle_sigint=False, **options)

    def _engineio_client_class(self) -> type[_InOrder]:
        return _InOrder
