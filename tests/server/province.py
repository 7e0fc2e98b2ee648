"""The far side: `python -m firmware_stubs province` as a process, and a hall that is set up for it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]
PRIVATE_KEY = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
PUBLIC_KEY = (
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SM4_KEY = "0123456789abcdeffedcba9876543210"
KEYS = {"json_sm2": f'private_key = "{PRIVATE_KEY}"\n', "xml_sm4": f'sm4_key = "{SM4_KEY}"\n'}
PATHS = {"json_sm2": "json", "xml_sm4": "xml"}


class Far:
    def __init__(self, line):
        self.address, self._control = line["tcp"], f"http://{line['control']}"

    def fault(self, name, value=True):
        answer = requests.post(f"{self._control}/fault", json={"name": name, "value": value}, timeout=20)
        assert answer.ok, answer.text

    def _state(self):
        return requests.get(f"{self._control}/state", timeout=20).json()["devices"][0]

    @property
    def counters(self):
        return self._state()["counters"]

    @property
    def count(self):
        """How many records it has."""
        return self._state()["records"]

    @property
    def records(self):
        """Fields by key, in the order in which each came first."""
        records = requests.get(f"{self._control}/records", timeout=20).json()["records"]
        return {tuple(record["key"]): record["fields"] for record in records}


@contextmanager
def province() -> Iterator[Far]:
    command = [
        sys.executable, "-m", "firmware_stubs", "province", "--public-key", PUBLIC_KEY, "--sm4-key", SM4_KEY,
        "--control", "127.0.0.1:0",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout
        yield Far(json.loads(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


def set_up(folder, far, name="xml_sm4", hall="HQ"):
    """As an admin does: two files in the data folder."""
    (folder / "upload.toml").write_text(
        f'province = "{name}"\nurl = "http://{far.address}/{PATHS[name]}"\nsettings = {{ app_id = "jiaohao" }}\n'
        f'[hall.{hall}]\ncode = "QH01"\ndepartment = "清禾市人社局"\ndept_code = "11330000MB0"\ndata_source = "31"\n',
        "utf-8",
    )
    keys = folder / "upload-keys.toml"
    keys.touch(0o600)
    keys.write_text(KEYS[name])
