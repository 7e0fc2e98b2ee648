"""The QR on the paper leads to a page that says my turn, without JavaScript and without signing in."""


def page(hall, code):
    answer = hall.app.test_client().get(f"/t/{code}")
    return answer.status_code, answer.text


def test_my_turn_from_waiting_to_done(hall):
    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    kiosk.take()
    ticket = kiosk.take()
    status, text = page(hall, ticket["id"])
    assert status == 200 and "A002" in text and "前面还有 <b>1</b> 人" in text
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/no-show"), clerk.do("/windows/01/call-next")
    assert "请到 01 号窗口" in page(hall, ticket["id"])[1]
    clerk.do("/windows/01/begin"), clerk.do("/windows/01/finish")
    text = page(hall, ticket["id"])[1]
    assert "已办结" in text and "refresh" not in text.split("</head>")[0]


def test_the_page_renews_itself_as_long_as_something_may_still_happen_and_says_so_only_then(hall):
    def renews(code):
        text = page(hall, code)[1]
        assert ("自动更新" in text) == ("http-equiv" in text)
        return "http-equiv" in text

    kiosk, clerk = hall.device("kiosk"), hall.clerk_at("01")
    missed, done = kiosk.take()["id"], kiosk.take()["id"]
    assert renews(missed)
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/no-show")
    assert renews(missed)  # the guide desk may put it back into the line
    clerk.do("/windows/01/call-next"), clerk.do("/windows/01/begin"), clerk.do("/windows/01/finish")
    assert not renews(done)


def test_an_unknown_code_gets_a_page_in_words(hall):
    status, text = page(hall, "0" * 16)
    assert status == 404 and "没有找到这张票" in text and "No such ticket" in text


def test_names_cannot_break_the_page(hall):
    admin = hall.person("boss", "admin")
    admin.do("/admin/queues/A", method="PUT", name="<script>alert(1)</script>", open=True)
    text = page(hall, hall.device("kiosk").take()["id"])[1]
    assert "<script>alert" not in text and "&lt;script&gt;" in text
