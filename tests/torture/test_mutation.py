"""The mutation score tells what a test notices from what none does."""

import ast
import json
import subprocess
import sys
from pathlib import Path

from tests.torture.changes import changes_of, mutated, unchanged

SOURCE = """\
def due(now: int = 1, *, at: Annotated[int, Meta(ge=7)]) -> bool:
    if not now:
        raise ValueError("none")
    check(now)
    return now < at and now - 1 in {2, 3}
"""
SCRIPT = """
import json
from tests.torture.changes import changes_of
from tests.torture.mutation import ROOT, Area, unnoticed

money = "chalicelib/core/money.py"
chosen = [each for each in changes_of(ROOT, money) if each.line == 16 or "10000" in each.what]
left = unnoticed(Area(modules=(money,), tests=("tests/unit/notices/test_notice_formats.py",)), chosen)
print(json.dumps([[str(each) for each in chosen], [str(each) for each in left]]))
"""


def test_each_place_is_changed_once(tmp_path: Path) -> None:
    (tmp_path / "due.py").write_text(SOURCE)
    assert sorted((each.line, each.what) for each in changes_of(tmp_path, "due.py")) == [
        (1, "1 → 2"),
        (2, "condition negated"),
        (3, "raise ValueError('none') left out"),
        (4, "check(now) left out"),
        (5, "1 → 2"),
        (5, "2 left out"),
        (5, "2 → 3"),
        (5, "3 left out"),
        (5, "3 → 4"),
        (5, "And → Or"),
        (5, "In → NotIn"),
        (5, "Lt → LtE"),
        (5, "Sub → Add"),
    ]


def test_one_change_is_made_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "due.py").write_text(SOURCE)
    plain = ast.unparse(mutated(tmp_path, unchanged("due.py")))
    texts = [ast.unparse(mutated(tmp_path, each)) for each in changes_of(tmp_path, "due.py")]
    assert plain == ast.unparse(ast.parse(SOURCE))
    assert len({plain, *texts}) == len(texts) + 1


def test_what_a_test_runs_into_is_noticed_and_what_none_runs_is_not() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    (the_lira, the_share), left = json.loads(done.stdout)
    assert (the_lira[-5:], the_share[-13:]) == ("2 → 3", "10000 → 10001")
    assert left == [the_share]
