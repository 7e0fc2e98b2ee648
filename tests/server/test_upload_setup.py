"""What an admin writes into the data folder, and what is said when it is not right."""

import os

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from server import provinces
from server.cli import cli
from server.models import ServiceItem
from server.provinces import json_sm2
from server.upload_setup import SetupError, load
from tests.server.province import KEYS
from tests.server.test_provinces import WHOLE

TOML = """
province = "json_sm2"
url = "https://hcp.example.gov.cn/api"
settings = { app_id = "jiaohao" }
[hall.HQ]
code = "QH01"
"""


def write(folder, toml=TOML, keys=KEYS["json_sm2"], mode=0o600):
    (folder / "upload.toml").write_text(toml, "utf-8")
    (folder / "upload-keys.toml").write_text(keys, "utf-8")
    (folder / "upload-keys.toml").chmod(mode)
    return load(folder / "upload.toml", folder / "upload-keys.toml")


def test_without_the_file_nothing_is_uploaded(tmp_path):
    assert load(tmp_path / "upload.toml", tmp_path / "upload-keys.toml") is None


def test_a_whole_setup(tmp_path):
    setup = write(tmp_path)
    assert (setup.url, setup.halls["HQ"].code) == ("https://hcp.example.gov.cn/api", "QH01")
    assert KEYS["json_sm2"][15:30] not in repr(setup), "a key is in no log"


URLS = {
    "http://hcp.example.gov.cn/": "https",
    "ftp://hcp.example.gov.cn/": "https",
    "hcp.example.gov.cn": "https",
    "": "https",
    "https://u:p@hcp.example.gov.cn/": "密钥",
    "https://hcp.example.gov.cn/?key=1": "密钥",
    "https://[": "https",
    "https://hcp.example.gov.cn:99999/": "https",
}
WRONG = {
    **{f"url {url}": (TOML.replace("https://hcp.example.gov.cn/api", url), says) for url, says in URLS.items()},
    "no toml": ("province = ", "读不了"),
    "unknown": ("speed = 3\n" + TOML, "speed"),
    "another kind": (TOML.replace('"json_sm2"', "3"), "province"),
    "no province file": (TOML.replace("json_sm2", "atlantis"), "atlantis.py"),
    "no setting": (TOML.replace("app_id", "other"), "app_id"),
    "no hall": (TOML.partition("[hall")[0], "[hall."),
    "a hall without its code": (TOML.replace("code =", "dept_code ="), "[hall.HQ]"),
    "a code with a hyphen": (TOML.replace("QH01", "QH-01"), "[hall.HQ]"),
    "a hall's word that is none": (TOML + "number = '3'\n", "[hall.HQ]"),
    "one code for two halls": (TOML + '[hall.B]\ncode = "QH01"\n', "同一个 code"),
    "no certificate": ('ca = "none.pem"\n' + TOML, "none.pem"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_both_languages(tmp_path, case):
    toml, says = WRONG[case]
    with pytest.raises(SetupError) as refused:
        write(tmp_path, toml)
    assert any(says in sentence.zh for sentence in refused.value.sentences), refused.value
    assert all(sentence.zh and sentence.en for sentence in refused.value.sentences)


def test_the_greatest_and_the_smallest_key(tmp_path):
    for key in (1, json_sm2.ORDER - 2):
        assert write(tmp_path, keys=f'private_key = "{key:064x}"\n')


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/json", "http://[::1]/", "http://localhost:1/"])
def test_loopback_needs_no_https(tmp_path, url):
    assert write(tmp_path, TOML.replace("https://hcp.example.gov.cn/api", url)).url == url


def test_http_where_it_is_allowed(tmp_path):
    toml = "allow_http = true\n" + TOML.replace("https:", "http:")
    assert write(tmp_path, toml).url.startswith("http:")


@pytest.mark.parametrize(
    ("keys", "mode", "says"),
    [
        (KEYS["json_sm2"], 0o640, "chmod 600"),
        ("", 0o600, "private_key"),
        ('private_key = "12"\n', 0o600, "private_key"),
        (f'private_key = "{"0" * 64}"\n', 0o600, "1 到 n-2"),
        (f'private_key = "{json_sm2.ORDER - 1:x}"\n', 0o600, "from 1 to n-2"),
        ("private_key = SECRETWORD\n", 0o600, "读不了"),
    ],
)
def test_keys_are_whole_and_for_their_owner_only(tmp_path, keys, mode, says):
    with pytest.raises(SetupError) as refused:
        write(tmp_path, keys=keys, mode=mode)
    assert says in str(refused.value) and "SECRETWORD" not in str(refused.value)


def check(folder):
    done = CliRunner().invoke(cli, ["upload", "check", "--data", str(folder)])
    return done.exit_code, done.output


def test_the_check_says_what_is_missing(hall):
    code, said = check(hall.data_dir)
    assert code == 1 and "没有 upload.toml" in said and "SB-03" in said and "has no task code" in said
    with pytest.raises(SetupError):
        write(hall.data_dir, mode=0o644)
    assert "chmod 600" in check(hall.data_dir)[1]
    write(hall.data_dir)
    boss = hall.person("boss", "admin")
    for item in boss.get("/uploads")[1]["items"]:
        path = f"/uploads/items/{item['code']}"
        assert boss.do(path, method="PUT", task_code="1" * 31, task_handle_item="")[0] == 200
    code, said = check(hall.data_dir)
    assert code == 0 and "设置齐全" in said and "nothing is lacking" in said


def with_all_codes(hall):
    hall.store.write(lambda tx: tx.conn.execute(update(ServiceItem).values(task_code="1" * 31)))


def test_the_check_knows_the_halls_of_the_database(hall):
    with_all_codes(hall)
    write(hall.data_dir, TOML.replace("hall.HQ", "hall.NOWHERE"))
    code, said = check(hall.data_dir)
    assert code == 1 and "NOWHERE" in said and "which does not exist" in said
    write(hall.data_dir)
    hall.restart()
    assert check(hall.data_dir)[0] == 0
    (hall.data_dir / "upload.toml").unlink()
    code, said = check(hall.data_dir)
    assert code == 1 and "大厅 HQ 的编码，它的评价不再上报" in said
    assert hall.rows("SELECT upload_code FROM hall") == [("QH01",)], "the check changes nothing"


def test_the_check_packs_a_record(tmp_path, monkeypatch):
    def pack(*_):
        raise ValueError(KEYS["json_sm2"])

    write(tmp_path)
    monkeypatch.setattr(json_sm2, "pack", pack)
    code, said = check(tmp_path)
    assert code == 1 and "ValueError" in said and "cannot be packed" in said and KEYS["json_sm2"][15:30] not in said


def test_a_hall_opens_with_a_province_file_that_is_none(hall, tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("provinces")
    (folder / "odd.py").write_text(f"{WHOLE}SETTINGS = None")
    monkeypatch.setattr(provinces, "__path__", [*provinces.__path__, str(folder)])
    (hall.data_dir / "upload.toml").write_text(TOML.replace("json_sm2", "odd"), "utf-8")
    hall.restart()
    assert "odd.py" in hall.person("boss", "admin").get("/uploads")[1]["trouble"][0]["zh"]


def test_the_check_makes_no_database(tmp_path):
    write(tmp_path)
    assert check(tmp_path)[0] == 0
    assert sorted(os.listdir(tmp_path)) == ["upload-keys.toml", "upload.toml"]  # noqa: PTH208


def test_a_hall_opens_with_a_broken_setup_and_says_so(hall):
    (hall.data_dir / "upload.toml").write_text("province = ")
    hall.restart()
    assert hall.server.sender is None
    found = hall.person("boss", "admin").get("/uploads")[1]
    assert "读不了" in found["trouble"][0]["zh"] and not found["on"]


def test_a_break_of_the_setup_loses_no_rating(hall):
    write(hall.data_dir)
    hall.restart()
    (hall.data_dir / "upload.toml").write_text("province = ")
    hall.restart()
    found = hall.person("boss", "admin").get("/uploads")[1]
    assert found["on"] and found["trouble"], "ratings are kept until it is mended"


def test_a_hall_that_is_none_and_a_code_of_another(hall):
    write(hall.data_dir, TOML + '[hall.ELSEWHERE]\ncode = "QH02"\n')
    hall.restart()
    assert "ELSEWHERE" in hall.person("boss", "admin").get("/uploads")[1]["trouble"][0]["zh"]
    assert hall.server.sender is not None
