"""Reads the JSON bodies of the control API, field by field, and refuses what it does not know."""

import json
from typing import Any
from urllib.parse import urlsplit

from infra.local.payments.messages import JsonObject, Request


class ControlError(Exception):
    """A control call that cannot be done: `status` 400, 403, 404 or 409 and a code for programs."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Fields:
    """The fields of one body; `done` refuses those that nobody asked for."""

    def __init__(self, request: Request) -> None:
        try:
            body = json.loads(request.body) if request.body else {}
        except (ValueError, RecursionError) as error:
            raise ControlError(400, "INVALID_JSON", f"the body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise ControlError(400, "INVALID_JSON", "the body is not a JSON object")
        self._left: JsonObject = body

    def text(self, name: str) -> str | None:
        """A string that is not empty, or None when the field is absent or null."""
        value = self._left.pop(name, None)
        if value is not None and (not isinstance(value, str) or not value):
            raise _invalid(name, "a string that is not empty")
        return value

    def required_text(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is None:
            raise _invalid(name, "a string that is not empty")
        return value

    def url(self, name: str) -> str | None:
        """An absolute http(s) URL, or None."""
        value = self.text(name)
        if value is not None and not _is_url(value):
            raise _invalid(name, "an absolute http or https URL")
        return value

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """A list of strings."""
        value = self._left.pop(name, list(default))
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise _invalid(name, "a list of strings")
        return tuple(value)

    def flag(self, name: str) -> bool:
        """Whether the field says true; absent is false."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise _invalid(name, "true or false")
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise _invalid(name, f"a number from {low} to {high}")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.number(name, default, low, high)
        if not isinstance(value, int):
            raise _invalid(name, f"a whole number from {low} to {high}")
        return value

    def optional_integer(self, name: str) -> int | None:
        """A whole number, or None when absent or null."""
        value: Any = self._left.pop(name, None)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise _invalid(name, "a whole number")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of the choices."""
        value = self.required_text(name)
        if value not in choices:
            raise _invalid(name, "one of " + ", ".join(choices))
        return value

    def choice_or(self, name: str, choices: tuple[str, ...]) -> str:
        """One of the choices, the first when absent."""
        return self.choice(name, choices) if name in self._left else choices[0]

    def done(self) -> None:
        """Refuse the fields that were not read."""
        if self._left:
            raise ControlError(400, "UNKNOWN_FIELD", "unknown: " + ", ".join(sorted(self._left)))


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _invalid(name: str, expected: str) -> ControlError:
    return ControlError(400, "INVALID_FIELD", f"{name}: expected {expected}")
