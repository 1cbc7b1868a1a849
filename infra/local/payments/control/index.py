"""The list of recent sessions at `/_sandbox`, for people."""

from html import escape
from pathlib import Path
from string import Template

from infra.local.payments import money
from infra.local.payments.messages import JsonObject, Response
from infra.local.payments.page import HTML, SECURITY_HEADERS
from infra.local.payments.sandbox import Sandbox

SESSIONS_SHOWN = 50
TEMPLATE = Path(__file__).parents[1] / "templates" / "index.html"


def index_page(sandbox: Sandbox) -> Response:
    """The newest sessions with the links to their payment pages."""
    with sandbox.work() as work:
        records = list(work.state.tables["checkout.session"].newest_first())[:SESSIONS_SHOWN]
        rows = "".join(_row(record.object) for record in records)
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return Response(200, template.substitute(rows=rows).encode(), HTML, SECURITY_HEADERS)


def _row(session: JsonObject) -> str:
    cells = (
        money.formatted(session["amount_total"], session["currency"], "en"),
        f"{session['status']} / {session['payment_status']}",
        session["client_reference_id"] or "",
        session["customer_email"] or "",
    )
    link = f'<a href="/pay/{escape(session["id"])}">{escape(session["id"][:24])}…</a>'
    return f"<tr><td>{link}</td>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>\n"
