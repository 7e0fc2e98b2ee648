"""Backups of a hall that goes on working, the way back, and every backup that is refused."""

import json
import os
import resource
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import text

from server import background
from server.audit_key import audit_key
from server.backup import archive
from server.backup.make import back_up
from server.cli import cli
from server.config import Config
from server.db import make_engine, writing
from tests.server.conftest import Hall
from tests.server.pages.conftest import Live

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
KIOSKS = 6
PER_SECOND = 60
LIMIT_S = 300


def run(*arguments):
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def process(*arguments, before=None):
    """As somebody at the machine, beside the server."""
    command = [sys.executable, "-c", "from server.main import main; main()", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=600, preexec_fn=before)


@pytest.fixture
def rated(hall):
    """A hall with one rating, sealed."""
    kiosk, clerk, evaluator = hall.device("kiosk"), hall.clerk_at("01"), hall.device("evaluator", "ev01", "01")
    kiosk.take()
    for action in ("call-next", "begin", "finish"):
        assert clerk.do(f"/windows/01/{action}")[0] == 200
    assert evaluator.do("/ratings", label="dissatisfied", raw_key="03")[1]["accepted"]
    kiosk.take()
    background.tick(hall.store)
    hall.server.note_heads()
    return hall


@pytest.fixture
def made(rated, tmp_path_factory):
    """Its backup, in a folder of its own."""
    return back_up(Config(rated.data_dir), tmp_path_factory.mktemp("backups"), NOW)


class Kiosks:
    """So many kiosks, each with its share of the takes a second, noting what was answered and when."""

    def __init__(self, live):
        self.taken, self.failed = [], []
        self._stop = threading.Event()
        tokens = [live.do("/admin/devices", name=f"k{n}", kind="kiosk")["token"] for n in range(KIOSKS)]
        self._threads = [threading.Thread(target=self._work, args=(live.url, token)) for token in tokens]
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    def _work(self, url, token):
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            due = time.monotonic()
            while not self._stop.is_set():
                due += KIOSKS / PER_SECOND
                body = {"queue": "A", "request_id": os.urandom(12).hex()}
                answer = session.post(f"{url}/api/v1/tickets", json=body, timeout=30)
                if answer.status_code == 201:
                    self.taken.append((time.monotonic(), answer.json()["number"]))
                else:
                    self.failed.append(answer.text)
                self._stop.wait(max(0.0, due - time.monotonic()))

    def until(self, count):
        deadline = time.monotonic() + LIMIT_S
        while len(self.taken) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(self.taken) >= count, self.failed[:1]

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return len(self.taken) / (time.monotonic() - self._began)


OF_THE_MOMENT = (
    "SELECT * FROM news WHERE seq <= {seq} ORDER BY seq",
    "SELECT t.code, t.number, t.n, t.issued_at, t.queue_id, n.seq FROM ticket t"
    " JOIN news n ON n.ticket_id = t.id AND n.kind = 'ticket.issued' WHERE n.seq <= {seq} ORDER BY n.seq",
)


def rows(folder, sql):
    engine = make_engine(f"sqlite:///{folder / 'jiaohao.db'}")
    try:
        with engine.connect() as conn:
            return [tuple(row) for row in conn.execute(text(sql.replace(":", "\\:")))]
    finally:
        engine.dispose()


def test_a_backup_under_fifty_takes_a_second_is_one_moment(tmp_path):
    """Everything answered before it began is in it, nothing is half in it, and what is in it is what was. How many a
    second this machine gave meanwhile is printed: a busy one gives fewer, and the moment is as whole."""
    live = Live(tmp_path / "hall")
    live.folder.mkdir()
    (tmp_path / "copies").mkdir()
    live.start()
    try:
        live.set_up()
        kiosks = Kiosks(live)
        kiosks.until(100)
        before, began = [number for _, number in list(kiosks.taken)], time.monotonic()
        done = process("backup", "--data", live.folder, "--to", tmp_path / "copies", "--json")
        ended = time.monotonic()
        kiosks.until(len(kiosks.taken) + 60)  # it went on after it
        print(f"{kiosks.stop():.0f} takes a second")
    finally:
        live.close()
    assert done.returncode == 0 and json.loads(done.stdout)["ok"], done.stderr
    assert kiosks.failed == [] and any(began < at < ended for at, _ in kiosks.taken)

    file, to = Path(json.loads(done.stdout)["file"]), tmp_path / "again"
    assert process("restore", file, "--data", to).returncode == 0
    (seq,) = rows(to, "SELECT seq FROM hall")[0]
    for what in OF_THE_MOMENT:
        assert rows(to, what.format(seq=seq)) == rows(live.folder, what.format(seq=seq))
    numbers = [number for (number,) in rows(to, "SELECT number FROM ticket ORDER BY n")]
    assert set(before) <= set(numbers) and len(numbers) < len(kiosks.taken)
    assert numbers == [f"A{n:03d}" for n in range(1, len(numbers) + 1)]
    assert rows(to, "SELECT last FROM series_counter") == [(len(numbers),)]
    assert rows(to, "SELECT count(*) FROM ticket") == rows(
        to, "SELECT count(*) FROM client_request WHERE actor LIKE 'device%'"
    )
    verdict = process("audit", "verify", "--data", to)
    assert verdict.returncode == 0, verdict.stdout
    proven = process("restore-drill", file)
    assert proven.returncode == 0 and "FAIL" not in proven.stdout, proven.stdout


def test_what_was_restored_opens_as_the_hall_it_was(rated, made, tmp_path):
    to = tmp_path / "again"
    assert run("restore", made.file, "--data", to).exit_code == 0
    assert audit_key(to / "audit.key") == rated.store.key
    again = Hall(to)
    try:
        assert again.sign_in("clerk-01").get("/board")[0] == 200
        assert again.rows("SELECT level FROM rating") == [(2,)]
        assert again.device("kiosk", "k2").take()["number"] == "A003"
    finally:
        again.server.close()
    assert run("audit", "verify", "--data", to).exit_code == 0


def test_numbers_on_papers_given_after_the_backup_do_not_come_twice(rated, made, tmp_path):
    to = tmp_path / "again"
    said = run("restore", made.file, "--data", to)
    assert "--numbers-after" in said.output
    second = tmp_path / "second"
    assert run("restore", made.file, "--data", second, "--numbers-after", 120).exit_code == 0
    hall = Hall(second)
    try:
        hall.clock.now = datetime.now(UTC)
        assert hall.device("kiosk", "k2").take()["number"] == "A121"
        assert hall.device("kiosk", "k3").take(queue="B")["number"] == "B121"
    finally:
        hall.server.close()


def test_only_their_owner_reads_backup_keys_and_what_is_restored(made, tmp_path):
    to = tmp_path / "again"
    assert run("restore", made.file, "--data", to).exit_code == 0
    for file in (made.file, made.keys, *to.iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(to.stat().st_mode) == 0o700
    assert [one.name for one in made.file.parent.iterdir() if one.name.startswith(".")] == []


def test_the_keys_are_beside_a_backup_and_never_in_it(rated, made, tmp_path):
    key = rated.store.key.hex().encode()
    with ZipFile(made.file) as packed:
        assert set(packed.namelist()) == {archive.MANIFEST, "jiaohao.db", "audit-heads.log"}
        assert not any(key in packed.read(name) for name in packed.namelist())
    alone = tmp_path / "alone" / made.file.name
    alone.parent.mkdir()
    alone.write_bytes(made.file.read_bytes())
    refused = run("restore", alone, "--data", tmp_path / "again")
    assert refused.exit_code == 3 and made.keys.name in refused.output and not (tmp_path / "again").exists()
    assert run("restore", alone, "--data", tmp_path / "again", "--keys", made.keys).exit_code == 0
    assert run("restore", alone, "--data", tmp_path / "lost", "--without-keys").exit_code == 0
    assert not (tmp_path / "lost" / "audit.key").exists()


def test_keys_of_another_hall_are_refused(made, tmp_path):
    (tmp_path / "other").mkdir()
    other = Hall(tmp_path / "other")
    other.server.close()
    (tmp_path / "copies").mkdir()
    keys = back_up(Config(tmp_path / "other"), tmp_path / "copies", NOW).keys
    refused = run("restore", made.file, "--data", tmp_path / "again", "--keys", keys)
    assert refused.exit_code == 3 and not (tmp_path / "again").exists()
    swapped = run("restore", made.keys, "--data", tmp_path / "again")
    assert swapped.exit_code == 3 and "另一" not in swapped.output and "备份" in swapped.output


def cut(data):
    return data[: len(data) // 2]


def flipped(at):
    def flip(data):
        place = at % len(data)
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    return flip


BROKEN = {
    "cut in the middle": (cut, "不完整"),
    "without its last byte": (lambda data: data[:-1], "不完整"),
    "nothing but its beginning": (lambda data: data[:60], "不完整"),
    "with something behind": (lambda data: data + b"x", "不完整"),
    "a byte of the manifest": (flipped(200), "已损坏"),
    "a byte of the database": (flipped(6000), "已损坏"),
    "a byte of the directory": (flipped(-200), "已损坏"),
    "a byte of the checksum": (flipped(-1), "已损坏"),
    "the first byte of its name": (flipped(30), "已损坏"),
    "empty": (lambda _: b"", "不是叫号系统的备份文件"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(2000), "不是叫号系统的备份文件"),
    "a database": (lambda _: b"SQLite format 3\0" + bytes(5000), "不是叫号系统的备份文件"),
}


@pytest.mark.parametrize("command", ["restore", "restore-drill"])
def test_a_backup_that_is_none_any_more_is_refused_in_words(made, tmp_path, command):
    whole = made.file.read_bytes()
    for name, (spoil, word) in BROKEN.items():
        made.file.write_bytes(spoil(whole))
        to = [] if command == "restore-drill" else ["--data", tmp_path / "again"]
        refused = run(command, made.file, *to)
        assert refused.exit_code == 3 and word in refused.output, (name, refused.output)
        assert not (tmp_path / "again").exists()


def test_every_flipped_bit_of_any_byte_is_seen(made, tmp_path):
    """One byte in every 199, so that each region of the file is met."""
    whole = made.file.read_bytes()
    for place in range(0, len(whole), 199):
        made.file.write_bytes(flipped(place)(whole))
        assert run("restore", made.file, "--data", tmp_path / "again").exit_code == 3, place


def changed(made, **values):
    """The same backup with another manifest, sealed as we seal."""
    with archive.opened(made.file, "backup") as (manifest, packed):
        sources = []
        for part in manifest.parts:
            sources.append(made.file.parent / f"part-{part.name}")
            archive.unpack(made.file, packed, part, sources[-1])
    made.file.unlink()
    archive.write(made.file, replace(manifest, **values), sources)


def test_a_backup_of_a_newer_release_is_refused(made, tmp_path):
    changed(made, schema="9999", release="7.0")
    refused = run("restore", made.file, "--data", tmp_path / "again")
    assert refused.exit_code == 3 and "7.0" in refused.output and "newer release" in refused.output
    assert not (tmp_path / "again").exists()


def test_a_newer_format_is_refused(made, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FORMAT", 2)
    changed(made)
    monkeypatch.undo()
    assert "newer release" in run("restore", made.file, "--data", tmp_path / "again").output


def test_a_folder_that_holds_anything_is_refused(rated, made, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").write_text("mine")
    for folder in (tmp_path / "full", rated.data_dir):
        before = sorted(folder.iterdir())
        refused = run("restore", made.file, "--data", folder)
        assert refused.exit_code == 3 and "不是空目录" in refused.output and sorted(folder.iterdir()) == before


def test_a_backup_does_not_write_over_another(rated, made):
    refused = run("backup", "--data", rated.data_dir, "--to", made.file)
    assert refused.exit_code == 3 and "已经存在" in refused.output


def test_a_full_disk_leaves_nothing_half(rated, tmp_path):
    """A limit on how large a file may get stands for the disk: the same writes fail in the same places."""
    (tmp_path / "copies").mkdir()
    for limit in (4096, 60_000, 700_000):

        def small(limit=limit):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        done = process("backup", "--data", rated.data_dir, "--to", tmp_path / "copies", before=small)
        if done.returncode:
            assert done.returncode == 3 and "没有留下不完整的文件" in done.stderr, done.stderr
            assert list((tmp_path / "copies").iterdir()) == []
    assert run("backup", "--data", rated.data_dir, "--to", tmp_path / "copies").exit_code == 0


def test_a_folder_without_a_hall_and_one_that_is_not_there_are_refused(rated, tmp_path):
    (tmp_path / "empty").mkdir()
    assert run("backup", "--data", tmp_path / "empty", "--to", tmp_path).exit_code == 3
    assert run("backup", "--data", rated.data_dir, "--to", tmp_path / "no" / "such").exit_code == 3


def test_the_drill_finds_a_copy_that_is_not_what_it_says(made):
    with archive.opened(made.file, "backup") as (manifest, _):
        counts = {**manifest.counts, "ticket": 3}
    changed(made, counts=counts)
    found = run("restore-drill", made.file)
    assert found.exit_code == 1 and "ticket：备份时 3 行，现在 2 行" in found.output
    machine = run("restore-drill", made.file, "--json")
    assert machine.exit_code == 1 and json.loads(machine.output)["ok"] is False


def test_the_drill_finds_a_hall_whose_ratings_were_forged(rated, tmp_path):
    with writing(rated.store.engine) as conn:
        conn.execute(text("UPDATE rating SET level = 4, label = 'satisfied'"))
    (tmp_path / "copies").mkdir()
    made = back_up(Config(rated.data_dir), tmp_path / "copies", NOW)
    found = run("restore-drill", made.file)
    assert found.exit_code == 1 and "被改动过" in found.output


def test_the_drill_leaves_nothing_behind(made, tmp_path):
    (tmp_path / "space").mkdir()
    assert run("restore-drill", made.file, "--in", tmp_path / "space").exit_code == 0
    assert list((tmp_path / "space").iterdir()) == []


def test_postgresql_is_backed_up_restored_and_drilled(tmp_path, cluster):
    (tmp_path / "hall").mkdir()
    url = cluster.new_database()
    hall = Hall(tmp_path / "hall", url)
    try:
        hall.device("kiosk").take()
        made = back_up(Config(hall.data_dir, url), tmp_path / "hall", NOW + timedelta(hours=1))
    finally:
        hall.server.close()
    assert made.manifest.counts["ticket"] == 1
    assert run("restore", made.file, "--data", tmp_path / "again").exit_code == 3
    assert run("restore", made.file, "--data", tmp_path / "again", "--database-url", url).exit_code == 3
    fresh = cluster.new_database()
    assert run("restore", made.file, "--data", tmp_path / "again", "--database-url", fresh).exit_code == 0
    again = Hall(tmp_path / "again", fresh)
    try:
        assert again.device("kiosk", "k2").take()["number"] == "A002"
    finally:
        again.server.close()
    proven = run("restore-drill", made.file, "--database-url", cluster.new_database())
    assert proven.exit_code == 0, proven.output
