"""XML whose body is encrypted with SM4 (GB/T 32907) in CBC mode with PKCS#7 padding.

    <request><appId>…</appId><timestamp>20260302090000</timestamp><iv>32 hex</iv><body>base64</body></request>

The body, decrypted, is <evaluation> with one element for each field. The answer is
<response><code>…</code><message>…</message></response>: 200 taken, 208 was there already, 5xx later, anything else
refused with its message.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from xml.etree import ElementTree as ET

from gmalg import SM4
from gmalg.bcmode import BlockCipherModeCBC

from server.domain.sentence import Sentence
from server.domain.upload import RatingRecord, fields
from server.provinces import Answer, Entropy, Need, Outcome, Parcel

NAME = Sentence("XML 报文，国密 SM4 加密", "XML encrypted with SM4")
SETTINGS = {
    "app_id": Need(
        Sentence("省平台分配的应用编号", "the application id given by the province"), "[0-9A-Za-z_-]{1,64}"
    )
}
SECRETS = {"sm4_key": Need(Sentence("SM4 密钥，32 位十六进制", "the SM4 key, 32 hex digits"), "[0-9a-fA-F]{32}")}

BLOCK = 16
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that no XML may hold, not even escaped."""
_DECLARES = re.compile("<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def pack(record: RatingRecord, values: Mapping[str, str], now: datetime, entropy: Entropy) -> Parcel:
    """`now` goes out in the zone that the record's time is in."""
    iv = entropy(BLOCK)
    sealed = _encrypted(_xml("evaluation", fields(record)), bytes.fromhex(values["sm4_key"]), iv)
    said = {
        "appId": values["app_id"],
        "timestamp": f"{now.astimezone(record.assess_time.tzinfo):%Y%m%d%H%M%S}",
        "iv": iv.hex(),
        "body": b64encode(sealed).decode(),
    }
    return Parcel(_xml("request", said), "application/xml; charset=utf-8")


def read(body: bytes, values: Mapping[str, str]) -> Answer:
    text = body.decode("utf-8-sig")
    if _DECLARES.search(text):
        raise ValueError("an answer with declarations of its own")
    try:
        answer = ET.fromstring(text)  # noqa: S314 - no declarations, so nothing that could be expanded
    except ET.ParseError as error:
        raise ValueError("no XML") from error
    code, reason = answer.findtext("code", ""), answer.findtext("message", "")
    if answer.tag != "response" or not re.fullmatch("[0-9]{1,5}", code):
        raise ValueError("no answer of this province")
    if code in ("200", "208"):
        return Answer(Outcome.ARRIVED)
    return Answer(Outcome.LATER if re.fullmatch("5..", code) else Outcome.REFUSED, reason or f"code {code}")


def _xml(tag: str, texts: Mapping[str, str]) -> bytes:
    root = ET.Element(tag)
    for name, text in texts.items():
        ET.SubElement(root, name).text = _NO_XML.sub("\ufffd", text)
    written: bytes = ET.tostring(root, "UTF-8", xml_declaration=True, short_empty_elements=False)
    return written


def _encrypted(plain: bytes, key: bytes, iv: bytes) -> bytes:
    short = BLOCK - len(plain) % BLOCK
    sealed: bytes = BlockCipherModeCBC(SM4(key), iv).encrypt(plain + bytes([short]) * short)
    return sealed
