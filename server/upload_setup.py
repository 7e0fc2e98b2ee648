"""How this server uploads ratings: `upload.toml` and `upload-keys.toml` in the data folder (docs/upload.md).

Keys are in a file of their own which only its owner may read; they are in no database, no address and no log.
"""

import ipaddress
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from server.domain.sentence import Sentence
from server.domain.upload import RatingRecord, is_hall_code
from server.provinces import BrokenProvinceError, Need, Province, province


@dataclass(frozen=True)
class HallSetup:
    """What the province calls a hall and its department; see `docs/upload.md` for what each is sent as. Without a
    code the hall does not upload."""

    code: str
    department: str = ""
    dept_code: str = ""
    data_source: str = ""


@dataclass(frozen=True)
class Setup:
    """`halls` by our own code. `values` are the province's settings and secrets by name. `ca`: certificates to trust
    in place of the public ones."""

    province: Province
    url: str
    halls: Mapping[str, HallSetup]
    values: Mapping[str, str] = field(repr=False)
    ca: Path | None = None

    @property
    def codes(self) -> Mapping[str, str]:
        """Our code of a hall → the province's."""
        return {code: hall.code for code, hall in self.halls.items()}


class SetupError(Exception):
    """What is missing or wrong, all of it at once."""

    def __init__(self, sentences: list[Sentence]) -> None:
        super().__init__(" ".join(map(str, sentences)))
        self.sentences = tuple(sentences)


TOP = {"province": str, "url": str, "allow_http": bool, "ca": str, "settings": dict, "hall": dict}
NAMED = {dict: ("表", "a table"), str: ("文字", "text"), bool: ("true 或 false", "true or false")}
HALL = ("code", "department", "dept_code", "data_source")


def load(toml: Path, keys: Path) -> Setup | None:
    """None without `toml`: nothing is uploaded. Raises SetupError."""
    if not toml.exists():
        return None
    wrong: list[Sentence] = []
    said = _typed(_table(toml, wrong), wrong)
    found = _province(said.get("province", ""), wrong)
    values = {} if found is None else _values(found, said.get("settings", {}), keys, wrong)
    url = _url(said.get("url", ""), bool(said.get("allow_http")), wrong)
    halls = _halls(said.get("hall", {}), wrong)
    ca = _certificates(toml.parent, said.get("ca", ""), wrong)
    if wrong or found is None:
        raise SetupError(wrong)
    return Setup(found, url, halls, values, ca)


def unpackable(setup: Setup, now: datetime) -> list[Sentence]:
    """What comes of one record that was never given; nothing is sent."""
    try:
        setup.province.pack(SAMPLE, setup.values, now, secrets.token_bytes)
    except Exception as error:  # noqa: BLE001 - a province file may raise anything, and the check says so
        # Only what kind: the words of an error may hold a key.
        why = type(error).__name__
        return [
            Sentence(
                f"试打一条报文失败（{why}），请核对省平台适配文件、settings 和密钥",
                f"a trial record cannot be packed ({why}); check the province file, the settings and the keys",
            )
        ]
    return []


SAMPLE = RatingRecord(
    project_no="TEST-20260302-A001", service_number=1, task_code="", task_handle_item="", task_name="",
    pf=5, satisfaction=5, eval_detail=(), writing_evaluation="", assess_time=datetime(2026, 3, 2, tzinfo=UTC),
    pro_depart="", dept_code="", promisetime="", data_source="",
)  # fmt: skip


def _table(path: Path, wrong: list[Sentence]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else type(error).__name__
        # Not the parser's own words: they may quote a key.
        wrong.append(
            Sentence(
                f"{path.name} 读不了（{why}），请检查文件和 TOML 写法",
                f"{path.name} cannot be read ({why}); check the file and its TOML",
            )
        )
        return {}


def _typed(said: dict[str, Any], wrong: list[Sentence]) -> dict[str, Any]:
    """What is of the right kind; the rest is named."""
    for name, value in said.items():
        if name not in TOP:
            wrong.append(
                Sentence(f"upload.toml 里没有 {name} 这一项，请删去", f"upload.toml has no {name}; remove it")
            )
        elif not isinstance(value, TOP[name]):
            zh, en = NAMED[TOP[name]]
            wrong.append(Sentence(f"upload.toml 的 {name} 应为{zh}", f"{name} in upload.toml must be {en}"))
    return {name: value for name, value in said.items() if name in TOP and isinstance(value, TOP[name])}


def _province(name: str, wrong: list[Sentence]) -> Province | None:
    try:
        return province(name)
    except BrokenProvinceError as error:
        wrong.append(error.sentence)
        return None


def _values(found: Province, settings: dict[str, Any], keys: Path, wrong: list[Sentence]) -> dict[str, str]:
    """The province's settings from upload.toml, its secrets from the file beside."""
    if keys.exists() and keys.stat().st_mode & 0o077:
        wrong.append(
            Sentence(
                f"{keys.name} 别人也能读，请执行 chmod 600 {keys.name}",
                f"{keys.name} can be read by others; run chmod 600 {keys.name}",
            )
        )
    hidden = _table(keys, wrong) if keys.exists() else {}
    wrong += [
        *_missing(found.SETTINGS, settings, "upload.toml [settings]"),
        *_missing(found.SECRETS, hidden, keys.name),
    ]
    return {name: str(value) for name, value in {**settings, **hidden}.items()}


def _missing(needs: Mapping[str, Need], given: dict[str, Any], where: str) -> list[Sentence]:
    """Only names are said, never what was given."""
    return [
        Sentence(
            f"{where} 缺少 {name} 或写法不对：{need.about.zh}",
            f"{where} lacks {name} or it is not right: {need.about.en}",
        )
        for name, need in needs.items()
        if not need.met(str(given.get(name, "")))
    ]


def _url(url: str, allow_http: bool, wrong: list[Sentence]) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in ("http", "https"):
        wrong.append(
            Sentence(
                "upload.toml 的 url 应为省平台的 https 地址",
                "url in upload.toml must be the province's https address",
            )
        )
    elif parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        wrong.append(
            Sentence(
                "url 里不能有账号、密码或参数，密钥写在 upload-keys.toml",
                "url must hold no account, password or query; keys belong into upload-keys.toml",
            )
        )
    elif parts.scheme == "http" and not allow_http and not _loopback(host):
        wrong.append(
            Sentence(
                "url 应为 https；确在专网且省平台只有 http 时，加 allow_http = true",
                "url must be https; where the province has only http on a network of its own, add allow_http = true",
            )
        )
    return url


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _halls(given: dict[str, Any], wrong: list[Sentence]) -> dict[str, HallSetup]:
    halls = {code: HallSetup(**said) for code, said in given.items() if _hall(code, said, wrong)}
    if not given:
        wrong.append(
            Sentence(
                "upload.toml 缺少 [hall.大厅代码]，请写上省平台给本厅的 code",
                "upload.toml lacks [hall.CODE]; give there the code that the province gave the hall",
            )
        )
    codes = [hall.code for hall in halls.values() if hall.code]
    if len(set(codes)) < len(codes):
        wrong.append(Sentence("两个大厅不能用同一个 code", "two halls must not have the same code"))
    return halls


def _hall(code: str, said: Any, wrong: list[Sentence]) -> bool:
    texts = isinstance(said, dict) and all(key in HALL and isinstance(text, str) for key, text in said.items())
    if texts and (said.get("code") == "" or is_hall_code(said.get("code", ""))):
        return True
    wrong.append(
        Sentence(
            f"upload.toml 的 [hall.{code}] 要有 code（1 到 32 位字母或数字），另可有 {'、'.join(HALL[1:])}，都是文字",
            f"[hall.{code}] in upload.toml needs code (1 to 32 letters or digits) and may have {', '.join(HALL[1:])},"
            " all of them text",
        )
    )
    return False


def _certificates(folder: Path, name: str, wrong: list[Sentence]) -> Path | None:
    if name and not (folder / name).is_file():
        wrong.append(Sentence(f"没有证书文件 {name}", f"there is no certificate file {name}"))
    return folder / name if name else None
