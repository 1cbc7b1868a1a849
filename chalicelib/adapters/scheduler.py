"""EventBridge Scheduler: a message to the timers' queue at one instant. The only place that speaks to it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import aws
from chalicelib.settings import settings

# The sweeper does what a message did not, so there is no use in one that comes an hour late.
_RETRIES = {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 10}


class Scheduler:
    """One-shot schedules in real time. A name stands for one instant and message, so calls may come again."""

    def create(self, name: str, at: datetime, message: dict[str, Any]) -> None:
        """Send ``message`` at ``at`` or up to a minute later, then forget the schedule.

        A schedule of the same name is the same schedule: then nothing is done.
        """
        configured = settings()
        _tolerate(
            "ConflictException",
            lambda: aws.client("scheduler").create_schedule(
                GroupName=configured.schedule_group,
                Name=name,
                ScheduleExpression=f"at({_to_second(at):%Y-%m-%dT%H:%M:%S})",
                ScheduleExpressionTimezone="UTC",
                FlexibleTimeWindow={"Mode": "OFF"},
                ActionAfterCompletion="DELETE",
                Target={
                    "Arn": configured.timer_queue_arn,
                    "RoleArn": configured.scheduler_role_arn,
                    "Input": json.dumps(message),
                    "RetryPolicy": _RETRIES,
                },
            ),
        )

    def delete(self, name: str) -> None:
        """Forget the schedule; one that fired or never was is forgotten already."""
        group = settings().schedule_group
        _tolerate(
            "ResourceNotFoundException",
            lambda: aws.client("scheduler").delete_schedule(GroupName=group, Name=name),
        )


def _tolerate(code: str, call: Callable[[], Any]) -> None:
    try:
        call()
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise


def _to_second(at: datetime) -> datetime:
    """The whole second at or after ``at``, for a schedule knows no fractions and must not be early."""
    utc = at.astimezone(UTC)
    whole = utc.replace(microsecond=0)
    return whole if whole == utc else whole + timedelta(seconds=1)
