"""Both envelopes byte for byte; the ciphers by their standards' vectors, and by OpenSSL as a stranger."""

import base64
import hashlib
import json
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from xml.etree import ElementTree as ET

import pytest
from gmalg import SM2, SM3, SM4

from firmware_stubs.province.sm2 import sm3, verify
from server import provinces
from server.domain.upload import RatingRecord, fields
from server.provinces import BrokenProvinceError, Outcome, json_sm2, province, xml_sm4
from tests.server.province import PRIVATE_KEY, PUBLIC_KEY, SM4_KEY

NOW = datetime(2026, 3, 2, 1, 0, 5, tzinfo=UTC)
RECORD = RatingRecord(
    project_no="QH01-20260302-A001", service_number=1, task_code="1" * 31, task_handle_item="2" * 33,
    task_name="灵活就业人员参保登记", pf=3, satisfaction=2, eval_detail=("201", "212"), writing_evaluation="久 <&>",
    assess_time=datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8))), pro_depart="清禾市人社局",
    dept_code="11330000MB0", promisetime="当场办结", data_source="31",
)  # fmt: skip
VALUES = {"app_id": "jiaohao", "private_key": PRIVATE_KEY, "sm4_key": SM4_KEY}
DATA = (
    '{"projectNo":"QH01-20260302-A001","serviceNumber":"1","taskCode":"1111111111111111111111111111111",'
    '"taskHandleItem":"222222222222222222222222222222222","taskName":"灵活就业人员参保登记","pf":"3",'
    '"satisfaction":"2","evalDetail":"201,212","writingEvaluation":"久 <&>","assessTime":"2026-03-02 09:00:00",'
    '"userName":"","userProp":"","certKey":"","proDepart":"清禾市人社局","deptCode":"11330000MB0",'
    '"promisetime":"当场办结","dataSource":"31"}'
)


def entropy():
    """The same bytes in every run: 01 01 …, then 02 02 …"""
    turn = count(1)
    return lambda size: bytes([next(turn)]) * size


def test_sm3_and_sm4_by_their_standards():
    hashed = SM3()
    hashed.update(b"abc")
    assert hashed.value().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert hashed.value() == sm3(b"abc")
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert SM4(key).encrypt(key).hex() == "681edf34d206965e86b3e94f536e4246"


def test_sm2_by_its_standard():
    """GB/T 32918.5, annex A: the key, message and random number of its example."""
    k = int("59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21", 16)
    r, s = SM2(bytes.fromhex(PRIVATE_KEY), b"1234567812345678", rnd_fn=lambda bits: k).sign(b"message digest")
    assert r.hex() == "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    assert s.hex() == "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
    assert verify(bytes.fromhex(PUBLIC_KEY), b"message digest", r + s)
    assert not verify(bytes.fromhex(PUBLIC_KEY), b"message digesu", r + s)
    assert not verify(bytes.fromhex(PUBLIC_KEY), b"message digest", s + r)


def test_the_signed_envelope():
    parcel = json_sm2.pack(RECORD, VALUES, NOW, entropy())
    said = json.loads(parcel.body)
    assert parcel.media_type == "application/json; charset=utf-8"
    assert said == {
        "appId": "jiaohao", "data": DATA, "nonce": "01" * 16, "timestamp": "20260302090005",
        "sign": (
            "31a2fa493be99a36884c13706928ca4f51660bda070c0a3689c74b16d246af96"
            "8357ed4106ac2d506120a0f130a4324373fcc6c5d29a4de2b8db6e69421c8bd5"
        ),
    }  # fmt: skip


def test_openssl_finds_the_signature_right(tmp_path):
    said = json.loads(json_sm2.pack(RECORD, VALUES, NOW, entropy()).body)
    text = f"appId=jiaohao&data={DATA}&nonce={'01' * 16}&timestamp=20260302090005"
    (tmp_path / "text").write_text(text, "utf-8")
    (tmp_path / "sign").write_bytes(der(said["sign"]))
    head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
    pem = base64.encodebytes(head + bytes.fromhex(PUBLIC_KEY)).decode()
    (tmp_path / "key").write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}-----END PUBLIC KEY-----\n")
    check = [
        "openssl", "pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-pubin", "-inkey", "key", "-sigfile", "sign",
        "-in", "text", "-pkeyopt", "distid:1234567812345678",
    ]  # fmt: skip
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode == 0
    (tmp_path / "text").write_text(text + " ", "utf-8")
    assert subprocess.run(check, cwd=tmp_path, capture_output=True).returncode != 0


def der(sign):
    parts = b""
    for number in (sign[:64], sign[64:]):
        plain = bytes.fromhex(number).lstrip(b"\0")
        plain = b"\0" + plain if plain[0] & 0x80 else plain
        parts += bytes([2, len(plain)]) + plain
    return bytes([0x30, len(parts)]) + parts


def test_numbers_of_a_signature_keep_their_leading_zeros():
    """One in 128 signatures has one; with these random numbers the 1st of them comes soon."""
    signs = [json_sm2._signed(bytes([n]), bytes.fromhex(PRIVATE_KEY), lambda size, n=n: bytes([n + 1]) * size)
             for n in range(160)]  # fmt: skip
    assert {len(sign) for sign in signs} == {128}
    assert any(sign.startswith("00") or sign[64:].startswith("00") for sign in signs)


def test_the_encrypted_envelope():
    parcel = xml_sm4.pack(RECORD, VALUES, NOW, entropy())
    assert parcel.media_type == "application/xml; charset=utf-8"
    head, _, rest = parcel.body.decode().partition("<body>")
    assert head == (
        "<?xml version='1.0' encoding='UTF-8'?>\n<request><appId>jiaohao</appId><timestamp>20260302090005</timestamp>"
        f"<iv>{'01' * 16}</iv>"
    )
    assert rest.endswith("</body></request>")
    assert (
        hashlib.sha256(rest.encode()).hexdigest()
        == "ef9359378db30131bf7b36eeb940559e75816e5f61a74ed35fa7538a7b60f3f7"
    )


def test_openssl_opens_the_encrypted_envelope():
    said = {part.tag: part.text for part in ET.fromstring(xml_sm4.pack(RECORD, VALUES, NOW, entropy()).body)}  # noqa: S314
    done = subprocess.run(
        ["openssl", "enc", "-d", "-sm4-cbc", "-K", SM4_KEY, "-iv", said["iv"]],
        input=base64.b64decode(said["body"]), capture_output=True, check=True,
    )  # fmt: skip
    opened = ET.fromstring(done.stdout)  # noqa: S314
    assert opened.tag == "evaluation"
    assert {part.tag: part.text or "" for part in opened} == fields(RECORD)


ANSWERS = [
    (json_sm2, '{"code": 0, "msg": "成功"}', Outcome.ARRIVED),
    (json_sm2, '{"code": 1, "msg": "重复"}', Outcome.ARRIVED),
    (json_sm2, '{"code": 40, "msg": "缺编码"}', Outcome.REFUSED),
    (json_sm2, '{"code": 900}', Outcome.LATER),
    (xml_sm4, "<response><code>200</code></response>", Outcome.ARRIVED),
    (xml_sm4, "\ufeff<response><code>208</code></response>", Outcome.ARRIVED),
    (xml_sm4, "<response><code>400</code><message>缺编码</message></response>", Outcome.REFUSED),
    (xml_sm4, "<response><code>503</code></response>", Outcome.LATER),
    (xml_sm4, "<response><code>200</code><message><![CDATA[成功]]></message></response>", Outcome.ARRIVED),
    (
        xml_sm4,
        "<!-- 2 --><response><code>400</code><message><![CDATA[缺<码>]]></message></response>",
        Outcome.REFUSED,
    ),
]
NONSENSE = [
    (json_sm2, b""), (json_sm2, b"<html>"), (json_sm2, b"[]"), (json_sm2, b'{"code": true}'), (json_sm2, b'"0"'),
    (json_sm2, b"\xff"), (json_sm2, b'{"code": "0"}'),
    (xml_sm4, b""), (xml_sm4, b"<html><code>200</code></html>"), (xml_sm4, b"<response/>"), (xml_sm4, b"\xff\xfe<"),
    (xml_sm4, b"<response><code>x</code></response>"),
    (xml_sm4, b"<!DOCTYPE r [<!ENTITY a 'aaaa'>]><response><code>200</code></response>"),
    (xml_sm4, b"<!doctype html><response><code>200</code></response>"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "text", "outcome"), ANSWERS)
def test_answers(module, text, outcome):
    answer = module.read(text.encode(), VALUES)
    assert answer.outcome is outcome and bool(answer.reason) == (outcome is not Outcome.ARRIVED)


@pytest.mark.parametrize(("module", "body"), NONSENSE)
def test_what_is_no_answer_is_none(module, body):
    with pytest.raises(ValueError):
        module.read(body, VALUES)


WHOLE = """
from server.domain.sentence import Sentence
NAME, SETTINGS, SECRETS = Sentence("省", "a province"), {}, {}
def pack(*_): ...
def read(*_): ...
"""
BROKEN = {
    "no_python": "def pack(",
    "raises": "raise RuntimeError('boom')",
    "half": "NAME = SETTINGS = SECRETS = None\ndef pack(*_): ...\n",
    "settings_none": f"{WHOLE}SETTINGS = None",
    "settings_texts": f"{WHOLE}SETTINGS = {{'app_id': 'text'}}",
    "secrets_list": f"{WHOLE}SECRETS = ['key']",
    "no_callable": f"{WHOLE}read = 3",
    "no_pattern": f"{WHOLE}from server.provinces import Need\nSETTINGS = {{'app_id': Need(NAME, '[')}}",
}


@pytest.mark.parametrize("name", ["nowhere", "", "..models", "json-sm2", "os.path", *BROKEN])
def test_a_broken_province_file_is_refused_with_a_sentence(name, tmp_path, monkeypatch):
    for file, text in BROKEN.items():
        (tmp_path / f"{file}.py").write_text(text)
    monkeypatch.setattr(provinces, "__path__", [*provinces.__path__, str(tmp_path)])
    with pytest.raises(BrokenProvinceError) as refused:
        province(name)
    sentence = refused.value.sentence
    assert f"{name}.py" in sentence.zh and f"{name}.py" in sentence.en
