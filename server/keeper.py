"""Does what `services.upkeep` asks for, one run after the other, each as a program of its own: copying, packing and
verifying a long past takes a processor for minutes, and whoever takes a number shall not wait for that."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import structlog

from server.backup.folder import check_folder
from server.backup.prune import prune
from server.config import Config
from server.contract.operations import OperationsSettings
from server.contract.problems import ProblemError
from server.db import Record, Store
from server.domain.sentence import Sentence
from server.services import upkeep
from server.upload import holder_of

log = structlog.get_logger()
KEEPER_S = 2.0
_COMMAND = (sys.executable, "-c", "from server.cli import cli; cli()")
_GENTLY = ("nice", "-n", "10")
DAMAGED = Sentence(
    "有不相符之处，请在服务器上运行 jiaohao-server audit verify 查看",
    "something is not as sealed; run jiaohao-server audit verify on the server to see what",
)
AS_SEALED = Sentence("评价与审计记录全部相符", "all ratings are as sealed")
NOT_LOOKED = Sentence(
    "没能核验，请在服务器上运行 jiaohao-server audit verify 查看原因",
    "nothing could be verified; run jiaohao-server audit verify on the server to see why",
)


class Keeper:
    def __init__(self, store: Store, config: Config) -> None:
        self._store, self._config = store, config
        self._holder = holder_of(config.data_dir)
        self._child: subprocess.Popen[str] | None = None
        self._closed = False
        store.write(lambda tx: upkeep.give_up(tx, self._holder))

    def turn(self) -> None:
        """Do what is due or asked for, if anything is. Writes nothing otherwise."""
        with self._store.read() as conn:
            due, waiting = upkeep.due(conn, self._store.clock()), upkeep.waiting(conn)
        if due:
            self._store.write(upkeep.ask_due)
        if due or waiting:
            run = self._store.write(lambda tx: upkeep.claim(tx, self._holder))
            if run is not None:
                self._do(run)

    def close(self) -> None:
        """Whatever is under way is stopped; the next start says so of it."""
        self._closed = True
        if self._child is not None:
            self._child.terminate()

    def _do(self, run: Record) -> None:
        try:
            ok, said, made = self._back_up(run) if run.kind == "backup" else (*self._verify(), {})
        except Exception as error:  # a run that never ends would be waited for, and keep the next from being made
            if self._closed:
                return
            log.exception("upkeep failed", kind=run.kind)
            ok, said, made = False, Sentence(f"未成功：{error}", f"did not succeed: {error}"), {}
        if not self._closed:
            file, size = str(made.get("file", "")), int(made.get("size", 0))
            self._store.write(lambda tx: upkeep.end(tx, run, ok, said, file, size))

    def _back_up(self, run: Record) -> tuple[bool, Sentence, dict[str, Any]]:
        with self._store.read() as conn:
            kept = upkeep.settings(conn, run.hall_id)
        try:
            check_folder(kept.backup_folder)  # a disk may be gone since it was set
        except ProblemError as error:
            body = error.body()
            return False, Sentence(str(body["detail"]).rstrip("。"), str(body["detail_en"]).rstrip(".")), {}
        made = self._told("backup", "--to", kept.backup_folder, *([] if kept.backup_keys else ["--no-keys"]))
        said = Sentence(made["zh"], made["en"])
        if not made["ok"]:
            return False, said, {}
        if kept.backup_drill and not self._config.database_url:
            proof = self._drilled(Path(made["file"]), kept)
            said = Sentence(f"{said.zh}；{proof['zh']}", f"{said.en}; {proof['en']}")
            if not proof["ok"]:
                return False, said, made
        prune(Path(kept.backup_folder), self._config.data_dir, kept.keep_days, kept.keep_weeks, kept.keep_months)
        return True, said, made

    def _drilled(self, file: Path, kept: OperationsSettings) -> dict[str, Any]:
        where = ["--in", kept.backup_folder, "--keys", str(self._config.data_dir)]
        return self._told("restore-drill", str(file), *where, data=False)

    def _verify(self) -> tuple[bool, Sentence]:
        code, _ = self._run("audit", "verify", "--data", str(self._config.data_dir))
        return {0: (True, AS_SEALED), 1: (False, DAMAGED)}.get(code, (False, NOT_LOOKED))

    def _told(self, command: str, *arguments: str, data: bool = True) -> dict[str, Any]:
        """What a command says with --json. Raises ValueError where it says nothing."""
        hall = ["--data", str(self._config.data_dir)] if data else []
        _, printed = self._run(command, *hall, *arguments, "--json")
        said: dict[str, Any] = json.loads(printed)
        return said

    def _run(self, *arguments: str) -> tuple[int, str]:
        if self._closed:
            raise RuntimeError("the server stops")
        # The address of a database holds a password, which all of the machine could read among the arguments.
        address = {"JIAOHAO_DATABASE_URL": self._config.database_url} if self._config.database_url else {}
        command = [*_GENTLY, *_COMMAND, *arguments]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, **address}
        ) as self._child:
            printed, _ = self._child.communicate()
        return self._child.returncode, printed
