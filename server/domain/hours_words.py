"""Hours as people say them, in Chinese and in English."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from server.domain.work_calendar import Session, Slot

Words = tuple[str, str]
"""Chinese, English."""

WEEKDAYS = (
    ("周一", "Mon"), ("周二", "Tue"), ("周三", "Wed"), ("周四", "Thu"), ("周五", "Fri"), ("周六", "Sat"),
    ("周日", "Sun"),
)  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
NOON, EVENING = 12, 18
LOOK: Words = "何时开始取号请看大厅公告", "see the notices of the hall for when it opens"


def clock(moment: datetime, zone: str) -> str:
    """8:30, as it stands beside the door."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.hour}:{local.minute:02d}"


def day(of: date, today: date) -> Words:
    """今天, 明天, 3月9日（周一）, for a time to follow; a year only when it is another one."""
    if of == today:
        return "今天 ", "today"
    if of == today + timedelta(days=1):
        return "明天 ", "tomorrow"
    weekday, weekday_en = WEEKDAYS[of.weekday()]
    plain, plain_en = bare_day(of, today)
    return f"{plain}（{weekday}）", f"on {weekday_en} {plain_en}"


def bare_day(of: date, today: date) -> Words:
    """3月9日, 9 March."""
    other_year = of.year != today.year
    return (
        f"{of.year}年" * other_year + f"{of.month}月{of.day}日",
        f"{of.day} {MONTHS[of.month - 1]}" + f" {of.year}" * other_year,
    )


def opening(slot: Slot | None, today: date, zone: str) -> Words:
    """今天 13:00 开始取号; with None, where else to look. The English may stand after a colon."""
    if slot is None:
        return LOOK
    when, when_en = day(slot.day, today)
    at = clock(slot.opens, zone)
    return f"{when}{at} 开始取号", f"numbers are issued from {at} {when_en}"


def again(of: date | None, today: date) -> Words:
    """明天恢复取号, of a hall that is open day and night but for its holidays; with None as `opening`."""
    if of is None:
        return LOOK
    when, when_en = day(of, today)
    return f"{when.strip()}恢复取号", f"numbers are issued again {when_en}"


def part(slot: Slot, zone: str) -> Words:
    """上午, 下午 or 晚上; 今天 when the day has no parts."""
    hour = slot.opens.astimezone(ZoneInfo(zone)).hour
    if slot.of == 1:
        return "今天", "today"
    if hour < NOON:
        return "今天上午", "this morning"
    return ("今天下午", "this afternoon") if hour < EVENING else ("今天晚上", "this evening")


def week(sessions: tuple[Session, ...]) -> Words:
    """周一至周五 8:30–11:30、13:00–16:30；周六 9:00–12:00. Empty for a hall that is always open."""
    days: dict[tuple[str, ...], list[int]] = {}
    for weekday in sorted({s.weekday for s in sessions}):
        times = tuple(f"{wall(s.opens)}–{wall(s.closes)}" for s in sorted(sessions) if s.weekday == weekday)
        days.setdefault(times, []).append(weekday)
    named = [(weekdays(on), times) for times, on in days.items()]
    return (
        "；".join(f"{zh} {'、'.join(times)}" for (zh, _), times in named),
        "; ".join(f"{en} {', '.join(times)}" for (_, en), times in named),
    )


def wall(minute: int) -> str:
    """A minute of the day as the wall has it: 8:30; 24:00 is its end."""
    return f"{minute // 60}:{minute % 60:02d}"


def weekdays(numbers: list[int]) -> Words:
    """周一至周五; of 1 to 7, in order."""
    names = [WEEKDAYS[n - 1] for n in numbers]
    if len(numbers) > 2 and all(b == a + 1 for a, b in pairwise(numbers)):
        (first, first_en), (last, last_en) = names[0], names[-1]
        return f"{first}至{last}", f"{first_en}–{last_en}"
    return "、".join(zh for zh, _ in names), ", ".join(en for _, en in names)
