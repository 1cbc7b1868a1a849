"""What reports need from outside the table."""

from typing import Any, BinaryIO, Protocol


class Files(Protocol):
    """Keeps files, and hands out links to them."""

    def put(self, key: str, content: BinaryIO, content_type: str) -> None:
        """Keep ``content`` under ``key``, in the place of what was there."""

    def link(self, key: str, file_name: str) -> str:
        """An address that downloads the file under this name, for ``LINK_SECONDS``."""


class Queue(Protocol):
    """Brings a message to a worker, at least once."""

    def send(self, message: dict[str, Any]) -> None:
        """``message`` is plain: text and integers."""
