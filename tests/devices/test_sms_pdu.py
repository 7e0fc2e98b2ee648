"""The PDU codec against bytes written out by hand from the standard, and against the stub's own reading of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.sms import alphabet
from devices.sms.errors import words
from devices.sms.numbers import UnsendableError, masked
from devices.sms.parts import Parts
from devices.sms.pdu import Concat, Part, PduError, decode, encode_submit
from firmware_stubs.modem import tpdu

CHINA = timezone(timedelta(hours=8))
GSM = "".join(alphabet.text_of([code]) for code in range(128) if code != alphabet.ESCAPE) + "\f^{}\\[~]|€"
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(st.text(st.sampled_from(GSM), max_size=500), st.text(characters, max_size=300))

HEAD = "0D91683118325476F8"  # the address of +8613812345678: 13 digits, international, swapped, filled up with F
DELIVERED = "0891683108200105F0"  # the service centre's number, which comes first


def delivered(coding: str, length: int, data: str, *, flags: str = "04", stamp: str = "62113221430023") -> str:
    return f"{DELIVERED}{flags}0B813118325476F800{coding}{stamp}{length:02X}{data}"


def read_by_the_network(submits):
    return [tpdu.read_submit(part.hex, part.octets) for part in submits]


# -- golden bytes


def test_the_well_known_hellohello_to_send():
    (part,) = encode_submit("+46708251358", "hellohello", valid_minutes=4 * 24 * 60)
    assert part.hex == "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
    assert part.octets == len(part.hex) // 2 - 1 == 23


def test_a_national_number_in_an_even_number_of_digits():
    (part,) = encode_submit("0708251358", "hellohello", valid_minutes=4 * 24 * 60)
    assert part.hex == "0011000A8170805231850000AA0AE8329BFD4697D9EC37"


def test_the_well_known_hellohello_received():
    part = decode("07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37")
    at = datetime(1999, 3, 29, 15, 16, 59, tzinfo=timezone(timedelta(hours=2)))
    assert part == Part("27838890001", at, "hellohello")


def test_chinese_and_an_emoji_in_two_parts():
    """66 characters leave one place: an emoji needs two of them and goes into the next part."""
    first, second = encode_submit("+8613812345678", "号" * 66 + "😀" + "到" * 5, reference=0x2A)
    assert first.hex == "005100" + HEAD + "00080B" + "8A" + "0500032A0201" + "53F7" * 66
    assert second.hex == "005100" + HEAD + "00080B" + "14" + "0500032A0202" + "D83DDE00" + "5230" * 5
    assert (first.octets, second.octets) == (153, 35)


def test_septets_begin_at_a_boundary_behind_the_header():
    """One bit of fill, one A (1000001) in the rest of its octet, then eight A in seven octets, again and again."""
    eight = "C16030180C0683"
    first, second = encode_submit("+8613812345678", "A" * 161, reference=0xCC)
    assert first.hex == "005100" + HEAD + "00000B" + "A0" + "050003CC0201" + "82" + eight * 19
    assert second.hex == "005100" + HEAD + "00000B" + "0F" + "050003CC0202" + "82" + "C16030180C0601"


def test_the_extension_table_takes_two_septets():
    (part,) = encode_submit("10086", "€")
    assert part.hex.endswith("02" + "9B32")  # 0011011 1100101, from the lowest bit on


def test_an_emoji_alone():
    (part,) = encode_submit("10086", "😀")
    assert part.hex == "001100" + "05810180F6" + "00080B" + "04" + "D83DDE00"


@pytest.mark.parametrize(
    ("minutes", "octet"),
    [(-1, 0), (0, 0), (5, 0), (9, 0), (10, 1), (60, 11), (719, 142), (720, 143), (749, 143), (750, 144),
     (1440, 167), (2879, 167), (2880, 168), (30 * 1440, 196), (34 * 1440, 196), (35 * 1440, 197),
     (63 * 7 * 1440, 255), (10**9, 255)],
)  # fmt: skip
def test_validity_is_never_longer_than_asked(minutes, octet):
    (part,) = encode_submit("10086", "A", valid_minutes=minutes)
    assert bytes.fromhex(part.hex)[-3] == octet


# -- where it is cut


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", [0]), ("号" * 70, [70]), ("号" * 71, [67, 4]), ("A" * 160, [160]), ("A" * 161, [153, 8]),
     ("号" * 68 + "😀", [69]), ("号" * 69 + "😀", [67, 3]), ("A" * 158 + "€", [159]), ("A" * 159 + "€", [153, 7]),
     ("A" * 152 + "€" * 5, [152, 5]), ("😀" * 36, [33, 3]), ("号" + "😀" * 40, [34, 7])],
)  # fmt: skip
def test_where_a_text_is_cut(text, parts):
    read = read_by_the_network(encode_submit("10086", text))
    assert [len(tpdu.join([part])) for part in read] == parts
    assert tpdu.join(read) == text


@pytest.mark.parametrize(("text", "parts"), [("A" * 153 * 255, 255), ("号" * 67 * 255, 255)])
def test_255_parts_and_no_more(text, parts):
    assert len(encode_submit("10086", text)) == parts
    with pytest.raises(UnsendableError, match=r"最多 255 条.*256 parts, 255 at most"):
        encode_submit("10086", text + text[0])


@pytest.mark.parametrize(
    "number", ["", "+", "1381234567 8", "大厅", "１３８", "1" * 21, "12a", "+1+2", "138-1234", "1\n"]
)
def test_a_number_that_cannot_be_dialled(number):
    with pytest.raises(UnsendableError, match=r"手机号码.*digits only") as refused:
        encode_submit(number, "A")
    assert not number or number == "+" or number not in str(refused.value)


def test_half_a_character_is_refused():
    with pytest.raises(UnsendableError, match="half a character"):
        encode_submit("10086", "号\ud83d")


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13812345678", "138****5678"), ("+8613812345678", "+86138****5678"), ("12345678", "****5678"),
     ("10086", "****"), ("", "****"), ("10690000111122223333", "106900****3333")],
)  # fmt: skip
def test_a_number_in_a_log(number, shown):
    assert masked(number) == shown


# -- two readings of the standard


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(0, 255), st.from_regex(r"\A\+?[0-9]{1,20}\Z"))
def test_the_network_reads_what_we_send(text, reference, number):
    submits = encode_submit(number, text, reference=reference)
    read = read_by_the_network(submits)
    assert all(part.octets == len(part.hex) // 2 - 1 <= 164 for part in submits)
    assert tpdu.join(read) == text
    assert {part.number for part in read} == {number}
    assert not any(part.report for part in read)
    wholes = [(reference, len(read), n) for n in range(1, len(read) + 1)]
    assert [part.whole for part in read] == (wholes if len(read) > 1 else [None])


@settings(max_examples=200, deadline=None)
@given(
    texts.filter(bool),
    st.from_regex(r"\A(\+?[0-9]{1,20}|[A-Za-z][A-Za-z0-9 ]{0,9}[A-Za-z0-9])\Z"),
    st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31)),  # noqa: DTZ001 - the zone is drawn below
    st.integers(-79, 79),
    st.randoms(use_true_random=False),
)
def test_we_read_what_phones_write(text, sender, at, quarters, order):
    """In any order, cut through pairs of surrogates, from any time zone."""
    at = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    parts, wholes = [decode(pdu) for pdu in tpdu.write_deliver(sender, text, at, 0xBEEF)], []
    order.shuffle(parts)
    reassembly = Parts()
    for slot, part in enumerate(parts):
        wholes += reassembly.add(part, slot, 0.0)
    (whole,) = wholes
    assert (whole.message.sender, whole.message.text, whole.message.complete) == (sender, text, True)
    assert whole.message.sent_at == at and whole.message.sent_at.utcoffset() == at.utcoffset()
    assert whole.message.reference == (0xBEEF if len(parts) > 1 else None)


def test_both_have_the_same_alphabet():
    ours = [alphabet.septets_of(char) for char in GSM]
    theirs = tpdu.write_septets(GSM)
    assert ours == theirs and len(GSM) == 127 + 10


# -- what is received


@pytest.mark.parametrize(
    ("coding", "data", "text"),
    [("00", "C8329BFD06", "Hello"), ("10", "C8329BFD06", "Hello"), ("13", "C8329BFD06", "Hello"),
     ("40", "C8329BFD06", "Hello"), ("0C", "C8329BFD06", "Hello"), ("80", "C8329BFD06", "Hello"),
     ("C0", "C8329BFD06", "Hello"), ("D8", "C8329BFD06", "Hello"), ("F0", "C8329BFD06", "Hello"),
     ("08", "597D00A0D83DDE00", "好\xa0😀"), ("18", "597D", "好"), ("19", "597D", "好"), ("48", "597D", "好"),
     ("E0", "597D", "好"), ("08", "597D53", "好")],
)  # fmt: skip
def test_each_group_of_codings(coding, data, text):
    length = 5 if text == "Hello" else len(data) // 2
    assert decode(delivered(coding, length, data)) == Part(
        "13812345678", datetime(2026, 11, 23, 12, 34, tzinfo=CHINA), text
    )


@pytest.mark.parametrize("coding", ["04", "14", "17", "24", "20", "28", "34", "F4", "F7", "60"])
def test_data_and_compressed_text_are_passed_over(coding):
    assert decode(delivered(coding, 5, "C8329BFD06")) is None


def test_a_status_report_is_passed_over():
    assert decode(DELIVERED + "06" + "2A0B813118325476F8" + "62113221430023" * 2 + "00") is None


@pytest.mark.parametrize("flags", ["01", "11"])
def test_what_was_not_received_is_refused(flags):
    with pytest.raises(PduError, match="not a message that was received"):
        decode(delivered("00", 5, "C8329BFD06", flags=flags))


def test_letters_for_a_sender():
    part = decode(DELIVERED + "040DD0CA74F88D0EBF01" + "0000" + "62113221430023" + "05C8329BFD06")
    assert part.sender == "Jiaohao"


@pytest.mark.parametrize(
    ("stamp", "at"),
    [("62113221430023", datetime(2026, 11, 23, 4, 34, tzinfo=UTC)),
     ("62113221430000", datetime(2026, 11, 23, 12, 34, tzinfo=UTC)),
     ("6211322143000A", datetime(2026, 11, 23, 17, 34, tzinfo=UTC)),  # 20 quarters west
     ("62113221430029", datetime(2026, 11, 23, 15, 34, tzinfo=UTC)),  # 12 quarters west
     ("FFFFFFFFFFFFFF", None), ("00000000000000", None), ("62993221430023", None), ("6A113221430023", None)],
)  # fmt: skip
def test_times_and_what_is_none(stamp, at):
    part = decode(delivered("00", 5, "C8329BFD06", stamp=stamp))
    assert part.sent_at == at and part.text == "Hello"


@pytest.mark.parametrize(
    ("header", "concat"),
    [("0500032A0201", Concat(0x2A, 2, 1)), ("060804BEEF0302", Concat(0xBEEF, 3, 2, True)),
     ("0B05040B8423F00003070201", Concat(7, 2, 1)), ("082401010003070201", Concat(7, 2, 1)),
     ("0500032A0200", None), ("0500032A0203", None), ("0500032A0000", None), ("050003", "short"),
     ("0400032A02", None), ("0500092A0201", None), ("00", None), ("0101", None),
     ("0A0003010201" + "0003020202", Concat(2, 2, 2))],
)  # fmt: skip
def test_headers_known_unknown_and_wrong(header, concat):
    data = header + "597D"
    pdu = delivered("08", len(data) // 2, data, flags="44")
    if concat == "short":
        with pytest.raises(PduError, match="longer than the message"):
            decode(delivered("08", len(header) // 2, header, flags="44"))
    else:
        part = decode(pdu)
        assert (part.text, part.concat) == ("好", concat)


def test_what_the_extension_table_lacks():
    assert alphabet.text_of([0x1B, 0x41, 0x1B, 0x1B, 0x41, 0x1B]) == "A A "


@pytest.mark.parametrize(
    "pdu", ["", "0", "zz", "号", "00", "0004", "FF00", "A" * 601, DELIVERED, delivered("00", 160, "C8")]
)
def test_bytes_that_are_no_message(pdu):
    with pytest.raises(PduError):
        decode(pdu)


@given(
    st.one_of(
        st.binary(max_size=320).map(bytes.hex), st.text(max_size=40), st.text("0123456789ABCDEFabcdef", max_size=700)
    )
)
def test_any_hex_gives_a_message_or_the_one_error(pdu):
    try:
        decode(pdu)
    except PduError as error:
        assert str(error)


@settings(max_examples=300)
@given(st.data())
def test_a_broken_message_gives_a_message_or_the_one_error(data):
    good = tpdu.write_deliver(
        "+8613812345678", data.draw(st.sampled_from(["hello", "好😀" * 60])), datetime(2026, 1, 1, tzinfo=CHINA), 7
    )[0]
    octets = bytearray.fromhex(good)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    del octets[data.draw(st.integers(0, len(octets))) :]
    try:
        part = decode(octets.hex())
    except PduError:
        return
    for whole in Parts().add(part, 1, 0.0) if part else ():
        whole.message.text.encode()


# -- words


def test_a_code_in_words():
    assert words("+CMS ERROR: 38") == ("网络故障，可能持续一段时间", "The network is out of order")
    assert words("+CME ERROR:10")[1] == "There is no SIM card"
    for code in ("ERROR", "+CMS ERROR: 9999", "+CMS ERROR: unknown"):
        assert words(code) == (f"短信模块答复 {code}", f"The modem answered {code}")
