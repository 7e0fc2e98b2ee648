"""Items by characters, pinyin and initials. The table is also what the kiosk's page is tested with."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.item_search import search
from server.services.pinyin import pinyin

TABLE = json.loads((Path(__file__).parents[2] / "item_search.json").read_text("utf-8"))


@dataclass(frozen=True)
class Item:
    name: str
    pinyin: str


ITEMS = [Item(name, reading) for name, reading in TABLE["items"].items()]


def test_names_are_read_as_people_read_them() -> None:
    assert {name: pinyin(name) for name in TABLE["items"]} == TABLE["items"]
    assert pinyin("银行") == "yin hang/heng/xing"
    assert pinyin("<b>重庆</b> 😀") == "b chong/tong/zhong qing b"


def test_readings_are_the_same_where_the_library_has_its_words() -> None:
    look = "import pypinyin; from server.services.pinyin import pinyin; print(pinyin('转移'))"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYPINYIN")}
    told = subprocess.run([sys.executable, "-c", look], env=plain, capture_output=True, text=True, check=True).stdout
    assert told.strip() == "zhuai/zhuan chi/yi"


@pytest.mark.parametrize(("asked", "found"), TABLE["asked"].items())
def test_what_is_asked_is_found(asked: str, found: list[str]) -> None:
    assert [item.name for item in search(ITEMS, asked)] == found


@given(st.data())
def test_any_beginnings_of_syllables_in_a_row_find_the_item(data: st.DataObject) -> None:
    item = data.draw(st.sampled_from(ITEMS))
    syllables = item.pinyin.split()
    start = data.draw(st.integers(0, len(syllables) - 1))
    end = data.draw(st.integers(start + 1, len(syllables)))
    readings = [data.draw(st.sampled_from(one.split("/"))) for one in syllables[start:end]]
    typed = "".join(one[: data.draw(st.integers(1, len(one)))] for one in readings)
    assert item in search(ITEMS, typed)


@given(st.text(max_size=300))
def test_nothing_that_is_typed_breaks_it(asked: str) -> None:
    assert set(search(ITEMS, asked)) <= set(ITEMS)
