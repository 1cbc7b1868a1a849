"""Reconciliations as the API shows them."""

from datetime import datetime
from typing import Annotated, Self

from msgspec import Meta, Struct

from chalicelib.reconciliation.model import ProviderDifference, Reconciliation


class ReconciliationQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 31
    cursor: Annotated[str, Meta(max_length=2_000, description="The `cursor` of the page before.")] | None = (
        None
    )


class ReconciliationView(Struct, frozen=True, kw_only=True):
    """``unmended`` wait for a person; ``failed`` is a code where not all could be compared."""

    provider: str
    day: str
    looked_at: datetime
    compared: int
    mended: int
    unmended: int
    differences: list[ProviderDifference]
    failed: str | None

    @classmethod
    def of(cls, report: Reconciliation) -> Self:
        return cls(
            provider=report.provider,
            day=report.day,
            looked_at=report.looked_at,
            compared=report.compared,
            mended=report.mended,
            unmended=report.unmended,
            differences=report.differences,
            failed=report.failed,
        )


class ReconciliationList(Struct, frozen=True, kw_only=True):
    """The latest day first."""

    items: list[ReconciliationView]
    cursor: str | None
