"""``chalicelib/table/README.md`` is true: its keys, its entities, and every function that reads or writes."""

import ast
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.table import keys
from chalicelib.table.keys import Key

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "chalicelib"
PAGE = (CODE / "table" / "README.md").read_text("utf-8")
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUILDS_NO_KEY = {"due_until", "owner_of"}

READS = {"due", "place_of", "get", "batch", "query", "query_all", "scan"}
WRITES = {"perform", "commit", "put_if_absent", "revised"}
INDEXES = {"owner": "GSI1", "expert": "GSI2", "work": "GSI3", "expires_at": "removed by TTL"}


def rows(heading: str) -> list[dict[str, str]]:
    """The first table below a heading, each row by the names of its columns."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells, f"no table below {heading}"
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def code_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]*)`", cell)


KEYS, ENTITIES, READS_TOLD, WRITES_TOLD = (rows(h) for h in ("Keys", "Entities", "Reads", "Writes"))
NUMBERED = READS_TOLD + WRITES_TOLD


# ------------------------------------------------------------------------------------------------ keys


@pytest.mark.parametrize("row", [pytest.param(row, id=row["function of `keys.py`"]) for row in KEYS])
def test_an_example_is_what_the_function_builds(row: dict[str, str]) -> None:
    (example,) = code_in(row["function of `keys.py`"])
    built = eval(example, {"AT": AT} | vars(keys))
    told = code_in(row["PK"]), code_in(row["SK"])
    match built:
        case Key(pk, sk):
            assert told == ([pk], [sk])
        case str():
            assert told == ([built], [])
        case list():
            assert told == (built, [])
        case _:
            pytest.fail(f"{example} builds a {type(built).__name__}")


def functions_of_keys() -> set[str]:
    found = inspect.getmembers(keys, inspect.isfunction)
    return {name for name, function in found if function.__module__ == keys.__name__}


def test_every_key_function_stands_in_the_chart_once() -> None:
    told = [code_in(row["function of `keys.py`"])[0].partition("(")[0] for row in KEYS]
    assert sorted(told) == sorted(functions_of_keys() - BUILDS_NO_KEY)


def test_every_key_function_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in CODE.rglob("*.py"))
    assert {name for name in functions_of_keys() if f"keys.{name}" not in code} == set()


# --------------------------------------------------------------------------------------------- entities


class Stored(ast.NodeVisitor):
    """Of each entity, the keywords with which its items are made: which indexes it is in, whether it expires."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.keywords: dict[str, set[str]] = defaultdict(set)
        self._class = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for keyword in node.keywords:
            if keyword.arg == "discriminator" and isinstance(keyword.value, ast.Constant):
                self.tags[node.name] = str(keyword.value.value)
        self._class, outer = node.name, self._class
        self.generic_visit(node)
        self._class = outer

    def visit_Call(self, node: ast.Call) -> None:
        match node.func:
            case ast.Attribute(ast.Name(name), "of"):
                made = self._class if name == "cls" else name
                self.keywords[made] |= {keyword.arg for keyword in node.keywords if keyword.arg in INDEXES}
        self.generic_visit(node)


@pytest.fixture(scope="module")
def stored() -> Stored:
    found = Stored()
    for path in CODE.rglob("*.py"):
        found.visit(ast.parse(path.read_text("utf-8")))
    return found


def test_every_entity_stands_in_the_chart(stored: Stored) -> None:
    assert sorted(code_in(row["entity"])[0] for row in ENTITIES) == sorted(stored.tags.values())


def test_an_entity_is_in_the_indexes_that_the_chart_names(stored: Stored) -> None:
    told = {code_in(row["entity"])[0]: {name for name in INDEXES.values() if row[name]} for row in ENTITIES}
    made = {tag: {INDEXES[keyword] for keyword in stored.keywords[name]} for name, tag in stored.tags.items()}
    assert told == made


def test_the_chart_names_key_functions_and_writes_that_are_there() -> None:
    numbers = {row["no"] for row in WRITES_TOLD}
    for row in ENTITIES:
        named = [
            *code_in(row["key"]),
            *(name for column in ("GSI1", "GSI2", "GSI3") for name in code_in(row[column])),
        ]
        assert set(named) <= functions_of_keys(), row
        assert set(re.findall(r"W\d{2,3}", row["written by"])) <= numbers, row


# --------------------------------------------------------------------------------------- reads and writes


def calls(node: ast.AST, inside: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each call that reads or writes the table, and the names of what it stands in."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.ClassDef)
        if isinstance(child, ast.Call) and (called := table_call(child.func)):
            yield inside, called
        yield from calls(child, (*inside, child.name) if named else inside)


def table_call(function: ast.expr) -> str | None:
    match function:
        case ast.Attribute(ast.Name("read" | "transact" | "linked"), name) | ast.Name(name):
            is_table = not isinstance(function, ast.Name) or name in {"perform", "revised", "get", "batch"}
            return name if is_table and name in READS | WRITES else None
    return None


def call_sites(kinds: set[str]) -> set[str]:
    """Functions and methods of ``chalicelib`` that make such a call, as the page names them."""
    found = set()
    for path in CODE.rglob("*.py"):
        module = ".".join(path.relative_to(CODE).with_suffix("").parts)
        if module == "table.read":
            continue
        tree = ast.parse(path.read_text("utf-8"))
        classes = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
        for inside, called in calls(tree, ()):
            if called in kinds:
                depth = 2 if inside[0] in classes else 1
                found.add(".".join((module, *inside[:depth])))
    return found


def functions_told(told: list[dict[str, str]]) -> set[str]:
    return {name for row in told for name in code_in(row["function"])}


def test_every_function_that_reads_is_a_numbered_read() -> None:
    assert functions_told(READS_TOLD) == call_sites(READS)


def test_every_function_that_writes_is_a_numbered_write() -> None:
    """``perform`` and ``revised`` are where they all come together."""
    shared = {"table.operation.perform", "table.revising.revised"}
    assert functions_told(WRITES_TOLD) == call_sites(WRITES) - shared


def functions_of(row: dict[str, str]) -> Iterator[Any]:
    """What a row names; an ``AttributeError`` or an ``ImportError`` where it is not there."""
    for name in code_in(row["function"]):
        yield pkgutil.resolve_name(f"chalicelib.{name}")


@pytest.mark.parametrize("row", [pytest.param(row, id=row["no"]) for row in NUMBERED])
def test_a_numbered_read_or_write_names_a_function(row: dict[str, str]) -> None:
    functions = list(functions_of(row))
    assert functions
    assert all(inspect.isfunction(function) for function in functions)


def test_numbers_are_given_once_and_in_order() -> None:
    for told, letter in ((READS_TOLD, "R"), (WRITES_TOLD, "W")):
        numbers = [row["no"] for row in told]
        assert all(re.fullmatch(rf"{letter}\d{{2,3}}", number) for number in numbers)
        assert numbers == sorted(set(numbers), key=lambda number: int(number[1:]))


def test_a_read_says_index_where_it_uses_one() -> None:
    """What an index gives is eventually consistent, and the page says of all else that it is strongly so."""
    for row in READS_TOLD:
        assert set(re.split(", ", row["where"])) <= {"table", "GSI1", "GSI2", "GSI3"}, row
        for function in functions_of(row):
            assert ("index=" in inspect.getsource(function)) == ("GSI" in row["where"]), row


# The refusals that a condition raises by itself, so that none is added without a word.
def test_a_condition_that_refuses_by_itself_stands_on_the_page() -> None:
    told = {
        code
        for row in WRITES_TOLD
        for code in re.findall(r"\+[a-z-]+: `([A-Z_]+)`", row["items and conditions"])
    }
    assert told == {"PLATFORM_EXISTS"}
    refusing = {
        path.parent.name
        for path in CODE.glob("*/store.py")
        if re.search(r"refusal\b", path.read_text("utf-8"))
    }
    assert refusing == {"platforms"}
