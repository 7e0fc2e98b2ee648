"""What of a rating goes to the province (好差评上报), under which key, and when a fault is tried again.

The names of fields are those of the interfaces that provinces publish after 国办发〔2019〕51号; `docs/upload.md` has
the table.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

CHANNELS: Mapping[str, int] = {
    "web": 1,
    "mobile": 2,
    "qr": 3,
    "tablet": 4,
    "evaluator": 5,
    "paper": 5,
    "telephone": 6,
    "sms": 7,
    "mini_program": 8,
}
"""The word by which we keep a rating's source → the province's number of the channel (pf)."""

TASK_CODE, TASK_HANDLE_ITEM = 31, 33
"""Characters of 实施编码 and of 业务办理项编码."""

FIRST_S, LONGEST_S = 2.0, 600.0
"""The first wait after a fault, and the longest."""


@dataclass(frozen=True)
class RatingRecord:
    """One rating as provinces take it; `fields` names and orders it as they do. (project_no, service_number) is the
    key: sent twice it must be one record over there.

    `assess_time` is in the hall's zone. What is not known stays empty, `task_code` and `task_handle_item` too. The
    last three are always empty: the hall does not know who rated.
    """

    project_no: str
    service_number: int
    task_code: str
    task_handle_item: str
    task_name: str
    pf: int
    satisfaction: int
    eval_detail: tuple[str, ...]
    writing_evaluation: str
    assess_time: datetime
    pro_depart: str
    dept_code: str
    promisetime: str
    data_source: str
    user_name: str = ""
    user_prop: str = ""
    cert_key: str = ""


def fields(record: RatingRecord) -> dict[str, str]:
    """Every field by its official name, as text, in the order of the table in `docs/upload.md`."""
    return {
        "projectNo": record.project_no,
        "serviceNumber": str(record.service_number),
        "taskCode": record.task_code,
        "taskHandleItem": record.task_handle_item,
        "taskName": record.task_name,
        "pf": str(record.pf),
        "satisfaction": str(record.satisfaction),
        "evalDetail": ",".join(record.eval_detail),
        "writingEvaluation": record.writing_evaluation,
        "assessTime": f"{record.assess_time:%Y-%m-%d %H:%M:%S}",
        "userName": record.user_name,
        "userProp": record.user_prop,
        "certKey": record.cert_key,
        "proDepart": record.pro_depart,
        "deptCode": record.dept_code,
        "promisetime": record.promisetime,
        "dataSource": record.data_source,
    }


def project_no(hall_code: str, service_day: date, number: str) -> str:
    """办件编号 of a ticket: `QH01-20260302-A001`. `hall_code` is what the province calls the hall, and no other
    (`is_hall_code`); a hall gives a ticket's number once a service day; so this is unique for ever. The services of
    a project are numbered from 1; a ticket is one service.
    """
    return f"{hall_code}-{service_day:%Y%m%d}-{number}"


def is_hall_code(text: str) -> bool:
    """Without a hyphen, so that a project number can be taken apart again."""
    return re.fullmatch("[0-9A-Za-z]{1,32}", text) is not None


def is_task_code(text: str, length: int) -> bool:
    """Whole or empty: of half a code a province can make nothing, and we make up none."""
    return text == "" or re.fullmatch(f"[0-9A-Za-z]{{{length}}}", text) is not None


def delay_s(faults: int, chance: float, longest_s: float = LONGEST_S) -> float:
    """Seconds to wait after so many faults in a row (1 and more). The step doubles up to `longest_s`; `chance` (0 to
    1) draws from its upper half, so that halls that lost the province together do not come back together."""
    step: float = min(longest_s, FIRST_S * 2.0 ** min(faults - 1, 30))
    return step * (1 + chance) / 2
