"""One-shot schedules on moto: what they say, and that a call may be repeated. moto fires none."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

from chalicelib import aws
from chalicelib.adapters.scheduler import Scheduler
from chalicelib.settings import settings

pytestmark = pytest.mark.usefixtures("group")
DUE = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.fixture
def group(table: None) -> None:
    aws.client("scheduler").create_schedule_group(Name=settings().schedule_group)


def found(name: str) -> dict[str, object]:
    answer = aws.client("scheduler").get_schedule(GroupName=settings().schedule_group, Name=name)
    return dict(answer)


def names() -> list[str]:
    listed = aws.client("scheduler").list_schedules(GroupName=settings().schedule_group)
    return [schedule["Name"] for schedule in listed["Schedules"]]


def test_a_schedule_sends_one_message_to_the_timers_queue_in_utc_and_goes() -> None:
    Scheduler().create("s-1-1", DUE, {"booking_id": "bkg_1", "generation": 1})
    schedule = found("s-1-1")
    assert schedule["ScheduleExpression"] == "at(2026-11-22T10:30:00)"
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = schedule["Target"]
    assert target["Arn"] == settings().timer_queue_arn
    assert target["RoleArn"] == settings().scheduler_role_arn
    assert json.loads(target["Input"]) == {"booking_id": "bkg_1", "generation": 1}


@pytest.mark.parametrize(
    ("at", "expression"),
    [
        (DUE + timedelta(milliseconds=1), "at(2026-11-22T10:30:01)"),
        (DUE + timedelta(milliseconds=999), "at(2026-11-22T10:30:01)"),
        (datetime(2026, 11, 22, 13, 30, tzinfo=timezone(timedelta(hours=3))), "at(2026-11-22T10:30:00)"),
    ],
)
def test_a_schedule_is_never_early(at: datetime, expression: str) -> None:
    Scheduler().create("s-1-1", at, {})
    assert found("s-1-1")["ScheduleExpression"] == expression


def test_the_same_name_is_the_same_schedule() -> None:
    Scheduler().create("s-1-1", DUE, {})
    Scheduler().create("s-1-1", DUE, {})
    assert names() == ["s-1-1"]


def test_what_is_gone_may_be_deleted_again() -> None:
    Scheduler().create("s-1-1", DUE, {})
    Scheduler().delete("s-1-1")
    Scheduler().delete("s-1-1")
    assert names() == []


class Throttled:
    """A client of which every call is refused for a reason that is no answer."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        def call(**_: object) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "x"}}, name)

        return call


def test_any_other_failure_is_told() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws, "client", lambda service: Throttled())
        with pytest.raises(ClientError):
            Scheduler().create("s-1-1", DUE, {})
        with pytest.raises(ClientError):
            Scheduler().delete("s-1-1")
