"""Every refusal that the project declares."""

import importlib
import pkgutil

import chalicelib
from chalicelib.core.errors import Refusal


def refusals() -> list[type[Refusal]]:
    """Wherever it stands, by its code."""
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)
    found, left = [], [Refusal]
    while left:
        kinds = left.pop().__subclasses__()
        left += kinds
        found += [kind for kind in kinds if kind.__module__.startswith("chalicelib.")]
    return sorted(set(found), key=lambda kind: kind.code)
