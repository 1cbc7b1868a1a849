"""The month of slots that is measured is the one that is spoken of."""

import json
from pathlib import Path

from infra.bench import month
from infra.bench.programs.canned import MONTH


def test_a_month_is_booked_40_times_a_day(tmp_path: Path) -> None:
    month.write(tmp_path)
    made = json.loads((tmp_path / MONTH.name).read_text())
    assert {len(day["record"]["M"]["taken"]["L"]) for day in made["found"]} == {40}
    assert len(made["found"]) == 31 + 1 + 3
    assert [item["entity"]["S"] for item in made["read"]] == [
        "platform",
        "account",
        "calendar",
        "catalogue-page",
    ]
