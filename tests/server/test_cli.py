"""The commands refuse in words (exit code 2 for wrong usage, 3 for the rest), never with a traceback."""

import pytest
from click.testing import CliRunner

from server.app import create_app
from server.cli import cli
from server.config import Config


def refused(arguments, given=b""):
    result = CliRunner().invoke(cli, [str(a) for a in arguments], input=given)
    assert isinstance(result.exception, SystemExit), result.exception
    assert any("\u4e00" <= c <= "\u9fff" for c in result.output) and "Traceback" not in result.output
    return result.exit_code


@pytest.mark.parametrize("command", [("serve", "--port", "0"), ("device-token", "k1", "--kind", "kiosk")])
def test_a_database_that_is_none_is_refused(tmp_path, command):
    (tmp_path / "jiaohao.db").write_bytes(bytes(range(256)) * 40)
    assert refused([*command, "--data", tmp_path]) == 3


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "server.lock").mkdir()
    assert refused(["serve", "--data", tmp_path, "--port", "0"]) == 2


def test_a_database_url_that_is_none_is_refused(tmp_path):
    assert refused(["serve", "--data", tmp_path, "--port", "0", "--database-url", "nonsense"]) == 3


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\udcff"])
def test_a_device_without_a_proper_name_is_refused(tmp_path, name):
    assert refused(["device-token", name, "--kind", "kiosk", "--data", tmp_path]) == 3


def test_a_blank_user_and_a_password_that_is_no_text_are_refused(tmp_path):
    user = ("user-add", "--role", "clerk", "--password-stdin", "--data", tmp_path)
    assert refused([*user, " "], b"correct horse battery\n") == 3
    assert refused([*user, "u"], b"correct \xff horse\n") == 2
    assert refused([*user, "u"], b"short\n") == 3


def test_whoever_has_lost_everything_gets_a_start_password_on_the_server(tmp_path):
    user = ("user-add", "boss", "--role", "admin", "--password-stdin", "--data", tmp_path)
    run = CliRunner().invoke
    assert run(cli, [str(a) for a in user], input=b"correct horse battery\n").exit_code == 0
    told = run(cli, ["rescue", "boss", "--data", str(tmp_path)])
    app = create_app(Config(tmp_path))
    try:
        said = {"username": "boss", "password": told.stdout.strip()}
        assert app.test_client().post("/api/v1/session", json=said).json["must"] == "password_change_required"
    finally:
        app.extensions["jiaohao"].close()
    assert refused(["rescue", "nobody", "--data", tmp_path]) == 3
