"""The province's stub by HTTP: what it takes, refuses and counts, without any code of ours on the other side."""

import base64
import json
import subprocess
from collections.abc import Iterator

import pytest
import requests
from gmalg import SM2

from firmware_stubs.province import ProvinceStub
from firmware_stubs.province.envelopes import Keys
from tests.firmware_stubs.test_command import refused, running, url

PRIVATE = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
SM4_KEY = "0123456789abcdeffedcba9876543210"


def public() -> bytes:
    point = SM2(PRIVATE)._core.generate_pk(int.from_bytes(PRIVATE))
    return b"\4" + b"".join(number.to_bytes(32, "big") for number in point)


@pytest.fixture
def stub() -> Iterator[ProvinceStub]:
    stub = ProvinceStub(Keys("hall", public(), bytes.fromhex(SM4_KEY)))
    stub.start()
    yield stub
    stub.stop()


def signed(number: str = "Q-1", key: bytes = PRIVATE) -> bytes:
    data = json.dumps({"projectNo": number, "serviceNumber": "1"})
    said = {"appId": "hall", "data": data, "nonce": "n", "timestamp": "t"}
    text = f"appId=hall&data={data}&nonce=n&timestamp=t"
    r, s = SM2(key, b"1234567812345678").sign(text.encode())
    return json.dumps({**said, "sign": r.rjust(32, b"\0").hex() + s.rjust(32, b"\0").hex()}).encode()


def encrypted(plain: str) -> bytes:
    """By OpenSSL."""
    command = ["openssl", "enc", "-sm4-cbc", "-K", SM4_KEY, "-iv", "00" * 16]
    sealed = subprocess.run(command, input=plain.encode(), capture_output=True, check=True).stdout
    body = base64.b64encode(sealed).decode()
    return f"<request><appId>hall</appId><iv>{'00' * 16}</iv><body>{body}</body></request>".encode()


RECORD = "<evaluation><projectNo>Q-2</projectNo><serviceNumber>3</serviceNumber></evaluation>"


def post(stub: ProvinceStub, path: str, body: bytes) -> tuple[int, str]:
    answer = requests.post(f"http://{stub.address}/{path}", data=body, timeout=10)
    return answer.status_code, answer.text


def test_both_envelopes_are_taken_and_repeats_counted(stub: ProvinceStub) -> None:
    assert post(stub, "json", signed()) == (200, '{"code": 0, "msg": "成功"}')
    assert post(stub, "json", signed()) == (200, '{"code": 1, "msg": "重复上报"}')
    assert "<code>200</code>" in post(stub, "xml", encrypted(RECORD))[1]
    assert "<code>208</code>" in post(stub, "xml", encrypted(RECORD))[1]
    assert [record["key"] for record in stub.records()] == [["Q-1", 1], ["Q-2", 3]]
    assert stub.counters["duplicates"] == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("json", signed(key=bytes(31) + b"\7")),
        ("json", signed().replace(b"Q-1", b"Q-9")),
        ("json", b"{}"),
        ("json", b"\xff"),
        ("xml", encrypted(RECORD).replace(b"<iv>00", b"<iv>zz")),
        ("xml", encrypted("<evaluation></evaluation>")),
        ("xml", encrypted("no xml")),
        ("xml", b"<request/>"),
    ],
)
def test_what_is_not_from_the_hall_is_refused(stub: ProvinceStub, path: str, body: bytes) -> None:
    status, _ = post(stub, path, body)
    assert (status, stub.store, stub.counters["bad_envelopes"]) == (401, {}, 1)


def test_its_faults(stub: ProvinceStub) -> None:
    stub.set_fault("flapping", 2)
    assert [post(stub, "xml", encrypted(RECORD))[0] for _ in range(6)] == [500, 500, 200, 200, 500, 500]
    stub.set_fault("flapping", 0)
    stub.set_fault("refuse", 2)
    assert post(stub, "xml", encrypted(RECORD))[0] == 400
    stub.set_fault("refuse", 0)
    stub.set_fault("lose_answer", 1)
    with pytest.raises(requests.ConnectionError):
        post(stub, "json", signed("Q-5"))
    assert ("Q-5", 1) in stub.store
    stub.set_fault("down")
    with pytest.raises(requests.ConnectionError):
        post(stub, "json", signed("Q-6"))
    stub.set_fault("down", False)
    assert post(stub, "json", signed("Q-6"))[0] == 200


def test_by_hand() -> None:
    words = ("province", "--control", "127.0.0.1:0", "--public-key", public().hex(), "--app-id", "hall")
    with running(*words, "--fault", "slow=0.1") as (_, [line]):
        assert requests.post(f"http://{line['tcp']}/json", data=signed(), timeout=10).status_code == 200
        [record] = requests.get(url(line, "records"), timeout=10).json()["records"]
        assert record["key"] == ["Q-1", 1]
        assert requests.get(url(line, "papers"), timeout=10).status_code == 400
    assert refused("province", "--sm4-key", "12")[0] == 2
    assert refused("province", "--fault", "on_fire")[0] == 2
