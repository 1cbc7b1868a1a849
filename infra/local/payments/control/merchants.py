"""Merchants' accounts and their webhooks: registration, switches, flush, resend, deliveries."""

from dataclasses import asdict
from urllib.parse import parse_qs

from infra.local.payments.accounts import ALL_EVENTS, PROTOCOLS, Account
from infra.local.payments.control.fields import ControlError, Fields
from infra.local.payments.iyzico_api.events import TYPES as IYZICO_TYPES
from infra.local.payments.messages import JsonObject, Request
from infra.local.payments.sandbox import Sandbox
from infra.local.payments.state import new_id
from infra.local.payments.switches import Switches
from infra.local.payments.work import copied

DELIVERIES_SHOWN = 1_000
CALLS_SHOWN = 1_000
EVENTS = {"stripe": ALL_EVENTS, "iyzico": tuple(IYZICO_TYPES), "zarinpal": (), "twilio": ()}


def list_accounts(sandbox: Sandbox, _request: Request) -> JsonObject:
    """GET accounts"""
    with sandbox.work() as work:
        return {"accounts": [asdict(account) for account in work.state.accounts.values()]}


def put_account(sandbox: Sandbox, request: Request) -> JsonObject:
    """POST accounts {secret_key, protocol?, api_key?, webhook_url?, ...}: add or replace."""
    fields = Fields(request)
    protocol, api_key = fields.choice_or("protocol", PROTOCOLS), fields.text("api_key")
    key = fields.required_text("secret_key")
    url, secret = fields.url("webhook_url"), fields.text("webhook_secret")
    name, events = fields.text("name"), fields.texts("enabled_events", EVENTS[protocol])
    fields.done()
    if (url is None) != (secret is None):
        raise ControlError(400, "INVALID_FIELD", "webhook_url and webhook_secret go together")
    with sandbox.work() as work:
        account = work.state.accounts.setdefault(key, Account(new_id("acct", 16), key))
        account.webhook_url, account.webhook_secret, account.enabled_events = url, secret, events
        account.name = name or account.name
        account.protocol, account.api_key = protocol, api_key
        return asdict(account)


def list_calls(sandbox: Sandbox, _request: Request) -> JsonObject:
    """GET calls, newest first, each with its TwiML."""
    with sandbox.work() as work:
        calls = list(work.state.tables["call"].newest_first())[:CALLS_SHOWN]
        return {"calls": [copied(call.object) | copied(call.private) for call in calls]}


def set_switches(sandbox: Sandbox, request: Request) -> JsonObject:
    """POST webhooks {secret_key?, ...switches}: the switches that are not named are off."""
    fields = Fields(request)
    account = _account(sandbox, fields)
    switches = Switches(
        drop=_drop(fields),
        repeat=fields.integer("repeat", 1, 1, 20),
        delay_seconds=fields.number("delay_seconds", 0.0, 0, 3600),
        reorder=fields.flag("reorder"),
        window_seconds=fields.number("window_seconds", 0.5, 0, 60),
        hold=fields.flag("hold"),
        concurrent=fields.flag("concurrent"),
        seed=fields.integer("seed", 1, 0, 2**31),
    )
    fields.done()
    sandbox.webhooks.switchboard.set(account.id, switches)
    return {"account": account.id, **asdict(switches)}


def _drop(fields: Fields) -> float:
    drop = fields.number("drop", 0, 0, 1_000_000)
    if drop > 1 and drop != int(drop):
        raise ControlError(400, "INVALID_FIELD", "drop: expected a whole number or a fraction below 1")
    return drop


def flush(sandbox: Sandbox, request: Request) -> JsonObject:
    """POST webhooks/flush {secret_key?, seed?}: send what is held or being reordered."""
    fields = Fields(request)
    account, seed = _account(sandbox, fields), fields.optional_integer("seed")
    fields.done()
    return {"account": account.id, "events": sandbox.webhooks.flush(account.id, seed)}


def resend(sandbox: Sandbox, request: Request) -> JsonObject:
    """POST webhooks/resend {event_id}"""
    fields = Fields(request)
    event_id = fields.required_text("event_id")
    fields.done()
    if not sandbox.webhooks.resend(event_id):
        raise ControlError(404, "NO_SUCH_DELIVERY", f"{event_id} is not kept, or no endpoint wants it")
    return {"event_id": event_id}


def wait(sandbox: Sandbox, request: Request) -> JsonObject:
    """POST webhooks/wait {timeout_seconds?}: until nothing is on its way."""
    fields = Fields(request)
    timeout_seconds = fields.number("timeout_seconds", 10.0, 0, 120)
    fields.done()
    return {"idle": sandbox.webhooks.wait_until_idle(timeout_seconds)}


def list_deliveries(sandbox: Sandbox, request: Request) -> JsonObject:
    """GET deliveries?account=&event=&state=&type=, newest first."""
    wanted = {name: values[-1] for name, values in parse_qs(request.query).items()}
    unknown = set(wanted) - {"account", "event", "state", "type"}
    if unknown:
        raise ControlError(400, "UNKNOWN_FIELD", "unknown: " + ", ".join(sorted(unknown)))
    with sandbox.work() as work:
        rows = [record.object for record in work.state.tables["delivery"].newest_first()]
        matching = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
        return {"deliveries": copied(matching[:DELIVERIES_SHOWN])}


def _account(sandbox: Sandbox, fields: Fields) -> Account:
    """The account named by `secret_key`; without it, the only one there is."""
    key = fields.text("secret_key")
    with sandbox.work() as work:
        accounts = work.state.accounts
        if key is None and len(accounts) == 1:
            return next(iter(accounts.values()))
        if key is None:
            raise ControlError(400, "INVALID_FIELD", "secret_key: needed unless there is exactly one account")
        if key not in accounts:
            raise ControlError(404, "NO_SUCH_ACCOUNT", "no account has this secret_key")
        return accounts[key]
