"""The two envelopes, opened and answered as the interface's document says."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from gmalg import SM4
from gmalg.bcmode import BlockCipherModeCBC
from gmalg.errors import GMError

from firmware_stubs.province.sm2 import verify

Fields = dict[str, str]


class BadEnvelopeError(Exception):
    """It cannot be opened, or it is not from whom it says. The sentence goes back to the hall."""


@dataclass(frozen=True)
class Keys:
    """`public_key`: the hall's SM2 key, 65 bytes; `sm4_key`: 16 bytes."""

    app_id: str
    public_key: bytes
    sm4_key: bytes


@dataclass(frozen=True)
class Envelope:
    """`open` raises BadEnvelopeError; `taken`, `duplicate` and `busy` are codes of answers, `answer` writes one."""

    media_type: str
    open: Callable[[bytes, Keys], Fields]
    answer: Callable[[int, str], bytes]
    taken: int
    duplicate: int
    refused: int
    busy: int


def open_json(body: bytes, keys: Keys) -> Fields:
    try:
        said = json.loads(body)
        text = "&".join(f"{name}={said[name]}" for name in ("appId", "data", "nonce", "timestamp"))
        signature = bytes.fromhex(said["sign"])
        fields = json.loads(said["data"])
    except (ValueError, TypeError, KeyError):
        raise BadEnvelopeError("报文格式不正确") from None
    if said["appId"] != keys.app_id or not verify(keys.public_key, text.encode(), signature):
        raise BadEnvelopeError("签名验证失败")
    return _checked(fields)


def open_xml(body: bytes, keys: Keys) -> Fields:
    try:
        said = {part.tag: part.text or "" for part in ET.fromstring(body)}  # noqa: S314 - a stub, fed by our own tests
        plain = _decrypted(base64.b64decode(said["body"], validate=True), bytes.fromhex(said["iv"]), keys.sm4_key)
        fields = {part.tag: part.text or "" for part in ET.fromstring(plain)}  # noqa: S314 - a stub, fed by our own tests
    except (ET.ParseError, KeyError, ValueError, binascii.Error, GMError):
        raise BadEnvelopeError("报文解密失败") from None
    if said.get("appId") != keys.app_id:
        raise BadEnvelopeError("应用编号不正确")
    return _checked(fields)


def _decrypted(sealed: bytes, iv: bytes, key: bytes) -> bytes:
    plain: bytes = BlockCipherModeCBC(SM4(key), iv).decrypt(sealed)
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= 16 or plain[-padding:] != bytes([padding]) * padding:
        raise ValueError("padding")
    return plain[:-padding]


def _checked(fields: object) -> Fields:
    """The fields that are text; the key must be among them."""
    texts = {name: text for name, text in fields.items() if isinstance(text, str)} if isinstance(fields, dict) else {}
    if not texts.get("projectNo") or not texts.get("serviceNumber", "").isdecimal():
        raise BadEnvelopeError("缺少 projectNo 或 serviceNumber")
    return texts


def _json_answer(code: int, words: str) -> bytes:
    return json.dumps({"code": code, "msg": words}, ensure_ascii=False).encode()


def _xml_answer(code: int, words: str) -> bytes:
    return f"<response><code>{code}</code><message>{escape(words)}</message></response>".encode()


ENVELOPES = {
    "/json": Envelope("application/json", open_json, _json_answer, taken=0, duplicate=1, refused=40, busy=900),
    "/xml": Envelope("application/xml", open_xml, _xml_answer, taken=200, duplicate=208, refused=400, busy=500),
}
"""By the path to which each is posted."""
