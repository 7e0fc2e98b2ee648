"""A day in seconds: repeatable, fair, and its estimates as true as promised."""

import json

import pytest
from click.testing import CliRunner

from server.cli import cli
from server.simulate import simulate_day


def small(*more):
    return CliRunner().invoke(cli, ["simulate", "--seed", "5", "--visitors", "60", "--windows", "11", *more])


def test_the_same_seed_gives_the_same_day(tmp_path):
    first, again = small("--json", "--plots", str(tmp_path / "plots")), small("--json")
    assert first.exit_code == 0, first.output
    assert first.output == again.output
    figures = json.loads(first.output)
    assert figures["visitors"] == 60 and sum(figures["ends"].values()) == 60
    assert set(figures["ends"]) <= {"finished", "no_show", "expired"}
    picture = (tmp_path / "plots" / "simulated-day.svg").read_text("utf-8")
    assert picture.startswith("<svg") and picture.count("<circle") > 100


def test_it_says_what_came_of_the_day():
    said = small()
    for word in ("种子 seed 5", "normal", "中位误差 median error", "公平 fairness", "窗口忙碌 utilisation"):
        assert word in said.output


def test_it_takes_no_folder_of_a_real_hall(tmp_path):
    refused = small("--data", str(tmp_path))
    assert refused.exit_code == 2 and "No such option" in refused.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_the_estimates_of_a_whole_day_are_true(seed):
    """2,500 visitors at 32 windows: the figures that docs/waiting-times.md promises, beside the plain rule's."""
    found = simulate_day(seed)
    true = found.estimates
    assert true.count > 2400 and true.long > 500
    assert true.error <= 0.25 and 0.85 <= true.covered <= 0.95
    assert true.naive_error > 1.5 * true.error
    assert found.fairness.fast_run <= 3  # the hall's cap
    assert found.lanes["priority"].p90 < found.lanes["normal"].p50
    assert max(busy for _, _, busy in found.windows) <= 1
