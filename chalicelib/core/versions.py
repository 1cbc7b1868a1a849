"""An edit is made on what its editor read, or it is not made."""

from chalicelib.core.errors import Stale


def check_version(current: int, edited: int) -> None:
    """``Stale`` (412) unless the edit was made on what stands there now."""
    if current != edited:
        raise Stale(field="header.If-Match")
