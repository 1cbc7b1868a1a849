"""The document of ``make torture`` says what it did not try."""

import pytest

from tests.torture.__main__ import document


@pytest.mark.parametrize(("scale", "left"), [("full", "90,000"), ("quick", "99,940")])
def test_what_the_goals_name_and_nobody_tried_stands_in_one_line(scale: str, left: str) -> None:
    [line] = [line for line in document([], 1, scale).splitlines() if line.startswith("Not tried by it:")]
    assert f"{left} of the 100,000 lifecycles" in line
    assert "mutation score" in line
