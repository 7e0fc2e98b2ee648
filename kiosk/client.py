"""The server as a kiosk, its devices and a gateway see it. How it fails: see `machine.client`."""

from typing import Any
from urllib.parse import quote

from machine.client import READ_S, Away, MachineClient, Refused, parsed
from server.contract.board import Board
from server.contract.desk import PrintWishes, Reprint
from server.contract.devices import HealthReport
from server.contract.ratings import RatingAnswer, SubmitRating
from server.contract.sms import SmsKept, SmsReceived, SmsReport, SmsTaken, TakeSms
from server.contract.tickets import CancelTicket, PrintResult, TakeTicket, Ticket
from server.contract.windows import WindowCommand, WindowView

__all__ = ["Away", "Client", "Refused"]


class Client(MachineClient):
    """With what a kiosk, its devices and a gateway ask for."""

    def board(self) -> Board:
        return parsed(Board, self.ask("GET", "/api/v1/board"))

    def take(self, wish: TakeTicket, read_s: float = READ_S) -> Ticket:
        return parsed(Ticket, self.ask("POST", "/api/v1/tickets", wish, read_s=read_s))

    def ticket(self, code: str) -> Ticket:
        """The ticket with this public id. `Refused` with ticket_not_found when there is none."""
        return parsed(Ticket, self.ask("GET", f"/api/v1/tickets/{quote(code, safe='')}"))

    def wishes(self) -> PrintWishes:
        """What the guide desk asks this machine to print and nobody took yet."""
        return parsed(PrintWishes, self.ask("GET", "/api/v1/tickets/reprints"))

    def take_wish(self, wish: str, request_id: str, read_s: float = READ_S) -> Reprint:
        path = f"/api/v1/tickets/reprints/{quote(wish, safe='')}/take"
        return parsed(Reprint, self.ask("POST", path, WindowCommand(request_id), read_s=read_s))

    def find(self, request_id: str) -> Ticket | None:
        """The ticket that this request made, or None when the server never had the request."""
        try:
            answer = self.ask("GET", "/api/v1/tickets", params={"request_id": request_id})
        except Refused as refused:
            if refused.code == "ticket_not_found":
                return None
            raise
        return parsed(Ticket, answer)

    def print_result(self, ticket_id: str, result: PrintResult) -> None:
        self.ask("POST", f"/api/v1/tickets/{quote(ticket_id, safe='')}/print-result", result)

    def cancel(self, ticket_id: str, command: CancelTicket) -> None:
        self.ask("POST", f"/api/v1/tickets/{quote(ticket_id, safe='')}/cancel", command)

    def rate(self, rating: SubmitRating) -> RatingAnswer:
        return parsed(RatingAnswer, self.ask("POST", "/api/v1/ratings", rating))

    def window(self, no: str) -> WindowView:
        """The window of a call pad, as its clerk sees it."""
        return parsed(WindowView, self.ask("GET", f"/api/v1/windows/{quote(no, safe='')}"))

    def at_window(self, no: str, command: str, body: Any) -> WindowView:
        """A call pad's key; `command` is the last word of the path, as in `docs/wire.md`."""
        return parsed(WindowView, self.ask("POST", f"/api/v1/windows/{quote(no, safe='')}/{command}", body))

    def take_sms(self, request_id: str) -> SmsTaken:
        """The next short message to send. A gateway that asks again is given the same until it reports."""
        return parsed(SmsTaken, self.ask("POST", "/api/v1/sms/take", TakeSms(request_id)))

    def report_sms(self, message: str, report: SmsReport) -> None:
        self.ask("POST", f"/api/v1/sms/{quote(message, safe='')}/report", report)

    def deliver_sms(self, received: SmsReceived) -> SmsKept:
        """Once this returns the server has it durably."""
        return parsed(SmsKept, self.ask("POST", "/api/v1/sms/received", received))

    def health(self, report: HealthReport) -> None:
        self.ask("POST", "/api/v1/devices/health", report)
