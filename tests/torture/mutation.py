"""The mutation score: one small change of the product at a time, which one of its fast tests must notice.

Of each area so many are drawn, by the seed. The tests that run the changed function are known from a run of them
all; a change is tried in a process of its own, forked before any of the product is imported. This module itself
must therefore import none of it.
"""

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from types import CodeType
from typing import Any

import pytest
from hypothesis import settings

from tests.torture.changes import Change, changes_of, mutated, unchanged
from tests.torture.forks import Forked, side_by_side

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Area:
    """What is changed, and which tests are to notice."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


AREAS = {
    "money": Area(
        modules=(
            "chalicelib/core/money.py",
            "chalicelib/orders/refunds.py",
            "chalicelib/orders/reversals.py",
            "chalicelib/orders/rules.py",
            "chalicelib/wallet/change.py",
            "chalicelib/wallet/debts.py",
            "chalicelib/wallet/expiry.py",
            "chalicelib/wallet/lots.py",
            "chalicelib/wallet/opening.py",
            "chalicelib/wallet/rules.py",
        ),
        tests=(
            "tests/unit/core",
            "tests/unit/wallet",
            "tests/unit/orders",
            "tests/store/wallet",
            "tests/store/orders",
        ),
    ),
    "booking": Area(
        modules=(
            "chalicelib/assignments/model.py",
            "chalicelib/assignments/rules.py",
            "chalicelib/booking/mixed.py",
            "chalicelib/booking/policy.py",
            "chalicelib/booking/rules.py",
            "chalicelib/calendar/claims.py",
            "chalicelib/calendar/rules.py",
        ),
        tests=(
            "tests/unit/assignments",
            "tests/unit/booking",
            "tests/unit/calendar",
            "tests/store/assignments",
            "tests/store/booking",
            "tests/store/calendar",
        ),
    ),
    "timers": Area(
        modules=(
            "chalicelib/sessions/model.py",
            "chalicelib/sessions/rules.py",
            "chalicelib/sessions/timers.py",
            "chalicelib/table/sweeper.py",
        ),
        tests=("tests/unit/sessions", "tests/store/sessions", "tests/store/sweeper"),
    ),
    "permissions": Area(
        modules=("chalicelib/core/actor.py", "chalicelib/core/permissions.py", "chalicelib/web/auth.py"),
        tests=("tests/unit/web", "tests/unit/accounts", "tests/store/accounts"),
    ),
}


@dataclass(frozen=True)
class Ran:
    """A test, how long it took, and which functions it ran: of which file, and where they begin."""

    test: str
    seconds: float
    functions: frozenset[tuple[str, int]]


class Watch:
    """A plugin of pytest that notes which functions of the area each test runs."""

    def __init__(self, modules: Iterable[str]) -> None:
        self._files = {str(ROOT / module): module for module in modules}
        self._seen: set[tuple[str, int]] = set()
        self.ran: list[tuple[str, float, list[tuple[str, int]]]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._seen, began = set(), time.monotonic()
        sys.settrace(self._called)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.ran.append((item.nodeid, time.monotonic() - began, sorted(self._seen)))

    def _called(self, frame: Any, event: str, argument: object) -> None:
        del event, argument
        module = self._files.get(frame.f_code.co_filename)
        if module is not None:
            self._seen.add((module, frame.f_code.co_firstlineno))


class Chosen:
    """A plugin of pytest that runs these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._place = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._place), key=lambda item: self._place[item.nodeid]
        )


class Planted(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Finds one module of the product, and loads it with a change in it."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        super().__init__(module.removesuffix(".py").replace("/", "."), str(ROOT / module))
        self._tree = tree

    def find_spec(self, fullname: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        code: CodeType = compile(self._tree, self.path, "exec", dont_inherit=True)
        return code


def _pytest(arguments: Sequence[str], *plugins: object) -> int:
    quietly = ["-q", "-n0", "-p", "no:cacheprovider", "-W", "ignore:Module already imported"]
    return int(pytest.main([*quietly, *arguments], plugins=plugins))


def watched(area: Area) -> list[Ran]:
    """All tests of the area, the quickest first. They must pass."""

    def run_all() -> Any:
        watch = Watch(area.modules)
        return [_pytest(area.tests, watch), watch.ran]

    (answer,) = side_by_side([lambda: Forked(run_all, 1_800)])
    status, ran = answer or (1, [])
    if status != 0:
        raise RuntimeError("the tests fail without any change")
    found = [Ran(test, seconds, frozenset(map(tuple, hits))) for test, seconds, hits in ran]
    return sorted(found, key=lambda each: each.seconds)


def tried(change: Change, ran: Sequence[Ran]) -> Forked:
    """How the tests end that run what was changed: not with 0 where one fails, or goes on for ever."""
    tests = [each for each in ran if change.is_run_by(each.functions)]
    names = [each.test for each in tests]

    def run_them() -> int:
        if not tests:
            return 0
        sys.meta_path.insert(0, Planted(change.module, mutated(ROOT, change)))
        status = _pytest(["-x", *sorted({name.partition("::")[0] for name in names})], Chosen(names))
        return 0 if status == pytest.ExitCode.NO_TESTS_COLLECTED else status

    return Forked(run_them, PATIENCE_SECONDS + 10 * sum(each.seconds for each in tests))


def unnoticed(area: Area, chosen: Sequence[Change]) -> list[Change]:
    """Those of the changes with which all tests of the area pass."""
    _prepare()
    ran = watched(area)
    nothing = unchanged(area.modules[0])
    control, *ends = side_by_side([partial(tried, change, ran) for change in (nothing, *chosen)])
    if control != 0:
        raise RuntimeError(f"without any change the tests end with {control}")
    return [change for change, end in zip(chosen, ends, strict=True) if end == 0]


def run(seed: int, drawn: int, names: Sequence[str] = tuple(AREAS)) -> tuple[dict[str, int], list[str]]:
    """How many changes of each area were tried and noticed, and those that were not."""
    counts: dict[str, int] = {}
    left: list[str] = []
    for name in names:
        every = [change for module in AREAS[name].modules for change in changes_of(ROOT, module)]
        chosen = Random(f"{seed}.{name}").sample(every, min(drawn, len(every)))
        found = unnoticed(AREAS[name], chosen)
        counts |= {f"{name} changed": len(chosen), f"{name} noticed": len(chosen) - len(found)}
        left += map(str, found)
    return counts, left


def _prepare() -> None:
    """What the product and its tests import of others is imported once; Hypothesis leaves nothing to chance."""
    settings.register_profile("mutation", database=None, derandomize=True)
    settings.load_profile("mutation")
    for module in ("botocore.session", "moto.dynamodb", "msgspec", "pynamodb.models", "xdist"):
        importlib.import_module(module)


if __name__ == "__main__":
    tried_so_many, not_noticed = run(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or tuple(AREAS))
    print(json.dumps({"counts": tried_so_many, "unnoticed": not_noticed}, indent=1))
