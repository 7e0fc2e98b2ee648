"""Halls to begin with: what the first-run guide offers, and what it makes of the answers. Pure.

Sizes are those of social insurance halls; names are meant to be changed.
"""

from dataclasses import dataclass, replace

from server.contract.admin import SessionSettings
from server.contract.first_run import Hours, ItemTemplate, QueueRow, Template, WindowRow
from server.contract.settings_document import ItemPart, QueuePart, Serves, SettingsDocument, WindowPart


def _week(days: range, *times: tuple[int, int]) -> tuple[SessionSettings, ...]:
    return tuple(SessionSettings(day, opens * 30, closes * 30) for day in days for opens, closes in times)


HOURS = (
    Hours("split", "周一至周五 8:30–11:30、13:00–16:30", "Mon–Fri, closed at noon",
          _week(range(1, 6), (17, 23), (26, 33)), 15),
    Hours("through", "周一至周五 9:00–17:00，中午不休息", "Mon–Fri, all day", _week(range(1, 6), (18, 34)), 15),
    Hours("saturday", "周一至周六 9:00–17:00，中午不休息", "Mon–Sat, all day", _week(range(1, 7), (18, 34)), 15),
    Hours("always", "不限时段，随时取号", "At any time", (), 0),
)  # fmt: skip
"""In half hours. The cut-off is in minutes."""

_A = QueueRow("A", "个人综合", "Personal services")
_B = QueueRow("B", "养老待遇与转移", "Pensions & transfers")
_C = QueueRow("C", "医疗报销与备案", "Medical claims")
_D = QueueRow("D", "单位业务", "Employers")
_E = QueueRow("E", "工伤失业生育", "Injury, unemployment, maternity")
_G = QueueRow("G", "绿色通道", "Green lane")
_N = QueueRow("N", "办不成事反映", "Unresolved matters")
_V = QueueRow("V", "大企业直通车", "Large-employer express")
_Z = QueueRow("Z", "咨询导办", "Guide desk")

TEMPLATES = (
    Template("small", "小型大厅，5 个窗口", "A small hall, 5 windows", (_A, _D, _N),
             (WindowRow(1, 3, ("A",)), WindowRow(4, 4, ("A", "D")), WindowRow(5, 5, ("D", "N")))),
    Template("medium", "中型大厅，12 个窗口", "A medium hall, 12 windows", (_A, _B, _C, _D, _G, _N),
             (WindowRow(1, 4, ("A",)), WindowRow(5, 6, ("B",)), WindowRow(7, 8, ("C",)), WindowRow(9, 10, ("D",)),
              WindowRow(11, 11, ("A", "G")), WindowRow(12, 12, ("N",)))),
    Template("large", "大型大厅，40 个窗口", "A large hall, 40 windows", (_A, _B, _C, _D, _E, _G, _V, _N, _Z),
             (WindowRow(1, 10, ("A",), "A"), WindowRow(11, 16, ("B",), "A"), WindowRow(17, 20, ("C",), "A"),
              WindowRow(21, 22, ("A", "G"), "A"), WindowRow(23, 32, ("D",), "B", 2),
              WindowRow(33, 36, ("E",), "B", 2), WindowRow(37, 37, ("V", "D"), "B", 2),
              WindowRow(38, 38, ("N",), "B", 2), WindowRow(39, 40, ("Z", "A"), "A"))),
)  # fmt: skip

ITEMS = (
    ItemTemplate("SB-01", "单位社会保险登记", ("D", "A"), "《社会保险法》第五十七条"),
    ItemTemplate("SB-02", "职工参保增减变动", ("D", "A"), "《社会保险法》第五十八条"),
    ItemTemplate("SB-03", "灵活就业人员参保登记", ("A",), "《社会保险法》第十条、第五十八条"),
    ItemTemplate("SB-04", "城乡居民养老保险参保登记", ("A",), "《社会保险法》第二十二条"),
    ItemTemplate("SB-05", "企业职工退休待遇核定申请", ("B", "A"), "《社会保险法》第十六条"),
    ItemTemplate("SB-06", "养老保险关系转移接续", ("B", "A"), "《社会保险法》第十九条"),
    ItemTemplate("SB-07", "养老待遇领取资格认证", ("B", "A"), "《社会保险法》第十六条"),
    ItemTemplate("SB-08", "医疗费用手工报销", ("C", "A"), "《社会保险法》第二十八条"),
    ItemTemplate("SB-09", "异地就医备案", ("C", "A"), "《社会保险法》第二十九条"),
    ItemTemplate("SB-10", "工伤医疗费用报销", ("E", "A"), "《社会保险法》第三十八条"),
    ItemTemplate("SB-11", "失业保险金申领", ("E", "A"), "《社会保险法》第五十条"),
    ItemTemplate("SB-12", "参保缴费证明打印", ("A",), "《社会保险法》第七十四条"),
)
"""Of the ten public fields only the law is known beforehand; the rest is the hall's own. Each goes to the first of
its queues that the hall has."""


MOST_WINDOWS = 500


@dataclass(frozen=True)
class Founded:
    """`row` names the answer that cannot be, as "windows[2].first"."""

    row: str
    zh: str
    en: str


def found(
    doc: SettingsDocument, queues: tuple[QueueRow, ...], windows: tuple[WindowRow, ...]
) -> SettingsDocument | Founded:
    """The document with these queues and windows for its own; or what is wrong with an answer. What else is wrong of
    it, `settings_check` says. Items keep their queue, or go to the first one."""
    wrong = next((told for i, row in enumerate(windows) if (told := _wrong(i, row, windows[:i]))), None)
    if wrong is not None:
        return wrong
    parts = tuple(
        QueuePart(queue.code.strip().upper(), queue.name.strip(), queue.name_en.strip()) for queue in queues
    )
    width = max([2, *(len(str(row.last)) for row in windows)])
    made = tuple(_window(row, str(n).zfill(width), queues) for row in windows for n in range(row.first, row.last + 1))
    codes = [queue.code for queue in parts]
    items = tuple(item if item.queue in codes else replace(item, queue=codes[0]) for item in doc.items if codes)
    return replace(doc, queues=parts, windows=made, items=items, plans=())


def _wrong(i: int, row: WindowRow, before: tuple[WindowRow, ...]) -> Founded | None:
    if not 1 <= row.first <= row.last <= MOST_WINDOWS:
        zh, en = f"窗口号应从小到大，在 1 到 {MOST_WINDOWS} 之间", f"must be 1 to {MOST_WINDOWS}, the smaller first"
        return Founded(f"windows[{i}].first", zh, en)
    if any(row.first <= other.last and other.first <= row.last for other in before):
        return Founded(f"windows[{i}].first", "与上面的窗口号重叠", "must not overlap the windows above")
    if not row.queues:
        return Founded(f"windows[{i}].queues", "请至少选一个队列", "must name at least one queue")
    return None


def _window(row: WindowRow, no: str, queues: tuple[QueueRow, ...]) -> WindowPart:
    """Named by what it does, where that is one thing."""
    names = [queue.name.strip() for queue in queues if queue.code in row.queues]
    name = names[0] if len(names) == 1 else "综合窗口"
    return WindowPart(no, name, row.zone.strip(), row.floor, serves=tuple(Serves(code) for code in row.queues))


def with_items(doc: SettingsDocument, codes: tuple[str, ...]) -> SettingsDocument:
    """The document with these templates for items; those that are there already stay as they are."""
    known, queues = {item.code for item in doc.items}, [queue.code for queue in doc.queues]
    new = tuple(
        ItemPart(item.code, item.name, next((code for code in item.queues if code in queues), queues[0]),
                 legal_basis=item.legal_basis)
        for item in ITEMS if queues and item.code in codes and item.code not in known
    )  # fmt: skip
    return replace(doc, items=(*doc.items, *new))
