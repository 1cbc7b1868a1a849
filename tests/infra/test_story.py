"""The story that ``make demo`` tells."""

import time
from datetime import UTC, datetime

from infra.local.report_chapter import _period
from infra.local.story import Story, instant


def test_the_report_has_what_failed_in_the_second_in_which_the_story_began() -> None:
    """Stripe dates it in whole seconds."""
    story = Story({"payments_url": "http://127.0.0.1:9"}, print)
    failed_at = datetime.fromtimestamp(int(time.time()), UTC)
    assert instant(_period(story)["from"]) <= failed_at
