import threading

from structlog.testing import capture_logs

from devices import vital as module
from devices.vital import DIED, vital


def test_a_worker_that_dies_takes_the_process_with_it(monkeypatch):
    ended = []
    monkeypatch.setattr(module, "_end_process", ended.append)

    def work():
        raise RuntimeError("bug")

    with capture_logs() as logs:
        thread = vital("settling", work)
        thread.start()
        thread.join(5)
    assert ended == [DIED]
    assert (logs[0]["log_level"], logs[0]["worker"]) == ("critical", "settling")
    assert logs[0]["exc_info"]


def test_a_worker_that_ends_is_left_alone(monkeypatch):
    monkeypatch.setattr(module, "_end_process", lambda code: 1 / 0)
    done = threading.Event()
    thread = vital("fine", done.set)
    thread.start()
    thread.join(5)
    assert done.is_set() and not thread.is_alive()
