"""Workbooks of items and staff, out and in again, through HTTP: all or nothing, and every wrong cell by its name."""

import io
import json
import zipfile

import pytest
import structlog
from openpyxl import Workbook, load_workbook

from server.cli import LOG

ITEM_HEADS = [
    "编码", "事项名称", "队列", "法律依据", "办理主体", "办理流程", "申报材料", "承诺时限", "收费标准及依据",
    "办理地点", "监督机构", "投诉电话", "预计用时（分钟）", "在用",
]  # fmt: skip
STAFF_HEADS = ["用户名", "姓名", "工号", "角色", "监督牌姓名", "岗位", "徽章", "在用"]
LINA = ["lina", "李娜", "1001", "窗口人员", "李老师", "综合岗", "服务标兵、党员", "是"]


@pytest.fixture
def boss(hall):
    return hall.person("boss", "admin")


def export(caller, what):
    answer = caller.client.get(f"/api/v1/admin/{what}.xlsx", headers=caller.headers)
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return load_workbook(io.BytesIO(answer.data)).active


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(heads, *rows, title="事项"):
    book = Workbook()
    page = book.active
    page.title = title
    for row in (heads, *rows):
        page.append(row)
    return saved(book)


def send(caller, path, data):
    answer = caller.client.post(f"/api/v1/admin/{path}", data=data, headers=caller.headers)
    return answer.status_code, answer.json


def check(caller, what, data):
    status, answer = send(caller, f"{what}/import/check", data)
    assert status == 200, answer
    return answer


def refused(caller, what, data):
    status, answer = send(caller, f"{what}/import/check", data)
    assert (status, answer["field"]) == (422, "file"), answer
    return answer["detail"]


def bring(caller, what, data):
    found = check(caller, what, data)
    assert found["wrong"] == []
    status, answer = send(caller, f"{what}/import/{found['plan']}", data)
    assert status == 200, answer
    return answer


def item(caller, code):
    status, answer = caller.get(f"/admin/items/{code}")
    return answer["versions"] if status == 200 else None


# ── out ──


def test_the_items_come_out_with_heads_types_and_the_halls_name(hall, boss):
    page = export(boss, "items")
    assert page["A1"].value == hall.rows("SELECT name FROM hall")[0][0] + "　事项　2026-03-02"
    assert [cell.value for cell in page[2]] == ITEM_HEADS
    assert (page.freeze_panes, page.print_title_rows) == ("A3", "$1:$2")
    first = [cell.value for cell in page[3]]
    assert first[0] == "SB-01" and first[5].split("\n")[0] == "取号" and first[12] == 12 and first[13] == "是"
    assert {cell.data_type for cell in page[3]} == {"s", "n"} and page["M3"].data_type == "n"
    assert page.max_row == 2 + 12


def test_what_looks_like_a_formula_goes_out_as_text_and_comes_back_the_same(hall, boss):
    fields = item(boss, "SB-01")[0]["shown"]
    signs = {"fee": "=1+1", "promise": "+5", "location": "-楼", "supervisor": "@监督"}
    assert boss.do("/admin/items/SB-01", method="PUT", **{**fields, **signs})[0] == 200
    answer = boss.client.get("/api/v1/admin/items.xlsx", headers=boss.headers)
    page = load_workbook(io.BytesIO(answer.data)).active
    row = dict(zip(ITEM_HEADS, page[3], strict=True))
    for head, text in (("收费标准及依据", "=1+1"), ("承诺时限", "+5"), ("办理地点", "-楼"), ("监督机构", "@监督")):
        assert (row[head].value, row[head].data_type, row[head].quotePrefix) == (text, "s", True)
    found = check(boss, "items", answer.data)
    assert (found["added"], found["changed"], found["same"], found["wrong"]) == (0, 0, 12, [])


# ── in ──


def test_a_book_of_items_is_one_change_of_the_settings_and_undone_as_one(hall, boss):
    page = export(boss, "items")
    page["I3"], page["N4"] = "每件 10 元", "否"
    bring(boss, "items", saved(page.parent))
    (change,) = boss.get("/admin/settings/history")[1]["changes"]
    assert change["who"] == "admin:boss" and len(change["changes"]) == 2
    assert boss.do("/admin/settings/undo", change=change["id"])[0] == 200
    assert item(boss, "SB-01")[0]["shown"]["fee"] != "每件 10 元" and item(boss, "SB-02")[0]["shown"]["active"]


def test_a_book_is_checked_then_applied_and_each_change_is_a_version(hall, boss):
    page = export(boss, "items")
    page["I3"], page["N4"] = "每件 10 元", "否"
    page.append(["SB-90", "新事项", "A", None, None, "取号\n办结", None, None, None, None, None, 12333, 5, "是"])
    data = saved(page.parent)
    before = hall.rows("SELECT count(*) FROM item_version")
    found = check(boss, "items", data)
    assert hall.rows("SELECT count(*) FROM item_version") == before, "a check changes nothing"
    counts = {name: found[name] for name in ("before", "after", "added", "changed", "same")}
    assert counts == {"before": 12, "after": 13, "added": 1, "changed": 2, "same": 10}
    new, dear, off = found["changes"]
    assert (new["key"], new["name"], new["new"]) == ("SB-90", "新事项", True)
    assert {one["column"]: one["after"] for one in new["cells"]}["投诉电话"] == "12333"
    assert [one["column"] for one in dear["cells"]] == ["收费标准及依据"] and dear["cells"][0][
        "after"
    ] == "每件 10 元"
    assert off["cells"] == [{"column": "在用", "before": "是", "after": "否"}]
    heard = []
    hall.store.on_commit = lambda news: heard.extend(n.kind.value for n in news)
    assert bring(boss, "items", data) == {"added": 1, "changed": 2, "passwords": []}
    assert heard == ["hall.changed"], "told once"
    assert [one["n"] for one in item(boss, "SB-01")] == [2, 1]
    assert item(boss, "SB-90")[0]["shown"]["process"] == ["取号", "办结"]
    assert check(boss, "items", data)["same"] == 13
    items = hall.device("display").get("/board")[1]["items"]
    assert len(items) == 12 and not any(one["code"] == "SB-02" for one in items)


def test_every_wrong_cell_is_named_and_nothing_is_taken(hall, boss):
    good = ["SB-91", "好的", "A", *[None] * 9, 5, "是"]
    rows = [
        good,
        [None, "没有编码", "A", *[None] * 9, 5, "是"],
        ["SB-92", "", "Q", *[None] * 9, "九", "对"],
        ["SB-91", "重复", "A", *[None] * 9, 5, "否"],
        ["坏 码", "长" * 61, "A", "长" * 301, *[None] * 8, 481, "是"],
        ["SB-93", "公式", "A", "=1+1", *[None] * 8, 5, True],
    ]
    data = sheet(ITEM_HEADS, *rows)
    found = check(boss, "items", data)
    assert [(one["row"], one["column"]) for one in found["wrong"]] == [
        (3, "编码"), (4, "预计用时（分钟）"), (4, "在用"), (5, "编码"), (6, "事项名称"), (6, "法律依据"),
        (6, "预计用时（分钟）"), (7, "法律依据"),
    ]  # fmt: skip
    said = {(one["row"], one["column"]): one["zh"] for one in found["wrong"]}
    assert said[5, "编码"] == "与第 2 行重复" and "公式" in said[7, "法律依据"]
    status, problem = send(boss, f"items/import/{found['plan']}", data)
    assert (status, problem["code"]) == (422, "import_wrong") and "8 处" in problem["detail"]
    assert item(boss, "SB-91") is None
    two = check(boss, "items", sheet(ITEM_HEADS, ["坏 码", "名", "Q", *[None] * 9, 5, "是"]))["wrong"]
    assert [(one["row"], one["column"]) for one in two] == [(2, "编码"), (2, "队列")]


def test_what_changed_since_the_check_must_be_looked_at_again(hall, boss):
    page = export(boss, "items")
    page["I3"] = "每件 10 元"
    data = saved(page.parent)
    plan = check(boss, "items", data)["plan"]
    fields = item(boss, "SB-01")[0]["shown"]
    assert boss.do("/admin/items/SB-01", method="PUT", **{**fields, "fee": "别人改的"})[0] == 200
    status, problem = send(boss, f"items/import/{plan}", data)
    assert (status, problem["code"]) == (409, "import_moved")
    assert item(boss, "SB-01")[0]["shown"]["fee"] == "别人改的"
    assert send(boss, "items/import/anything", data)[1]["code"] == "import_moved"


def packed(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def changed_part(data, name, change):
    """A workbook with one of its parts rewritten."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            body = old.read(part)
            new.writestr(part, change(body) if part == name else body)
    return out.getvalue()


SHEET1 = "xl/worksheets/sheet1.xml"
LAUGH = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">]>'


def test_hostile_files_are_refused_at_their_field(boss):
    good = sheet(ITEM_HEADS, ["SB-91", "好的", "A", *[None] * 9, 5, "是"])
    bomb = changed_part(good, SHEET1, lambda body: body + b" " * (30 << 20))
    assert len(bomb) < 100_000
    for data, word in (
        (b"", "不是完整的 Excel"), (b"PK\x03\x04 no archive", "不是完整的 Excel"), (good[:-100], "不是完整的 Excel"),
        (packed(a=b"b"), "不是完整的 Excel"), (bomb, "解压后过大"),
        (packed(**{f"p{n}": b"" for n in range(300)}), "解压后过大"),
        (changed_part(good, SHEET1, lambda body: LAUGH + body[body.index(b"<worksheet") :]), "不是完整的 Excel"),
        (changed_part(good, SHEET1, lambda body: body[:200]), "不是完整的 Excel"),
        (bytes((4 << 20) + 1), "不能超过 4 MB"),
        (sheet(ITEM_HEADS[:-1]), "缺少列“在用”"), (sheet([*ITEM_HEADS, "备注"]), "有不认识的列“备注”"),
        (sheet([*ITEM_HEADS, "队列"]), "有重复的列“队列”"), (sheet(["什么", "也没有"]), "里没有表头"),
        (sheet([]), "里没有表头"),
        (sheet(ITEM_HEADS, *[[f"X{n}"] for n in range(3000)]), "最多 3000 行"),
    ):  # fmt: skip
        assert word in refused(boss, "items", data), word


def test_a_cell_at_the_end_of_the_world_costs_nothing(boss):
    book = Workbook()
    page = book.active
    page.append(ITEM_HEADS)
    page.cell(1_048_576, 16_384).value = "x"
    assert "最多 3000 行" in refused(boss, "items", saved(book))
    book = Workbook()
    page = book.active
    page.append(ITEM_HEADS)
    page.cell(2, 16_384).value = "x"
    assert check(boss, "items", saved(book))["wrong"] == []


# ── staff ──


def test_the_staff_come_out_without_any_secret(hall, boss):
    page = export(boss, "staff")
    assert [cell.value for cell in page[2]] == STAFF_HEADS
    assert [cell.value for cell in page[3]] == ["boss", "boss", None, "管理员", None, None, None, "是"]
    everything = " ".join(str(cell.value) for row in page.iter_rows() for cell in row)
    assert "argon2" not in everything


def test_new_people_get_a_password_that_is_seen_once_and_kept_nowhere(hall, boss):
    log = io.StringIO()
    before = structlog.get_config()
    structlog.configure(processors=LOG, logger_factory=structlog.PrintLoggerFactory(log))
    try:
        data = sheet(STAFF_HEADS, LINA, ["wang", "王强", 1002, "clerk", None, None, None, "否"], title="人员")
        answer = bring(boss, "staff", data)
    finally:
        structlog.configure(**before)
    assert (answer["added"], answer["changed"]) == (2, 0)
    (lina, wang) = answer["passwords"]
    assert (lina["username"], lina["name"], wang["username"]) == ("lina", "李娜", "wang")
    assert len({lina["password"], wang["password"]}) == 2 and len(lina["password"]) == 14
    client = hall.app.test_client()

    def sign_in(one):
        form = {"username": one["username"], "password": one["password"]}
        return client.post("/api/v1/session", json=form)

    entered = sign_in(lina)
    assert (entered.status_code, sign_in(wang).status_code) == (200, 401)
    assert entered.json["must"] == "password_change_required", "what stood on a sheet of paper is changed first"
    kept = json.dumps([hall.rows(f'SELECT * FROM "{name}"') for name in ("client_request", "news", "account",
                                                                        "audit_entry")], default=str)  # fmt: skip
    for one in (lina, wang):
        assert one["password"] not in kept + log.getvalue()
    again = check(boss, "staff", data)
    assert (again["added"], again["same"]) == (0, 2)
    person = next(one for one in boss.get("/admin")[1]["screens"]["staff"] if one["username"] == "lina")
    assert (person["name"], person["badges"], person["staff_no"]) == ("李老师", ["服务标兵", "党员"], "1001")


def test_people_are_changed_and_those_out_of_use_are_signed_out(hall, boss):
    clerk = hall.person("clerk")
    page = export(boss, "staff")
    assert page["A4"].value == "clerk"
    page["D4"], page["F4"], page["H4"] = "督导", "导办岗", "否"
    assert bring(boss, "staff", saved(page.parent)) == {"added": 0, "changed": 1, "passwords": []}
    assert clerk.get("/session")[0] == 401
    user = next(one for one in boss.get("/admin")[1]["users"] if one["username"] == "clerk")
    assert (user["role"], user["active"]) == ("supervisor", False)


def test_wrong_people_are_named_by_cell(hall, boss):
    rows = [
        ["boss", "老板", None, "督导", None, None, None, "否"],
        ["lina", None, "长" * 21, "经理", None, None, None, None],
        ["wang", "王", None, "督导", None, None, "一、二、三、四、五", "是"],
        ["zhao", "赵", 1.5, "督导", None, True, None, "是"],
    ]
    found = check(boss, "staff", sheet(STAFF_HEADS, *rows, title="人员"))
    assert [(one["row"], one["column"]) for one in found["wrong"]] == [
        (2, "角色"), (2, "在用"), (3, "角色"), (3, "在用"), (4, "徽章"), (5, "岗位"),
    ]  # fmt: skip
    assert boss.get("/session")[0] == 200
    many = [[f"u{n}", "某", None, "督导", None, None, None, "是"] for n in range(62)]
    found = check(boss, "staff", sheet(STAFF_HEADS, *many, title="人员"))
    assert [one["row"] for one in found["wrong"]] == [62, 63] and "一次最多新建 60 个" in found["wrong"][0]["zh"]


def test_a_power_that_was_lent_switches_nobody_off_or_on_by_a_workbook(hall, boss):
    supervisor, clerk = hall.person("super", "supervisor"), hall.person("clerk")
    lent = {"username": "super", "permission": "administer", "reason": "代班", "from_day": "2026-03-02",
            "to_day": "2026-03-06"}  # fmt: skip
    assert boss.do("/grants", **lent)[0] == 201
    page = export(supervisor, "staff")
    page["H3"] = "否"
    data = saved(page.parent)
    status, answer = send(supervisor, f"staff/import/{check(supervisor, 'staff', data)['plan']}", data)
    assert (status, answer["code"]) == (403, "forbidden")
    assert boss.get("/session")[0] == clerk.get("/session")[0] == 200
    page["H3"], page["F3"] = "是", "首席代表"
    assert bring(supervisor, "staff", saved(page.parent))["changed"] == 1


def test_only_admins_bring_and_take_books(hall):
    for role in ("clerk", "guide", "supervisor"):
        person = hall.person(role, role)
        for what in ("items", "staff"):
            assert person.get(f"/admin/{what}.xlsx")[0] == 403
            assert send(person, f"{what}/import/check", b"")[0] == 403
            assert send(person, f"{what}/import/x", b"")[0] == 403
