"""Small changes of a module's source, each of which makes a bug that somebody might have written."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_REACHED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
}
_NONE = -1
Made = tuple[ast.AST, str, Callable[[], None]]  # where it is, what it is, and how it is made


@dataclass(frozen=True)
class Change:
    """The change ``number`` of a module, in the function that begins at line ``function``, 0 for none."""

    module: str
    number: int
    line: int
    function: int
    what: str

    def is_run_by(self, functions: frozenset[tuple[str, int]]) -> bool:
        if self.function:
            return (self.module, self.function) in functions
        return any(module == self.module for module, _ in functions)

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.what}"


def changes_of(root: Path, module: str) -> list[Change]:
    """All that can be changed in it."""
    tree = ast.parse((root / module).read_text())
    return [
        Change(module, number, getattr(node, "lineno", 0), function, what)
        for number, ((node, what, _), function) in enumerate(_within(tree, 0))
    ]


def unchanged(module: str) -> Change:
    """None at all, beside which the others are tried."""
    return Change(module, _NONE, 0, 0, "nothing")


def mutated(root: Path, change: Change) -> ast.Module:
    """The module with the change in it."""
    tree = ast.parse((root / change.module).read_text())
    if change.number != _NONE:
        (_, _, make), _ = next(islice(_within(tree, 0), change.number, None))
        make()
    return ast.fix_missing_locations(tree)


def _within(node: ast.AST, function: int) -> Iterator[tuple[Made, int]]:
    if isinstance(node, ast.FunctionDef):
        function = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    for made in _made(node):
        yield made, function
    for child in _children(node):
        yield from _within(child, function)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Without what is only said of types, and without decorators and the settings of classes."""
    left_out = {"annotation", "returns", "decorator_list"}
    if isinstance(node, ast.ClassDef):
        left_out |= {"keywords"}
    for name, value in ast.iter_fields(node):
        if name in left_out:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_type(child):
                yield child


def _is_type(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Annotated"
    )


def _made(node: ast.AST) -> Iterator[Made]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BinOp() if type(node.op) in _REACHED and not _is_text(node):
            other = _REACHED[type(node.op)]
            yield node, f"{type(node.op).__name__} → {other.__name__}", _setter(node, "op", other())
        case ast.BoolOp():
            other_way = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield (
                node,
                f"{type(node.op).__name__} → {type(other_way).__name__}",
                _setter(node, "op", other_way),
            )
        case ast.Constant(value=bool()):
            yield node, f"{node.value} → {not node.value}", _setter(node, "value", not node.value)
        case ast.Constant(value=int()):
            yield node, f"{node.value} → {node.value + 1}", _setter(node, "value", node.value + 1)
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Compare | ast.BoolOp):
            yield node, "condition negated", _setter(node, "test", ast.UnaryOp(ast.Not(), node.test))
        case ast.Set() if len(node.elts) > 1:
            for place, element in enumerate(node.elts):
                yield element, f"{ast.unparse(element)} left out", _dropper(node.elts, place)
    yield from _left_out(node)


def _compared(node: ast.Compare) -> Iterator[Made]:
    for place, op in enumerate(node.ops):
        other = _COMPARED[type(op)]
        yield node, f"{type(op).__name__} → {other.__name__}", _placer(node.ops, place, other())


def _left_out(node: ast.AST) -> Iterator[Made]:
    """A refusal that is not raised; a call, such as a check, that is not made; but what is logged is no deed."""
    for name in ("body", "orelse"):
        statements = getattr(node, name, None)
        for place, each in enumerate(statements if isinstance(statements, list) else []):
            is_call = isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)
            told = ast.unparse(each)[:60]
            if isinstance(each, ast.Raise) or (is_call and not told.startswith("log(")):
                yield each, f"{told} left out", _placer(statements, place, ast.Pass())


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(each, ast.JoinedStr) for each in (node.left, node.right))


def _setter(node: ast.AST, name: str, value: Any) -> Callable[[], None]:
    return lambda: setattr(node, name, value)


def _placer(nodes: list[Any], place: int, value: Any) -> Callable[[], None]:
    return lambda: nodes.__setitem__(place, value)


def _dropper(nodes: list[Any], place: int) -> Callable[[], None]:
    return lambda: nodes.__delitem__(place)
