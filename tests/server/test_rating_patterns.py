"""Supervisors are told where ratings look suspicious, and of no citizen."""

from datetime import timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def serve(hall, kiosk, clerk, evaluator, after_s, label="satisfied"):
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    hall.clock.forward(seconds=after_s)
    assert evaluator.do("/ratings", label=label)[1]["accepted"]
    hall.clock.forward(minutes=5)


def test_hasty_presses_are_told_to_supervisors_alone(hall):
    kiosk, clerk, evaluator = hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")
    began = hall.clock.now
    for after_s in (1, 0.5, 12, 0.9):
        serve(hall, kiosk, clerk, evaluator, after_s)
    boss = hall.person("boss", "supervisor")
    status, report = boss.get("/reports/rating-patterns")
    assert status == 200 and report["day"] == "2026-03-02"
    (found,) = report["found"]
    assert (found["window"], found["pattern"], found["count"]) == ("01", "hasty", 3)
    assert found["first"] == (began + timedelta(seconds=1)).astimezone(ZONE).isoformat()
    assert boss.get("/reports/rating-patterns?day=2026-03-01")[1]["found"] == []
    assert boss.get("/reports/rating-patterns?day=x")[1]["code"] == "bad_field"
    for stranger in (clerk, hall.person("guide", "guide"), kiosk, evaluator):
        assert stranger.get("/reports/rating-patterns")[1]["code"] == "forbidden"


def test_ratings_by_paper_are_not_the_windows(hall):
    kiosk, clerk, phone = hall.device("kiosk"), hall.clerk_at("01"), hall.app.test_client()
    for _ in range(3):
        ticket = kiosk.take()
        for action in ("call-next", "begin", "finish"):
            clerk.do(f"/windows/01/{action}")
        link = f"/t/{ticket['id']}/{ticket['paper_key']}/rate"
        assert (
            phone.post(link, data={"label": "satisfied"}, headers={"Origin": "http://localhost"}).status_code == 303
        )
    assert hall.person("boss", "supervisor").get("/reports/rating-patterns")[1]["found"] == []


def test_all_alike_before_the_days_last_session_closes(hall):
    """The hall closes at 16:30; nobody rated before."""
    kiosk, clerk, evaluator = hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")
    sessions = [{"weekday": 1, "opens": 510, "closes": 690}, {"weekday": 1, "opens": 780, "closes": 990}]
    tickets = [kiosk.take() for _ in range(28)]
    for _ in range(20):
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/01/{action}")[0] == 200
        hall.clock.forward(minutes=5)
    assert (
        hall.person("admin", "admin").do("/admin/hours", method="PUT", sessions=sessions, cutoff_minutes=0)[0] == 200
    )
    hall.clock.now = hall.clock.now.replace(hour=8, minute=1)
    for _ in tickets[20:]:
        for action in ("call-next", "begin", "finish"):
            assert clerk.do(f"/windows/01/{action}")[0] == 200
        hall.clock.forward(seconds=12)
        assert evaluator.do("/ratings", label="satisfied")[1]["accepted"]
        hall.clock.forward(minutes=3)
    report = hall.person("boss", "supervisor").get("/reports/rating-patterns")[1]
    assert [(one["pattern"], one["count"]) for one in report["found"]] == [("closing", 8)]
