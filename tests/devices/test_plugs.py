import threading
from contextlib import contextmanager

import pytest
from structlog.testing import capture_logs

from devices import plugs as module
from devices.plugs import PlugWatch
from devices.supervisor import Supervisor


@contextmanager
def watching(*paths):
    events = [threading.Event() for _ in paths]
    plugs = PlugWatch({path: [event] for path, event in zip(paths, events, strict=True)})
    thread = threading.Thread(target=plugs.run, daemon=True)
    thread.start()
    try:
        yield events
    finally:
        plugs.stop()
        thread.join(5)
        plugs.close()
        assert not thread.is_alive()


def test_only_the_device_that_appears_is_woken(tmp_path):
    with watching(tmp_path / "ttyUSB0", tmp_path / "ttyUSB1") as (first, second):
        (tmp_path / "other").touch()
        (tmp_path / "ttyUSB1").touch()
        assert second.wait(5)
        assert not first.is_set()


def test_permissions_that_arrive_later_wake_again(tmp_path):
    node, link = tmp_path / "event3", tmp_path / "by-path-x"
    with watching(link) as [plugged]:
        node.touch(0o600)
        link.symlink_to(node)
        assert plugged.wait(5)
        plugged.clear()
        node.chmod(0o660)
        assert plugged.wait(5)


def test_folders_on_the_way_come_and_go(tmp_path):
    link = tmp_path / "input" / "by-path" / "x"
    with watching(link) as [plugged]:
        for _ in range(3):
            link.parent.mkdir(parents=True)
            link.touch()
            assert plugged.wait(5)
            link.unlink()
            link.parent.rmdir()
            link.parent.parent.rmdir()
            plugged.clear()


def test_a_name_moved_in_and_any_number(tmp_path):
    with watching(tmp_path / "hidraw*") as [plugged]:
        (tmp_path / "hid").touch()
        (tmp_path / "new").touch()
        assert not plugged.is_set()
        (tmp_path / "new").rename(tmp_path / "hidraw7")
        assert plugged.wait(5)


def test_a_system_without_inotify_goes_on_by_waiting(monkeypatch):
    class Away:
        name, url = "pad", "serial:///dev/none"

    def refuse():
        raise OSError(24, "too many")

    monkeypatch.setattr(module, "Inotify", refuse)
    with capture_logs() as logs:
        assert Supervisor([Away()])._watch_plugs() is None
    assert "not watched" in logs[0]["event"]


def test_a_folder_that_cannot_be_watched_is_left_out(tmp_path):
    plugs = PlugWatch({tmp_path / "none" / "x": []})
    assert plugs._inotify.add(tmp_path / "none") is None
    plugs.close()


def test_a_link_to_itself_does_no_harm(tmp_path):
    (tmp_path / "x").symlink_to(tmp_path / "x")
    with watching(tmp_path / "x") as [plugged]:
        (tmp_path / "x").unlink()
        (tmp_path / "x").touch()
        assert plugged.wait(5)


@pytest.mark.parametrize("name", ["a b", "x" * 200, "窗口一"])
def test_names(tmp_path, name):
    with watching(tmp_path / name) as [plugged]:
        (tmp_path / name).touch()
        assert plugged.wait(5)
