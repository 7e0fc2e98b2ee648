"""Simple bars: frames as the profile says, answers found in noise, wrong profiles refused in both languages."""

import pytest

from devices.ledbar import open_bar
from devices.ledbar.profile import KIND, Bx5Profile, load_profile, parse_profile
from devices.ledbar.text_bar import TextBarSpeech, WordReader, encode_text, render
from devices.profile_file import ProfileError

OWN = """
kind = "text_bar"
title = "another make"
encoding = "gbk"
max_bytes = 12
[send]
text = ["AA", "(", "address_ascii", "length", "text", ")", "xor8"]
clear = ["aa", "address_ascii", "00", "xor8"]
[answer]
accept = ["aa", "address_ascii", "06"]
"""


def parsed(text):
    return parse_profile(KIND.parse(text.encode(), "own.toml"))


def own():
    return parsed(OWN)


def test_the_shipped_profiles():
    bar = TextBarSpeech(1, load_profile("text_sum8"))
    assert bar.show("A1").frame == b"\x0201A1\xd3\x03"
    assert bar.dim(50).frame == bytes.fromhex("02 30 31 1b 42 08 c6 03")
    assert bar.dim(1).frame[5] == 1 and bar.dim(100).frame[5] == 16
    assert bar.probe().frame == bytes.fromhex("02 30 31 05 66 03")
    listener = TextBarSpeech(5, load_profile("text_at_cr"))
    assert listener.show("3号").frame == b"@\x05" + "3号".encode("gbk") + b"\r"
    assert not listener.answers and listener.probe() is None and listener.dim(50) is None
    assert isinstance(load_profile("bx5"), Bx5Profile)


def test_a_make_of_a_halls_own(tmp_path):
    (tmp_path / "own.toml").write_text(OWN)
    open_bar("bar", "tcp://a:1", str(tmp_path / "own.toml"), address=7)
    bar = TextBarSpeech(7, own())
    text = "龻1".encode("gbk", "replace")
    frame = bar.show("龻1").frame
    assert frame[:-1] == b"\xaa07" + bytes([len(text)]) + text
    xor = 0
    for byte in frame[1:-1]:
        xor ^= byte
    assert frame[-1] == xor
    assert bar.show("").frame == b"\xaa07\x00" + bytes([0xAA ^ 0x30 ^ 0x37])
    assert bar.hear(b"xx\xaa0\xaa0706\xaa07\x06", bar.show("a"))[0].accepted


def test_a_checksum_without_brackets_covers_all_before_it():
    assert render(("01", "02", "sum8", "03"), 0) == b"\x01\x02\x03\x03"


def test_no_text_ends_its_own_frame():
    profile = parsed(
        OWN.replace('"(", "address_ascii", "length"', '"("')
        .replace('")", "xor8"', '")", "55"')
        .replace(', "address_ascii"', "")
    )
    assert encode_text("AU\n\x02丄B", profile) == b"A?" + "丄B".encode("gbk")
    assert b"\xaa" not in encode_text("".join(map(chr, range(0x4E00, 0x4F00))), profile)


def test_no_half_character_at_the_end():
    assert encode_text("一二三四五六七八", own()) == "一二三四五六".encode("gbk")
    assert encode_text("a一二三四五六七八", own()) == "a一二三四五".encode("gbk")


def test_words_in_noise():
    reader = WordReader([b"\x02\x02\x06", b"\x15"])
    assert reader.feed(b"\x02\x02\x02\x06\x00\x15\x02") == [b"\x02\x02\x06", b"\x15"]
    assert reader.resyncs == 2
    reader.forget()
    assert reader.feed(b"\x02\x06") == []


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('kind = "text_bar"', 'kind = "led"', "kind"),
        ('"gbk"', '"utf-8"', "encoding"),
        ("max_bytes = 12", "max_bytes = 1000", "max_bytes"),
        ("max_bytes = 12", "", "max_bytes"),
        ("max_bytes = 12", "max_bytes = 12\nsize = 3", "size"),
        ('"text", ")"', '")"', "send.text"),
        ('"text", ")"', '"text", "text", ")"', "send.text"),
        ('["AA", "("', '["("', "send.text"),
        ('"length", ', "", "send.text"),
        ('")", "xor8"]', '"xor8", ")"]', "send.text"),
        ('")", "xor8"]', '"xor8"]', "send.text"),
        ('")", "xor8"]', '")", "crc16"]', "send.text"),
        ('"00", "xor8"', '"text", "xor8"', "send.clear"),
        ("clear = [", "brightness = [", "send.brightness"),
        ("clear = [", "wipe = [", "send.wipe"),
        ('clear = ["aa"', 'clear = ["1"', "send.clear"),
        ('clear = ["aa"', "clear = [2", "send.clear"),
        ('accept = ["aa", "address_ascii"', 'refuse = ["aa", "address_ascii"', "answer.refuse"),
        ('"06"]', '"06"]\nrefuse = ["aa"]', "answer.refuse"),
        ("[answer]", 'probe = ["05"]\n[reply]', "answer.accept"),
        ('"(", "address_ascii", ', '"(", ', "send.clear"),
        ("[send]", "send = 1\n[other]", "send"),
    ],
)
def test_a_wrong_profile_is_refused_by_its_key(old, new, key):
    assert old in OWN
    with pytest.raises(ProfileError, match=r"[一-鿿].* LED bar profile") as refused:
        parsed(OWN.replace(old, new, 1))
    assert f", {key}:" in str(refused.value)


@pytest.mark.parametrize(
    ("profile", "address"),
    [("bx5", 0xFFFE), ("bx5", -1), ("text_sum8", 100), ("text_at_cr", 256), ("text_at_cr", 13)],
)
def test_an_address_that_cannot_be(profile, address):
    with pytest.raises(ValueError, match=r"地址.* Address"):
        open_bar("bar", "tcp://a:1", profile, address=address)


def test_a_bx5_area_of_ones_own():
    assert parsed('kind = "bx5"\narea = {width = 64, height = 16}').area.width == 64
    with pytest.raises(ProfileError, match="area"):
        parsed('kind = "bx5"\narea = {width = 63}')
    with pytest.raises(ProfileError, match=r"area\.colour"):
        parsed('kind = "bx5"\narea = {colour = 1}')
