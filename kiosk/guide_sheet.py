"""A public item's ten fields as a sheet to take home (一次性告知 at the kiosk). Pure: board to layout."""

from devices.paper import Columns, Cut, Element, Feed, Layout, Rule, Text, width
from server.contract.board import ItemView

NOT_SAID = "见大厅公示"
"""What stands where the hall has not filled a field: none of the ten may be missing."""


def guide_sheet(item: ItemView, hall_name: str, columns: int) -> Layout:
    """Short fields stand beside their names, long ones below, wrapped to so many ASCII columns."""
    lines: list[Element] = [Text(hall_name), Feed(), Text(item.name, size=2, bold=True), Rule()]
    for name, said in _fields(item):
        lines += _field(name, said or NOT_SAID, columns)
    return (*lines, Rule(), Text("以窗口最新公布为准"), Cut())


def _fields(item: ItemView) -> tuple[tuple[str, str], ...]:
    """The ten public fields, in the order in which they are published."""
    return (
        ("事项名称", item.name),
        ("法律依据", item.legal_basis),
        ("办理主体", item.handling_body),
        ("办理流程", " → ".join(item.process)),
        ("申报材料", "\n".join(f"{n}. {one}" for n, one in enumerate(item.materials, 1))),
        ("承诺时限", item.promise),
        ("收费标准及依据", item.fee),
        ("办理地点", item.location),
        ("监督机构", item.supervisor),
        ("投诉电话", item.complaint_tel),
    )


def _field(name: str, said: str, columns: int) -> list[Element]:
    if "\n" not in said and width(name) + 1 + width(said) <= columns:
        return [Columns(name, said)]
    return [Text(name, align="left", bold=True), *(Text(line, align="left") for line in said.splitlines())]
