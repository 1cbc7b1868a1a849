"""The hosted payment page: what a buyer sees at a session's `url`, and the forms that he sends."""

import re
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from string import Template

from infra.local.payments import money
from infra.local.payments.messages import JsonObject, Request, Response, redirect
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import Record
from infra.local.payments.stripe_api import outcomes
from infra.local.payments.texts import TEXTS, language_of
from infra.local.payments.work import Work

TEMPLATES = Path(__file__).parent / "templates"
PATH = re.compile(r"/pay/(\w+)(?:/([\w-]+))?")
HTML = "text/html; charset=utf-8"
SECURITY_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)
# Keep a date in one piece inside a text that runs from right to left.
LEFT_TO_RIGHT, END_OF_DIRECTION = "\u2066", "\u2069"
# In the order of the page; `pay` and `leave` have places of their own.
FAILING_ACTIONS = ("decline", "insufficient", "fail-3ds", "pay-later")


def respond(sandbox: Sandbox, request: Request) -> Response:
    """GET /pay/{session}, POST /pay/{session}/{action}, GET /pay/style.css"""
    if request.path == "/pay/style.css":
        css = (TEMPLATES / "style.css").read_bytes()
        return Response(200, css, "text/css; charset=utf-8", (("Cache-Control", "no-cache"),))
    match = PATH.fullmatch(request.path)
    session_id, action = (match[1], match[2]) if match else ("", None)
    accept_language = request.headers.get("accept-language", "")
    with sandbox.work(request.id) as work:
        session = work.state.tables["checkout.session"].get(session_id)
        if session is None:
            return _unknown(language_of(None, accept_language))
        language = language_of(session.object["locale"], accept_language)
        if action is None and request.method in ("GET", "HEAD"):
            return _html(200, _session_page(work, session, language), language)
        if request.method != "POST":
            return _html(405, _session_page(work, session, language), language)
        return _act(work, session, action or "", language)


def success_location(session: JsonObject) -> str:
    """The merchant's success URL with the session's id filled in."""
    location: str = session["success_url"]
    return location.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _act(work: Work, session: Record, action: str, language: str) -> Response:
    if action == "leave" and session.object["cancel_url"]:
        return redirect(session.object["cancel_url"])
    # Pay pressed twice: the second press arrives where the first one did.
    if action in ("pay", "pay-later") and session.object["status"] == "complete":
        return redirect(success_location(session.object))
    outcome = outcomes.BUYERS.get(action)
    if outcome is None:
        return _html(404, _session_page(work, session, language), language)
    try:
        outcome(work, session)
    except outcomes.OutcomeRefusedError:
        return _html(409, _session_page(work, session, language), language)
    # iyzico leads the browser back with a form, which is not sent without being pressed: no script runs here.
    if session.object["status"] == "complete" and session.private.get("protocol") != "iyzico":
        return redirect(success_location(session.object))
    return redirect(f"/pay/{session.object['id']}")


def _session_page(work: Work, session: Record, language: str) -> str:
    intent = work.state.tables["payment_intent"].get(session.object["payment_intent"] or "")
    status = session.object["status"]
    if status == "open":
        main = _open_main(session.object, intent, language)
    elif status == "expired":
        main = _notice("expired", "bad", language, session.object["cancel_url"])
    else:
        kind, tone = _completed(session.object, intent)
        main = _notice(kind, tone, language, success_location(session.object), _token_of(session))
    name = work.state.account(session.account).name
    return _summary(session, name, language) + main


def _completed(session: JsonObject, intent: Record | None) -> tuple[str, str]:
    if session["payment_status"] != "unpaid":
        return "paid", "good"
    return (
        ("processing", "wait")
        if intent and intent.object["status"] == "processing"
        else ("late_failed", "bad")
    )


def _summary(session: Record, merchant: str, language: str) -> str:
    obj = session.object
    rows = "".join(
        _fill(
            "item.html",
            language,
            name=item["description"],
            quantity=f"× {item['quantity']}" if item["quantity"] > 1 else "",
            amount=money.formatted(item["amount_total"], item["currency"], language),
        )
        for item in session.private["line_items"]
    )
    total = money.formatted(obj["amount_total"], obj["currency"], language)
    return _fill(
        "summary.html",
        language,
        raw_items=rows,
        merchant=merchant,
        initial=merchant[:1].upper(),
        amount=total,
    )


def _open_main(session: JsonObject, intent: Record | None, language: str) -> str:
    buttons = "".join(
        _fill(
            "action.html",
            language,
            url=f"/pay/{session['id']}/{action}",
            label=TEXTS[language][action],
            hint=TEXTS[language][f"{action}_hint"],
        )
        for action in (FAILING_ACTIONS if session["amount_total"] else ())
    )
    amount = money.formatted(session["amount_total"], session["currency"], language)
    until = datetime.fromtimestamp(session["expires_at"], UTC).strftime("%Y-%m-%d %H:%M UTC")
    leave = _fill("leave.html", language, url=f"/pay/{session['id']}/leave") if session["cancel_url"] else ""
    return _fill(
        "open.html",
        language,
        raw_alert=_alert(intent, language),
        raw_buttons=buttons,
        raw_leave=leave,
        pay_url=f"/pay/{session['id']}/pay",
        pay_label=TEXTS[language]["pay"].format(amount=amount),
        email=session["customer_email"] or "",
        until=TEXTS[language]["open_until"].format(time=f"{LEFT_TO_RIGHT}{until}{END_OF_DIRECTION}"),
        session=session["id"],
    )


def _alert(intent: Record | None, language: str) -> str:
    error = intent.object["last_payment_error"] if intent else None
    if not error:
        return ""
    code = error.get("decline_code") or error["code"]
    return _fill("alert.html", language, message=TEXTS[language][f"failed_{code}"], code=code)


def _token_of(session: Record) -> str | None:
    return session.object["id"] if session.private.get("protocol") == "iyzico" else None


def _notice(kind: str, tone: str, language: str, link: str | None, token: str | None = None) -> str:
    texts = TEXTS[language]
    back = _fill("back.html", language, url=link) if link else ""
    if link and token:
        back = _fill("back_form.html", language, url=link, token=token)
    return _fill(
        "notice.html", language, tone=tone, title=texts[f"{kind}_title"], message=texts[kind], raw_back=back
    )


def _unknown(language: str) -> Response:
    return _html(404, _notice("unknown", "bad", language, None), language)


def _html(status: int, content: str, language: str) -> Response:
    direction = "rtl" if language == "fa" else "ltr"
    body = _fill("page.html", language, raw_content=content, lang=language, direction=direction)
    return Response(status, body.encode(), HTML, SECURITY_HEADERS)


def _fill(template: str, language: str, **values: str) -> str:
    """The template with `t_...` texts and escaped values; only `raw_...` values are HTML already."""
    texts = {f"t_{name.replace('-', '_')}": escape(text) for name, text in TEXTS[language].items()}
    safe = {name: v if name.startswith("raw_") else escape(v) for name, v in values.items()}
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    return Template(source).substitute(texts | safe)
