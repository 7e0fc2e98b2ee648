"""Whatever is done to a chain without its key is seen, but for its end: that is what heads are noted for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.chain import FIRST_SEAL, Entry, broken, canonical, seal

KEY = b"k" * 32
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def chained(bodies: list[str], key: bytes = KEY, chain: str = "1") -> list[Entry]:
    made: list[Entry] = []
    for n, body in enumerate(bodies, 1):
        at, before = START + timedelta(microseconds=n), made[-1].seal if made else FIRST_SEAL
        made.append(Entry(n, at, "rating.made", body, seal(key, chain, before, n, at, "rating.made", body)))
    return made


def found(entries: list[Entry], key: bytes = KEY, chain: str = "1") -> list[int]:
    return list(broken(key, chain, entries))


@given(st.lists(st.text(), max_size=9))
def test_a_chain_as_it_was_made_holds(bodies: list[str]) -> None:
    assert found(chained(bodies)) == []


@pytest.mark.parametrize(
    "change",
    [{"body": "x"}, {"kind": "x"}, {"at": START}, {"n": 9}, {"seal": "0" * 64}, {"seal": "", "body": "x"}],
)
def test_each_field_is_sealed(change: dict[str, object]) -> None:
    entries = chained(["a", "b", "c"])
    entries[1] = replace(entries[1], **change)  # type: ignore[arg-type]  # of the parameters, each fits its field
    assert found(entries)[0] in (2, 9)


@given(st.integers(1, 6), st.data())
def test_what_is_taken_out_before_the_end_or_put_elsewhere_is_seen(n: int, data: st.DataObject) -> None:
    entries = chained([str(i) for i in range(n + 1)])
    out = data.draw(st.integers(0, n - 1))
    assert found(entries[:out] + entries[out + 1 :])
    assert found([*entries[:out], entries[out + 1], entries[out], *entries[out + 2 :]])


def test_who_has_no_key_cannot_seal_it_anew() -> None:
    assert found(chained(["a", "forged"], key=b"another key" * 3)) == [1, 2]


def test_a_chain_is_one_halls() -> None:
    assert found(chained(["a"], chain="1"), chain="2") == [1]


def test_what_is_cut_off_at_the_end_leaves_a_chain_that_holds() -> None:
    assert found(chained(["a", "b"])[:1]) == []


def test_one_way_to_write_values() -> None:
    assert canonical({"b": "好", "a": [1, None]}) == '{"a":[1,null],"b":"好"}'
