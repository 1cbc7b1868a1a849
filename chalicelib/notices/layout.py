"""Lays a mail out: a greeting, a sentence, and rows of what is to be known, as plain text and as HTML.

Names and titles are other people's: they are brought to one line, escaped, and kept apart from the
direction of the text round them.
"""

import re
from collections.abc import Sequence
from html import escape

from chalicelib.accounts.model import Account, Locale
from chalicelib.core.mail import Mail
from chalicelib.notices.texts import TEXTS

Row = tuple[str, str]
"""The name of a text, and what stands behind it."""

# Spaces, control characters, line separators, and what overrides the direction of the text behind it.
_UNPRINTED = re.compile("[ \x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"
_STYLE = "font-family:Tahoma,Arial,sans-serif;font-size:16px;line-height:1.6"
_CELL = "padding:2px 12px;vertical-align:top"


def laid_out(receiver: Account, topic: str, rows: Sequence[Row], platform_name: str, start: str = "") -> Mail:
    """``topic`` names the subject and the sentence; ``start`` is for the subjects of appointments."""
    words = TEXTS[receiver.locale]
    sender, name = one_line(platform_name), one_line(receiver.name)
    shown = [(words[label], one_line(value)) for label, value in rows]
    subject = words[f"subject.{topic}"].format(start=start, platform=sender)
    return Mail(
        to=receiver.email,
        subject=subject,
        text=_text(receiver.locale, words["greeting"].format(name=name), words[topic], shown, sender),
        html=_html(receiver.locale, words["greeting"], name, words[topic], shown, sender),
    )


def one_line(text: str) -> str:
    """Without what would break a line, a header, or the direction of the rest."""
    return _UNPRINTED.sub(" ", text).strip()


def _text(locale: Locale, greeting: str, sentence: str, rows: Sequence[Row], sender: str) -> str:
    lines = [f"{label}: {_isolated(value, locale)}" for label, value in rows]
    return "\n".join([greeting, "", sentence, "", *lines, "", sender, ""])


def _isolated(value: str, locale: Locale) -> str:
    """Only in a text that runs from right to left: elsewhere an old reader would show the marks as boxes."""
    return f"{_ISOLATE}{value}{_END_OF_ISOLATE}" if locale is Locale.PERSIAN else value


def _html(locale: Locale, greeting: str, name: str, sentence: str, rows: Sequence[Row], sender: str) -> str:
    direction, side = ("rtl", "right") if locale is Locale.PERSIAN else ("ltr", "left")
    table = "".join(
        f'<tr><th style="{_CELL};text-align:{side}">{escape(label)}</th>'
        f'<td style="{_CELL}">{_bidi(value)}</td></tr>'
        for label, value in rows
    )
    return (
        f'<!doctype html><html lang="{locale.value}" dir="{direction}"><head><meta charset="utf-8"></head>'
        f'<body><div dir="{direction}" style="{_STYLE}">'
        f"<p>{escape(greeting).format(name=_bidi(name))}</p><p>{escape(sentence)}</p>"
        f"<table>{table}</table><p>{_bidi(sender)}</p></div></body></html>"
    )


def _bidi(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>"
