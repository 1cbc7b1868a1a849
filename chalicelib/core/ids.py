"""Identifiers: a prefix that tells the kind, and a ULID, which sorts by time of birth."""

import re

from ulid import ULID

_ID = re.compile(r"[a-z]{2,4}_[0-9a-z]{26}")


def new_id(prefix: str) -> str:
    """For example ``ord_01k8z3…``; lower case, 26 letters and digits after the prefix."""
    return f"{prefix}_{str(ULID()).lower()}"


def is_id(text: str, prefix: str) -> bool:
    return _ID.fullmatch(text) is not None and text.startswith(f"{prefix}_")
