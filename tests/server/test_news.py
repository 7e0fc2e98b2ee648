"""News over real sockets: only for those who may hear, every seq once, in order, gaps visible."""

import threading
import time

import pytest
import socketio

from server.contract.news import News, NewsKind
from server.news_client import NewsClient


class Listener:
    def __init__(self, url, **connect):
        self.client = NewsClient()
        self.seqs, self.beats, self.arrived = [], [], threading.Condition()
        self.client.on("news", self._news, namespace="/news")
        self.client.on("heartbeat", self._beat, namespace="/news")
        self.client.connect(url, namespaces=["/news"], **connect)

    def _news(self, data):
        with self.arrived:
            self.seqs.append(data["seq"])
            self.arrived.notify_all()

    def _beat(self, data):
        with self.arrived:
            self.beats.append(data["seq"])
            self.arrived.notify_all()

    def wait(self, done):
        with self.arrived:
            assert self.arrived.wait_for(done, 10)


def test_every_listener_hears_every_seq_in_order(hall, url):
    listeners = [Listener(url, auth={"token": hall.token("display", f"d{i}")}) for i in range(3)]
    try:
        kiosk = hall.device("kiosk")
        for _ in range(20):
            kiosk.take()
        for listener in listeners:
            listener.wait(lambda heard=listener: len(heard.seqs) >= 20)
            assert listener.seqs == list(range(1, 21))
        hall.server.relay.heartbeat(hall.store)
        listeners[0].wait(lambda: listeners[0].beats)
        assert listeners[0].beats == [20]
    finally:
        for listener in listeners:
            listener.client.disconnect()


def test_a_burst_is_heard_in_order_however_slow_the_first_is(hall, url):
    class Slow(Listener):
        def _news(self, data):
            if data["seq"] == 1:
                time.sleep(0.2)
            super()._news(data)

    listener = Slow(url, auth={"token": hall.token("display", "wall")})
    burst = [News("HQ", seq, NewsKind.HALL_CHANGED, hall.clock()) for seq in range(1, 101)]
    try:
        hall.server.relay.put(burst)
        listener.wait(lambda: len(listener.seqs) == len(burst))
        assert listener.seqs == [news.seq for news in burst]
    finally:
        listener.client.disconnect()


@pytest.mark.parametrize(
    "auth", [None, {}, {"token": "wrong"}, {"token": 7}, {"token": ["x"]}, {"token": "\ud800"}, "text"]
)
def test_a_socket_refuses_what_http_refuses(hall, url, auth):
    with pytest.raises(socketio.exceptions.ConnectionError):
        Listener(url, auth=auth)


def test_a_revoked_token_cannot_connect(hall, url):
    token = hall.token("display", "wall")
    hall.person("boss", "admin").do("/admin/devices/wall/revoke")
    with pytest.raises(socketio.exceptions.ConnectionError):
        Listener(url, auth={"token": token})


def test_a_token_revoked_while_its_socket_listens_is_cut_off(hall, url):
    gone = threading.Event()
    listener = Listener(url, auth={"token": hall.token("display", "wall")})
    listener.client.on("disconnect", lambda *_: gone.set(), namespace="/news")
    try:
        hall.person("boss", "admin").do("/admin/devices/wall/revoke")
        assert gone.wait(5)
        hall.device("kiosk").take()
        hall.server.relay.heartbeat(hall.store)
        assert listener.beats == []
    finally:
        listener.client.disconnect()


def test_a_clerk_connects_with_the_session_cookie(hall, url):
    cookie = hall.person("clerk").client.get_cookie("jiaohao_session")
    listener = Listener(url, headers={"Cookie": f"jiaohao_session={cookie.value}"})
    try:
        hall.device("kiosk").take()
        listener.wait(lambda: listener.seqs)
    finally:
        listener.client.disconnect()
