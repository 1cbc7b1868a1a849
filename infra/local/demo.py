"""``make demo``: plays the story against the running stack and tells it line by line."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from infra.local import chapters, report_chapter
from infra.local.api import Refused
from infra.local.environments import LOCAL
from infra.local.story import LIVE, NotAsTold, Story
from infra.progress import say


def play(story: Story, report: Path) -> Path:
    """The whole story; returns where the Excel file was put. ``NotAsTold`` or ``Refused`` where it fails."""
    admin = story.people.login(LIVE, "admin")
    expert, night_expert = (story.people.login(LIVE, "expert", number) for number in range(2))
    buyer, other = story.sign_up(LIVE, "Ayşe", "TR"), story.sign_up(LIVE, "Mehmet", "TR")
    in_germany = story.sign_up(LIVE, "Klara", "DE")
    made = chapters.publish(story, admin)
    chapters.see_the_cards(story, made, buyer, in_germany)
    story.expect(f"{other.name} buys “500 Kredi”", "paid", story.buy(other, made.credits_500)["state"])
    live = chapters.begin_live_session(story, made, other, night_expert)
    chapters.pay(story, made, buyer)
    chapters.ask_why(story, buyer)
    chapters.book(story, made, buyer, other, expert)
    chapters.move_the_clock(story)
    report_chapter.see_the_report(story, admin, buyer)
    chapters.see_live_session_end(story, live)
    return report_chapter.download(story, admin, buyer, report)


def main() -> None:
    """Exit non-zero at the first line that is not as told."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stack-file", type=Path, default=LOCAL / "stack.json", help="describes the stack")
    described: Path = parser.parse_args().stack_file
    if not described.exists():
        sys.exit("No stack is running here: start `make run` in another shell first.")
    document: dict[str, Any] = json.loads(described.read_text())
    began = time.monotonic()
    story = Story(document, lambda line: say(f"{time.monotonic() - began:6.1f} s  {line}"))
    try:
        report = play(story, described.parent / f"report-{story.run}.xlsx")
    except (NotAsTold, Refused) as failure:
        sys.exit(f"NOT AS TOLD: {failure}")
    say(f"\nAll as told. The Excel file: {report}")


if __name__ == "__main__":
    main()
