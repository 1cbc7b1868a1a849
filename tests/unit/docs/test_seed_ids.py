"""Every feature of the fifth seed, appointment packages, is a test that bears its id: ``test_e27_…``."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
FEATURES = [f"e{number}" for number in range(1, 42)]  # E42, the way in to campaigns, comes with them
REASONS = {
    "e8": "platforms hold no USD balance yet, so phone appointments are refused",
    "e34": "as e8",
}


def ids_in_names() -> set[str]:
    """``test_e24_e26_when_…`` bears two."""
    trees = (ast.parse(file.read_text("utf-8")) for file in TESTS.rglob("test_*.py"))
    names = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    led = [re.match(r"test_((?:[a-z]\d+_)+)", name) for name in names]
    return {each for match in led if match for each in match[1].split("_")}


def test_every_feature_has_a_test_of_its_name_or_a_reason() -> None:
    assert [each for each in FEATURES if each not in ids_in_names() | REASONS.keys()] == []
