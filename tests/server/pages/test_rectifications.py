"""A bad rating walks its whole loop in real Chromium: the citizen's phone without scripts, the work list by keyboard.
The server's clock is the test's, so that holidays lie where they are wanted. Pictures: build/screens/."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from server import background
from server.models import CalendarDay
from server.models import Hall as HallRow
from tests.server.pages.conftest import PASSWORD, ROOT, sign_in
from tests.server.test_rectifications import WHOLE_LOOP, People

Tab = Callable[..., Page]
CASE = "20260302-A001"


@pytest.fixture
def people(hall: Any) -> People:
    """On a Monday before a holiday on Tuesday, for which the Saturday is worked."""

    def days(tx: Any) -> None:
        for day, kind in ((date(2026, 3, 3), "holiday"), (date(2026, 3, 7), "workday")):
            tx.add(CalendarDay, hall_id=1, day=day, kind=kind, name="节", as_weekday=1)

    hall.store.write(days)
    return People(hall)


def shoot(page: Page, name: str) -> None:
    folder = ROOT / "build" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=folder / f"rectifications-{name}.png")


def work_list(tab: Tab, url: str, who: str, part: str = "") -> Page:
    page = tab(f"{url}/rectifications{part}")
    sign_in(page, who, PASSWORD)
    expect(page.locator(".filters")).to_be_visible()
    return page


def press(page: Page, key: str, until: Locator) -> None:
    """The key again and again until the focus is there; for whoever has no mouse."""
    for _ in range(40):
        if until.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"never reached by {key}")


def do(page: Page, state: str, text: str = "", *more: str) -> None:
    """The next step of the only case, by keyboard alone: the button, what else is to be chosen, the words, Enter."""
    button = page.locator(".case .main")
    press(page, "Tab", button)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".story li").first).to_be_visible()
    for name in more:
        choice = dialog.get_by_role("radio", name=name, exact=True)
        press(page, "Tab", choice)
        page.keyboard.press("Space")
    if text:
        press(page, "Tab", dialog.locator("textarea"))
        page.keyboard.type(text)
    press(page, "Tab", dialog.locator("button[type=submit]"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator(".said")).to_contain_text(state)


def deadline(page: Page, words: str, due: str) -> None:
    expect(page.locator(".clock")).to_contain_text(words)
    expect(page.locator(".clock")).to_contain_text(due)


def test_a_bad_rating_walks_the_whole_loop(
    hall: Any, people: People, url: str, tab: Tab, open_page: Callable[..., Page]
) -> None:
    link = f"{url}{people.serve(item='SB-01')}"
    phone = open_page(f"{link}/rate?label=dissatisfied", 390, 844, java_script_enabled=False)
    phone.get_by_role("checkbox").first.check()
    phone.fill("textarea", "等了两个小时，问了三个窗口")
    phone.get_by_role("button", name="提交评价").click()
    expect(phone.locator("h1")).to_contain_text("评价已收到")

    page = work_list(tab, url, "li")
    row = page.locator(".case")
    expect(row).to_contain_text(CASE)
    for words in ("01 号窗口", "等了两个小时", "号码 A001", "没有联系电话", "负责人 li"):
        expect(row).to_contain_text(words)
    deadline(page, "还有 1 个工作日", "2026-03-04")  # Tuesday is a holiday
    shoot(page, "opened")
    do(page, "待联系", "监控已看", "简单问题")
    do(page, "待整改", "群众说等候太久", "已联系上群众")
    deadline(page, "还有 5 个工作日", "2026-03-09")  # Wednesday to Friday, the Saturday that is worked, Monday
    do(page, "待反馈", "增开一个窗口")
    do(page, "待回访再评", "已增开窗口，今后高峰时段不再让您久等。")
    expect(row).to_contain_text("待回访再评")
    shoot(page, "to-re-rate")

    phone.goto(link)
    phone.get_by_role("link", name="看大厅的答复").click()
    expect(phone.locator("blockquote")).to_have_text("已增开窗口，今后高峰时段不再让您久等。")
    shoot(phone, "reply")
    phone.locator("summary").click()
    phone.fill("textarea", "谢谢")
    phone.get_by_role("button", name="满意", exact=True).click()
    expect(phone.locator("[role=status]")).to_have_text("您的意见已收到，谢谢")

    page.goto(f"{url}/rectifications#closed")
    page.reload()
    expect(row).to_contain_text("群众对处理满意")
    row.get_by_role("button", name="查看").click()
    story = page.locator(".story li")
    expect(story).to_have_count(6)
    expect(story.last).to_contain_text("再评：满意 群众")
    shoot(page, "closed")
    assert hall.rows("SELECT state, outcome FROM rectification") == [("closed", "satisfied")]
    assert hall.rows("SELECT level FROM rating") == [(2,)]


def test_the_second_of_two_supervisors_reads_that_somebody_was_faster_and_keeps_the_words(
    people: People, url: str, tab: Tab
) -> None:
    people.bad()
    page = work_list(tab, url, "li")
    page.get_by_role("button", name="核实").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="认为是误评，申诉").check()
    dialog.locator("textarea").fill("群众当场说按错")
    people.step("appeal", "按错键", who=people.wang)
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_contain_text("刚被别人处理过，现在是“申诉复核中”")
    expect(dialog.get_by_role("heading").first).to_contain_text("申诉复核中")
    dialog.get_by_role("radio", name="申诉成立").check()
    expect(dialog.locator("textarea")).to_have_value("群众当场说按错")
    shoot(page, "conflict")
    dialog.locator("button[type=submit]").click()
    expect(dialog).to_have_count(0)
    expect(page.locator(".none")).to_contain_text("没有待办的整改单")


def test_words_for_one_step_are_not_sent_as_another_when_somebody_was_faster(
    hall: Any, people: People, url: str, tab: Tab
) -> None:
    people.bad()
    people.steps("verify", "reach")
    page = work_list(tab, url, "li")
    page.get_by_role("button", name="记录整改").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", checked=True)).to_have_value("rectify")
    dialog.locator("textarea").fill("已批评窗口工作人员")
    people.step("rectify", "增开窗口", who=people.wang)
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_contain_text("现在是“待反馈”")
    expect(dialog.get_by_role("radio", name="答复群众")).to_be_visible()
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请先选这一步做什么")
    assert hall.rows("SELECT state, reply FROM rectification") == [("to_feed_back", "")]
    dialog.get_by_role("radio", name="答复群众").check()
    expect(dialog.locator("textarea")).to_have_value("已批评窗口工作人员")  # nothing typed is lost


def test_an_answer_of_the_citizens_is_marked_by_nobody_beforehand(people: People, url: str, tab: Tab) -> None:
    people.bad()
    people.steps("verify", "reach", "rectify", "feed_back")
    page = work_list(tab, url, "wang")
    page.get_by_role("button", name="记录回访").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请先选这一步做什么")
    dialog.get_by_role("radio", name="电话回访：群众不满意").check()
    dialog.locator("button[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请写明情况")
    dialog.locator("textarea").fill("说还是一样")
    dialog.locator("button[type=submit]").click()
    expect(page.locator(".case")).to_contain_text("再次整改")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".case")).to_contain_text("5 working days left")
    expect(page.locator(".case")).to_contain_text("Second time")


@pytest.mark.parametrize(("steps", "button"), [(("verify",), "记录联系"), (WHOLE_LOOP, "记录回访")])
def test_where_a_number_may_come_from_is_said_before_a_call(
    people: People, url: str, tab: Tab, steps: tuple[str, ...], button: str
) -> None:
    people.bad()
    people.steps(*steps)
    page = work_list(tab, url, "li")
    page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".hint").last).to_contain_text("从业务系统或群众留下的材料里查")
    shoot(page, f"number-{steps[-1]}")
    if button == "记录联系":
        dialog.get_by_role("radio", name="没有号码或联系不上").check()
        dialog.locator("textarea").fill("业务系统里也没有号码")
        dialog.locator("button[type=submit]").click()
        expect(page.locator(".said")).to_contain_text("待整改")


def test_the_list_is_asked_for_by_the_clock_and_not_with_all_that_happens_in_the_hall(
    people: People, url: str, tab: Tab
) -> None:
    people.bad()
    page = work_list(tab, url, "li")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator(".case")).to_have_count(1)
    people.bad()
    expect(page.locator(".case")).to_have_count(2)
    assert [address for address in asked if "/socket.io/" in address] == []
    page.context.set_offline(True)
    expect(page.get_by_text("连接中断")).to_be_visible(timeout=60_000)
    page.context.set_offline(False)
    expect(page.get_by_text("连接中断")).to_have_count(0, timeout=60_000)


def test_what_is_overdue_stands_first_and_lists_are_filtered_in_the_address(
    hall: Any, people: People, url: str, tab: Tab
) -> None:
    people.bad()
    people.bad()
    people.steps("verify", "reach")
    people.later("2026-03-05 09:00")
    background.tick(hall.store)
    page = work_list(tab, url, "boss")
    cases = page.locator(".case")
    expect(cases).to_have_count(2)
    expect(cases.first).to_contain_text("已逾期 1 个工作日")
    expect(cases.first).to_contain_text("已升级")
    shoot(page, "overdue")
    page.get_by_role("link", name="已逾期").click()
    expect(cases).to_have_count(1)
    page.get_by_role("link", name="我负责的").click()
    expect(cases).to_have_count(1)  # what was escalated is every admin's
    page.get_by_role("link", name="已办结").click()
    expect(page.locator(".none")).to_contain_text("还没有办结")
    page.reload()
    expect(page.locator(".none")).to_contain_text("还没有办结")


@pytest.mark.parametrize(("label", "level"), [("satisfied", "满意"), ("very_satisfied", "非常满意")])
def test_a_press_that_was_changed_for_a_good_one_stands_among_the_closed(
    hall: Any, people: People, url: str, tab: Tab, label: str, level: str
) -> None:
    hall.store.write(lambda tx: tx.change(HallRow, 1, change_seconds=10))
    people.bad()
    people.press(label)
    page = work_list(tab, url, "li", "#closed")
    expect(page.locator(".case")).to_contain_text("群众当时改评")
    expect(page.locator(".case .rating b")).to_have_text(level)
    page.get_by_role("button", name="查看").click()
    expect(page.locator(".story li").last).to_contain_text("群众改评，自动办结")


def test_a_session_that_ends_leaves_what_was_typed_to_its_own_person(
    hall: Any, people: People, url: str, tab: Tab
) -> None:
    people.bad()
    page = work_list(tab, url, "li")
    page.get_by_role("button", name="核实").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="认为是误评，申诉").check()
    dialog.locator("textarea").fill("群众当场说按错")
    hall.clock.forward(days=1)
    expect(page.get_by_text("登录 Sign in").first).to_be_visible(timeout=60_000)
    sign_in(page, "li", PASSWORD)
    expect(dialog.locator("textarea")).to_have_value("群众当场说按错")
    expect(dialog.get_by_role("radio", checked=True)).to_have_value("appeal")
    hall.clock.forward(days=1)
    expect(dialog).to_have_count(0, timeout=60_000)
    sign_in(page, "wang", PASSWORD)
    expect(page.locator(".case")).to_be_visible()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="核实").click()
    dialog.get_by_role("radio", name="认为是误评，申诉").check()
    expect(dialog.locator("textarea")).to_have_value("")


def test_a_clerk_reads_that_it_is_not_for_clerks(people: People, url: str, tab: Tab) -> None:
    people.bad()
    page = tab(f"{url}/rectifications")
    sign_in(page, "clerk-01", PASSWORD)
    expect(page.locator("main")).to_contain_text("由督导和管理员办理")
    assert CASE not in page.content()


def test_an_admin_sets_the_deadlines(hall: Any, people: People, url: str, tab: Tab) -> None:
    page = tab(f"{url}/admin")
    sign_in(page, "boss", PASSWORD)
    page.fill("input[name=rectify_contact_days]", "61")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("“差评联系期限”不正确：应为 1 到 60 个工作日")
    page.fill("input[name=rectify_contact_days]", "2")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".done")).to_have_text("已保存")
    assert hall.rows("SELECT rectify_contact_days FROM hall") == [(2,)]
    page.locator("input[name=rectify_contact_days]").scroll_into_view_if_needed()
    shoot(page, "settings")
