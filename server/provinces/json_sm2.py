"""JSON signed with SM2 over SM3 (GB/T 32918.2, user id 1234567812345678).

    {"appId", "timestamp": "20260302090000", "nonce": 32 hex, "data": text of a JSON object with all fields, "sign"}

`sign` is r and s, 64 hex digits each, over the UTF-8 text `appId=…&data=…&nonce=…&timestamp=…`. The answer is
{"code", "msg"}: 0 taken, 1 was there already, 9xx later, anything else refused with `msg`.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from gmalg import SM2

from server.domain.sentence import Sentence
from server.domain.upload import RatingRecord, fields
from server.provinces import Answer, Entropy, Need, Outcome, Parcel

NAME = Sentence("JSON 报文，国密 SM2 签名", "JSON signed with SM2")
SETTINGS = {
    "app_id": Need(
        Sentence("省平台分配的应用编号", "the application id given by the province"), "[0-9A-Za-z_-]{1,64}"
    )
}
ORDER = int("fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123", 16)
"""n of the curve, GB/T 32918.5. A private key is from 1 to n-2."""
SECRETS = {
    "private_key": Need(
        Sentence("SM2 私钥，64 位十六进制，在 1 到 n-2 之间", "the SM2 private key, 64 hex digits, from 1 to n-2"),
        "[0-9a-fA-F]{64}",
        lambda key: 1 <= int(key, 16) <= ORDER - 2,
    )
}

USER_ID = b"1234567812345678"


def pack(record: RatingRecord, values: Mapping[str, str], now: datetime, entropy: Entropy) -> Parcel:
    """`now` goes out in the zone that the record's time is in."""
    data = json.dumps(fields(record), ensure_ascii=False, separators=(",", ":"))
    said = {
        "appId": values["app_id"],
        "data": data,
        "nonce": entropy(16).hex(),
        "timestamp": f"{now.astimezone(record.assess_time.tzinfo):%Y%m%d%H%M%S}",
    }
    text = "&".join(f"{name}={said[name]}" for name in sorted(said))
    said["sign"] = _signed(text.encode(), bytes.fromhex(values["private_key"]), entropy)
    return Parcel(json.dumps(said, ensure_ascii=False).encode(), "application/json; charset=utf-8")


def read(body: bytes, values: Mapping[str, str]) -> Answer:
    answer = json.loads(body)
    code = answer.get("code") if isinstance(answer, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        raise ValueError("no answer of this province")
    reason = str(answer.get("msg") or f"code {code}")
    if code in (0, 1):
        return Answer(Outcome.ARRIVED)
    return Answer(Outcome.LATER if 900 <= code <= 999 else Outcome.REFUSED, reason)


def _signed(text: bytes, key: bytes, entropy: Entropy) -> str:
    signer = SM2(key, USER_ID, rnd_fn=lambda bits: int.from_bytes(entropy(bits // 8)))
    # The library leaves out leading zeros, one time in 128.
    return "".join(part.rjust(32, b"\0").hex() for part in signer.sign(text))
