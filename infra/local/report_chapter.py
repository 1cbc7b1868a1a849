"""The story's last chapter: the report, and the Excel file that says the same."""

import io
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl

from infra.local.people import Person
from infra.local.story import Story, wait_for

REPORT_SECONDS = 30
CARD_SALE = ("card", 149_000, "TRY", 0)
CREDIT_SALE = ("credit", 300, "credit", 105)
REASONS = {"card_declined", "insufficient_funds", "pay_not_pressed"}


def see_the_report(story: Story, admin: Person, buyer: Person) -> None:
    """The card sale, the credit sale with the expert's share, and three failed payments."""
    period = _period(story)
    sales = wait_for(
        "both sales are in the report",
        lambda: _rows(admin, "sales", period, buyer, 2),
        REPORT_SECONDS,
    )
    found = [
        (row["payment_type"], row["actual"]["amount"], row["actual"]["unit"], row["shared"]["amount"])
        for row in sales
    ]
    story.expect("The report shows the card sale of 1 490,00 TRY …", 1, found.count(CARD_SALE))
    story.expect("… and the sale of 300 credits, 35 % of it, 105, the expert's", 1, found.count(CREDIT_SALE))
    failed = wait_for(
        "three failed payments are in the report",
        lambda: _rows(admin, "failed-payments", period, buyer, 3),
        REPORT_SECONDS,
    )
    story.expect(
        f"Three failed payments: {', '.join(sorted(REASONS))}", REASONS, {row["reason"] for row in failed}
    )


def download(story: Story, admin: Person, buyer: Person, target: Path) -> Path:
    """The Excel file in Turkish; what it holds is what the report showed."""
    asked = _period(story) | {"customer_id": buyer.id, "locale": "tr", "zone": "Europe/Istanbul"}
    export = admin.api.post("/v1/admin/reports/exports", asked)

    def look() -> Any:
        found = admin.api.get(f"/v1/admin/reports/exports/{export['id']}")
        return found if found["state"] == "done" else None

    done = wait_for("the export is done", look, REPORT_SECONDS)
    with urllib.request.urlopen(done["url"], timeout=REPORT_SECONDS) as response:
        target.write_bytes(response.read())
    story.tell(f"The Excel file {export['id']} is written by a worker and fetched by a presigned URL")
    sheets = openpyxl.load_workbook(io.BytesIO(target.read_bytes()), read_only=True).worksheets
    sales, failed = (list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in sheets[:2])
    story.expect("It says the same: two sales and three failed payments", (2, 3), (len(sales), len(failed)))
    amounts = {float(cell) for row in sales for cell in row if isinstance(cell, int | float)}
    story.expect("… 1490.00 and 300 as numbers", set(), {1490.0, 300.0} - amounts)
    return target


def _period(story: Story) -> dict[str, str]:
    return {
        "from": story.began_at.isoformat(),
        "to": (datetime.now(UTC) + timedelta(minutes=1)).isoformat(),
    }


def _rows(admin: Person, report: str, period: dict[str, str], buyer: Person, count: int) -> Any:
    found = admin.api.get(
        f"/v1/admin/reports/{report}", from_=period["from"], to=period["to"], customer_id=buyer.id
    )["items"]
    return found if len(found) >= count else None
