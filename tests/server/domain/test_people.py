"""Numbers by which a person may be known: one form however they are typed, nonsense is none."""

import pytest

from server.domain.people import masked, normalised

ID = "11010519491231002X"  # the example of GB 11643-1999


@pytest.mark.parametrize(
    "said", ["13812345678", "138 1234 5678", "138-1234-5678", "+86 13812345678", "１３８12345678"]
)
def test_a_telephone_number_in_its_one_form(said: str) -> None:
    assert normalised(said) == "13812345678"


@pytest.mark.parametrize("said", [ID, ID.lower(), "110105 19491231 002x"])
def test_an_id_number_in_its_one_form(said: str) -> None:
    assert normalised(said) == ID


@pytest.mark.parametrize(
    "said", ["", "12345", "23812345678", "110105194912310021", "1101051949123100", "张三", "1" * 400]
)
def test_what_is_no_number_of_a_person(said: str) -> None:
    assert normalised(said) is None


def test_staff_see_the_middle_of_a_number_masked() -> None:
    assert masked("13812345678") == "138****5678"
