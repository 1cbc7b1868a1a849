"""What a call costs: how often it speaks to AWS, and what a cold start imports."""

import subprocess
import sys

from chalicelib import wiring
from infra.local.environments import ROOT
from tests.deployed.world import ARENA
from tests.faults import count_calls

HEAVY = ("stripe", "requests", "openpyxl", "boto3")


def test_a_page_of_the_catalogue_is_one_get(inside_stack, arena) -> None:
    catalogue = wiring.catalogue()
    assert count_calls(lambda: catalogue.published(ARENA, "TR")) == ["dynamodb:GetItem"]


def test_the_app_imports_no_heavy_library() -> None:
    program = (
        f"import sys, app; list(app.app.routes); print([name for name in {HEAVY} if name in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
