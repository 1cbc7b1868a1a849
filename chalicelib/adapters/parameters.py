"""Secrets and addresses from AWS Systems Manager, read when first needed and kept for five minutes."""

from datetime import datetime, timedelta

from botocore.exceptions import ClientError

from chalicelib import aws
from chalicelib.core import clock
from chalicelib.settings import settings

KEPT_FOR = timedelta(minutes=5)
MISSING_FOR = timedelta(minutes=1)
_MAX_KEPT = 1_000


class Parameters:
    """Values under the deployment's prefix. What is missing is asked for again: adding it helps at once."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, datetime]] = {}
        self._missing: dict[str, datetime] = {}

    def find(self, name: str) -> str | None:
        """The value of ``{prefix}/{name}``, decrypted, or ``None`` where there is none."""
        now = clock.now()
        if name in self._kept and now < self._kept[name][1]:
            return self._kept[name][0]
        value = _read(name)
        if value is not None:
            self._keep(name, value, now + KEPT_FOR)
        return value

    def has(self, name: str) -> bool:
        """Whether there is one. That there is none is believed for a minute: it is asked for each order."""
        now = clock.now()
        if now < self._missing.get(name, now):
            return False
        if self.find(name) is not None:
            return True
        if len(self._missing) >= _MAX_KEPT:
            self._missing.clear()
        self._missing[name] = now + MISSING_FOR
        return False

    def _keep(self, name: str, value: str, until: datetime) -> None:
        if len(self._kept) >= _MAX_KEPT:
            self._kept.clear()
        self._kept[name] = (value, until)


def _read(name: str) -> str | None:
    path = f"{settings().parameter_prefix}/{name}"
    try:
        answer = aws.client("ssm").get_parameter(Name=path, WithDecryption=True)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise
    value: str = answer["Parameter"]["Value"]
    return value
