"""How many tickets the paper is still good for. Pure; an estimate, as rolls and sensors are."""

from devices.escpos.profile import PrinterProfile

STEP = 5
"""Told in such steps: a figure that looks exact would be believed."""


class PaperGauge:
    """Counts down from the roll's change, and anew from the moment that the sensor says low."""

    def __init__(self, profile: PrinterProfile) -> None:
        self._full, self._low_mark = profile.tickets_per_roll, profile.tickets_when_low
        self._faults: frozenset[str] = frozenset()
        self.left: int | None = None
        """Tickets; None until a roll's change or the sensor was seen."""

    def hear(self, faults: frozenset[str]) -> None:
        """The printer's faults as they are now."""
        came, went = faults - self._faults, self._faults - faults
        self._faults = faults
        if "paper_out" in faults:
            self.left = 0
        elif went & {"paper_out", "paper_low"}:
            self.left = self._low_mark if "paper_low" in faults else self._full
        elif "paper_low" in came:
            self.left = self._low_mark

    def printed(self) -> None:
        if self.left is not None:
            self.left = max(self.left - 1, 0)

    @property
    def words(self) -> str:
        """For staff, while paper is low; else empty."""
        if self.left is None or "paper_low" not in self._faults or "paper_out" in self._faults:
            return ""
        about = self.left // STEP * STEP
        if not about:
            return "纸即将用完 / the paper is about to end"
        return f"约剩 {about} 张 / about {about} tickets left"
