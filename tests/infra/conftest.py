"""What the infrastructure's tests read: the template as it is packaged, and the policies as they are written."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.package import TEMPLATE_NAME, package

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def packaged() -> Path:
    return package()


@pytest.fixture(scope="session")
def template(packaged: Path) -> dict[str, Any]:
    return json.loads((packaged / TEMPLATE_NAME).read_text())


@pytest.fixture(scope="session")
def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each function's properties, by logical name."""
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }
