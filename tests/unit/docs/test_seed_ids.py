"""Every feature of the seeds of time, session and appointment packages, is a test that bears its id: ``test_e27_…``."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
# E42, the way in to campaigns, comes with them.
FEATURES = [f"d{number}" for number in range(1, 26)] + [f"e{number}" for number in range(1, 42)]


def ids_in_names() -> set[str]:
    """``test_e24_e26_when_…`` bears two."""
    trees = [ast.parse(file.read_text("utf-8")) for file in TESTS.rglob("test_*.py")]
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    led = [re.match(r"test_((?:[a-z]\d+_)+)", name) for name in names]
    return {each for match in led if match for each in match[1].split("_")}


def test_every_feature_has_a_test_of_its_name() -> None:
    assert sorted(set(FEATURES) - ids_in_names()) == []
