"""The page of costs is what its module computes, and the module computes what arithmetic says."""

from decimal import Decimal
from typing import Any

import pytest

from chalicelib.platforms.model import PlatformSettings
from infra import costs


def test_the_page_is_what_is_computed() -> None:
    assert costs.PAGE.read_text() == costs.page(), "run `make costs`"


def test_a_column_is_its_steps_times_their_prices() -> None:
    used = costs.usage(1_000_000)
    # looking 0, booking 22, report 13, joining 2 × 17, timer 5, end 17, 4 reminders of 32, a quarter of 70
    assert used["write units"] == 1_000_000 * (22 + 13 + 34 + 5 + 17 + 128 + Decimal("17.5"))
    # looking 12, booking 1, joining 2, buying a quarter of 4, an admin's look at every tenth
    assert used["gateway requests"] == 1_000_000 * Decimal("16.1")
    assert costs.costs(1_000_000)["write units"] == Decimal("147.8125")
    assert costs.costs(1_000_000)["gateway requests"] == Decimal("56.35")


def test_v20_a_booking_s_reminders_and_mails_are_those_of_the_settings() -> None:
    assert len(PlatformSettings().reminder_hours) == costs.REMINDERS_PER_BOOKING
    # its confirmation and each reminder go to two people, and every fourth booking brings a purchase
    assert costs.usage(1_000_000)["mails"] == 1_000_000 * (2 + 8 + Decimal("0.25"))


def test_everything_that_is_used_has_its_price() -> None:
    assert set(costs.usage(1)) == set(costs.PRICES)
    assert all(price > 0 for price in costs.PRICES.values())


def test_what_stands_still_costs_the_same_for_one_booking_as_for_many() -> None:
    for name in ("alarm metrics", "custom metrics", "dashboards"):
        assert costs.costs(1)[name] == costs.costs(10_000_000)[name] > 0


@pytest.mark.parametrize(
    ("people", "dollars"),
    [
        (0, "0"),
        (10_000, "0"),
        (10_001, "0.0055"),
        (100_000, "495"),
        (1_000_000, "4635"),
        (2_500_000, "9510"),
    ],
)
def test_people_are_paid_for_by_steps(people: int, dollars: str) -> None:
    assert costs.people_cost(people) == Decimal(dollars)


def test_what_is_counted_here_is_what_is_deployed(
    template: dict[str, Any], functions: dict[str, Any]
) -> None:
    alarms = [
        r["Properties"] for r in template["Resources"].values() if r["Type"] == "AWS::CloudWatch::Alarm"
    ]
    metrics = sum(
        1 if "MetricName" in alarm else sum("MetricStat" in entry for entry in alarm["Metrics"])
        for alarm in alarms
    )
    ours = {alarm["MetricName"] for alarm in alarms if alarm.get("Namespace") == "Seans"}
    assert (metrics, len(ours)) == (costs.ALARM_METRICS, costs.CUSTOM_METRICS)
    sizes = {functions[name]["MemorySize"] for name in ("APIHandler", "DrainOutbox", "OnTimer", "Sweep")}
    assert sizes == {costs.FUNCTION_GB * 1024}
    assert template["Resources"]["UserPool"]["Properties"]["UserPoolTier"] == "LITE"
