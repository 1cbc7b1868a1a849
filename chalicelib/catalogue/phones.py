"""What the catalogue asks of a later feature, which keeps the platform's balance for calls (E34)."""

from typing import Protocol


class PhoneLines(Protocol):
    def minutes_covered(self, platform_id: str) -> int:
        """For how many minutes somebody could be called by now; a longer package by phone is not shown."""
