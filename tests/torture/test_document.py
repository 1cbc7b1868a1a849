"""The document of ``make torture`` says what it did not try."""

from tests.torture.__main__ import document


def test_a_smaller_size_is_not_taken_for_the_full_one() -> None:
    assert "This was the full size." in document([], 1, "full")
    smaller = document([], 1, "quick")
    assert "This was the full size." not in smaller
    assert "60 lifecycles (100,000)" in smaller
    assert "| races | | not in this run |" in smaller
