"""Papers kept on disk, so that they outlive the stub: a test that kills the host reads them here."""

import json
import os
import queue
import threading
from pathlib import Path

from firmware_stubs.printer.render import png
from firmware_stubs.printer.sheet import Paper

INDEX = "papers.jsonl"


class Archive:
    """Each cut is one line of `papers.jsonl`, on the disk before the printer says that it printed.

    NNNN.json and NNNN.png follow a moment later, off the printer's own thread.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        index = folder / INDEX
        self.last_no = len(index.read_bytes().splitlines()) if index.exists() else 0
        self._index = index.open("a", encoding="utf-8")
        self._waiting: queue.Queue[Paper | None] = queue.Queue()
        self._painter = threading.Thread(target=self._paint, daemon=True)
        self._painter.start()

    def keep(self, paper: Paper) -> None:
        self._index.write(json.dumps(paper.record(), ensure_ascii=False) + "\n")
        self._index.flush()
        os.fsync(self._index.fileno())
        self._waiting.put(paper)

    def close(self) -> None:
        self._waiting.put(None)
        self._painter.join(10)
        self._index.close()

    def _paint(self) -> None:
        while paper := self._waiting.get():
            name = self._folder / f"{paper.no:04d}"
            name.with_suffix(".json").write_text(json.dumps(paper.record(), ensure_ascii=False, indent=1), "utf-8")
            name.with_suffix(".png").write_bytes(png(paper.piece))
