"""The OpenAPI 3.1 document, made from the route table and the contract's dataclasses."""

import dataclasses
import enum
import functools
import re
import types
import typing
from datetime import date, datetime
from typing import Any

from server.contract.codec import MAX_TEXT
from server.contract.problems import PROBLEMS
from server.services import statistics
from server.services.files import File, Picture, Stream
from server.services.rating_report import GROUPINGS
from server.services.rectification_list import FILTERS
from server.services.workbooks import XLSX
from server.web import account
from server.web.api import DEVICES, ROUTES, SMS_GATEWAY, Command, Intake, Query
from server.web.messages import SetUp, SignInForm

SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string", "maxLength": MAX_TEXT},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    dict: {"type": "object"},
    Any: {},
}
FILES: dict[Any, tuple[str, ...]] = {File: (XLSX,), Picture: ("image/jpeg",), Stream: (XLSX, "text/csv")}
"""What each of these is answered as."""
REQUEST_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"}


@functools.cache
def document() -> dict[str, Any]:
    """Built once; the table does not change while the server runs."""
    schemas: dict[str, Any] = {"Problem": _problem_schema()}
    paths: dict[str, Any] = {}
    for route in ROUTES:
        path = "/api/v1" + re.sub(r"<(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, path, schemas)
    paths["/api/v1/session"] = _session_paths(schemas)
    paths |= _own_account_paths(schemas)
    paths["/api/v1/setup"] = {"post": _open_post("Create the first admin", SetUp, schemas)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "叫号 Jiaohao", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "device": {"type": "http", "scheme": "bearer"},
                "person": {"type": "apiKey", "in": "cookie", "name": "jiaohao_session"},
            },
        },
    }


def _operation(route: Command | Query | Intake, path: str, schemas: dict[str, Any]) -> dict[str, Any]:
    words = re.findall(r"{(\w+)}", path)
    machines = DEVICES | SMS_GATEWAY
    operation: dict[str, Any] = {
        "summary": (route.run.__doc__ or route.run.__name__.strip("_").replace("_", " ")).strip().split("\n")[0],
        "parameters": [{"name": w, "in": "path", "required": True, "schema": {"type": "string"}} for w in words],
        "security": [{"device": []}] * bool(route.who & machines) + [{"person": []}] * bool(route.who - machines),
        "x-roles": sorted(route.who),
        "responses": _responses(route.answer, schemas),
    }
    if path == "/api/v1/tickets" and isinstance(route, Query):
        operation["parameters"].append({"name": "request_id", "in": "query", "required": True, "schema": REQUEST_ID})
    operation["parameters"] += _asked_in_the_address(path)
    if isinstance(route, Command):
        operation["requestBody"] = _body(route.body, schemas)
    if isinstance(route, Intake):
        operation["requestBody"] = {"required": True, "content": {"*/*": {}}}
    return operation


def _asked_in_the_address(path: str) -> list[dict[str, Any]]:
    """What stands behind the "?" of a report; all of it text."""
    day = {"name": "day", "in": "query", "schema": SCALARS[date]}
    known: dict[str, list[dict[str, Any]]] = {
        "/api/v1/reports/ratings": [*_PERIOD, {"name": "by", "in": "query", "required": True, "schema": _BY}],
        "/api/v1/reports/ratings.xlsx": _PERIOD,
        "/api/v1/rectifications": [{"name": "filter", "in": "query", "schema": _FILTER}],
        "/api/v1/reports/appraisal.xlsx": [{"name": "month", "in": "query", "required": True, "schema": _MONTH}],
        "/api/v1/statistics": [*_PERIOD, {"name": "by", "in": "query", "required": True, "schema": _SERVICES_BY}],
        "/api/v1/statistics.xlsx": _PERIOD,
        "/api/v1/ledger.xlsx": _PERIOD,
        "/api/v1/ledger.csv": _PERIOD,
    }
    if path in known:
        return known[path]
    return [day] if path.startswith(("/api/v1/reports/", "/api/v1/tickets/numbered/")) else []


_PERIOD = [{"name": name, "in": "query", "required": True, "schema": SCALARS[date]} for name in ("from", "to")]
_BY = {"type": "string", "enum": list(GROUPINGS)}
_SERVICES_BY = {"type": "string", "enum": list(statistics.GROUPINGS)}
_FILTER = {"type": "string", "enum": list(FILTERS), "default": "all"}
_MONTH = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}


def _session_paths(schemas: dict[str, Any]) -> dict[str, Any]:
    person: list[dict[str, list[str]]] = [{"person": []}]
    return {
        "post": _open_post("Sign in", SignInForm, schemas),
        "get": {"summary": "Who am I", "security": person, "responses": _responses(None, schemas)},
        "delete": {"summary": "Sign out", "security": person, "responses": _responses(None, schemas)},
    }


def _own_account_paths(schemas: dict[str, Any]) -> dict[str, Any]:
    person: dict[str, Any] = {"security": [{"person": []}], "responses": _responses(None, schemas)}
    asked = {"/api/v1/me/account": {"get": {"summary": account.overview.__doc__, **person}}}
    sent = {
        f"/api/v1/me{path}": {
            "post": {"summary": view.__doc__, **person, **({"requestBody": _body(body, schemas)} if body else {})}
        }
        for path, (view, body) in account.POSTS.items()
    }
    return asked | sent


def _open_post(summary: str, body: type, schemas: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "requestBody": _body(body, schemas), "responses": _responses(None, schemas)}


def _body(cls: type, schemas: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": _schema(cls, schemas)}}}


def _responses(answer: type | None, schemas: dict[str, Any]) -> dict[str, Any]:
    good = _schema(answer, schemas) if answer and answer not in FILES else {"type": "object"}
    ok: dict[str, Any] = {"description": "done", "content": {"application/json": {"schema": good}}}
    if answer in FILES:
        ok["content"] = {media_type: {} for media_type in FILES[answer]}
    bad = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        "200": ok,
        "201": ok,
        "default": {"description": "refused", "content": {"application/problem+json": bad}},
    }


def _schema(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        inner = next(arg for arg in args if arg is not type(None))
        return {"anyOf": [_schema(inner, schemas), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": _schema(args[0], schemas)}
    if dataclasses.is_dataclass(kind):
        return _object(kind, schemas)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {"type": "string", "enum": [member.value for member in kind]}
    return SCALARS[origin or kind]


def _object(cls: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in schemas:
        schemas[cls.__name__] = {}
        hints = typing.get_type_hints(cls)
        fields = dataclasses.fields(cls)
        schemas[cls.__name__] = {
            "type": "object",
            "description": (cls.__doc__ or "").strip(),
            "properties": {
                f.name: REQUEST_ID if f.name == "request_id" else _schema(hints[f.name], schemas) for f in fields
            },
            "required": [
                f.name
                for f in fields
                if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
            ],
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{cls.__name__}"}


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "detail_en": text,
            "code": {"type": "string", "enum": sorted(PROBLEMS)}, "field": text,
        },
        "required": ["type", "title", "status", "code", "detail", "detail_en"],
    }  # fmt: skip
