"""Every planted bug is caught by its check; ``mutants.py`` holds the table."""

import pytest

from tests.torture.mutants import MUTANTS, Mutant, caught


@pytest.mark.parametrize("mutant", [pytest.param(mutant, id=mutant.name) for mutant in MUTANTS])
def test_a_planted_bug_is_caught(mutant: Mutant) -> None:
    assert caught(mutant)
