"""The platform's spend order is a setting only if every step that takes of a wallet is told it."""

import ast
from pathlib import Path

CODE = Path(__file__).resolve().parents[3] / "chalicelib"
TAKES = {"prepare_spend", "prepare_hold", "prepare_deduction"}


def takes_of_wallets() -> dict[str, set[str | None]]:
    """Each call of a wallet's step that chooses lots, by its place, with the names of its keywords."""
    found = {}
    for path in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(ast.Attribute(ast.Attribute(_, "_wallets"), name)) if name in TAKES:
                    place = f"{path.relative_to(CODE)}:{node.lineno} {name}"
                    found[place] = {keyword.arg for keyword in node.keywords}
    return found


def test_every_step_that_chooses_lots_is_told_the_platform_s_order() -> None:
    calls = takes_of_wallets()
    assert len(calls) >= 2, "a booking and an adjustment, at least"
    assert [place for place, keywords in calls.items() if "order" not in keywords] == []
