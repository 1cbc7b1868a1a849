"""What the operator does, and no route: ``python -m infra.operate create-platform danisma --name …``.

It runs the product's own services with the operator's credentials: against the stack that runs on this
machine, which ``.local/stack.json`` describes, or with ``--stack`` and ``--region`` against any other. Who is
added gets a mail with a password to be changed; only callers of this module, such as the seed, may set one.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalicelib import aws, background, wiring
from chalicelib.accounts.views import AccountView, ExpertRequest, PersonRequest
from chalicelib.core.actor import system
from chalicelib.core.errors import Refusal
from chalicelib.core.ids import new_id
from chalicelib.core.permissions import Role
from chalicelib.platforms.model import PlatformSettings
from chalicelib.platforms.views import PlatformView
from chalicelib.settings import settings
from chalicelib.table.keys import Key
from chalicelib.table.operation import Operation, by_system
from chalicelib.web.body import convert
from infra.progress import say
from infra.verify import STACK_FILE, environment_in_aws, environment_on_this_machine


def work_on(environment: Mapping[str, str]) -> None:
    """Which deployment is meant, as ``infra.verify.environment_of`` tells. Once in a process."""
    os.environ.update(environment)


def create_platform(
    platform_id: str, name: str, *, sandbox: bool, settings: PlatformSettings | None = None
) -> PlatformView:
    """A new tenant; that it is a sandbox is decided here. ``PlatformExists``, ``PlatformIdInvalid``."""
    operation = _operation(platform_id, "create_platform")
    answer = wiring.platforms().create(
        operation, name, sandbox=sandbox, settings=settings or PlatformSettings()
    )
    view: PlatformView = answer.read_as(PlatformView)
    return view


def add_person(
    platform_id: str, role: Role, request: PersonRequest | ExpertRequest, password: str | None = None
) -> AccountView:
    """Somebody of any role, an admin too. ``PlatformNotFound``, ``EmailTaken``, ``PasswordTooWeak``."""
    operation = _operation(platform_id, "add_person")
    view: AccountView = wiring.accounts().add_person(operation, role, request, password).read_as(AccountView)
    return view


def set_stripe_keys(platform_id: str, secret_key: str, webhook_secrets: list[str]) -> None:
    """Connect a platform to its Stripe account; during a rotation both webhook secrets are given."""
    _keep_keys(platform_id, "stripe", {"secret_key": secret_key, "webhook_secrets": webhook_secrets})


def set_iyzico_keys(platform_id: str, api_key: str, secret_key: str, webhook_secrets: list[str]) -> None:
    """Connect a platform to iyzico, which signs webhooks by the secret key if no other is given."""
    keys = {"api_key": api_key, "secret_key": secret_key, "webhook_secrets": webhook_secrets or [secret_key]}
    _keep_keys(platform_id, "iyzico", keys)


def set_zarinpal_keys(platform_id: str, merchant_id: str) -> None:
    """Connect a platform to its ZarinPal account."""
    _keep_keys(platform_id, "zarinpal", {"merchant_id": merchant_id})


def set_twilio_keys(platform_id: str, account_sid: str, auth_token: str, caller_number: str) -> None:
    """Connect a live platform to its Twilio account, which makes its calls from ``caller_number`` (E.164)."""
    keys = {"account_sid": account_sid, "auth_token": auth_token, "caller_number": caller_number}
    _keep_keys(platform_id, "twilio", keys)


def _keep_keys(platform_id: str, provider: str, keys: Mapping[str, Any]) -> None:
    """Encrypted. Overwrites what was there."""
    aws.client("ssm").put_parameter(
        Name=f"{settings().parameter_prefix}/platforms/{platform_id}/{provider}",
        Value=json.dumps(keys),
        Type="SecureString",
        Overwrite=True,
    )


def retry_effects(key: Key) -> bool:
    """Give what was parked its tries again; false if there is nothing parked."""
    return background.outbox().take_up(key)


def _operation(platform_id: str, name: str) -> Operation:
    return by_system(system(platform_id), f"operator.{name}", new_id("opr"))


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stack", help="the stack's name in AWS, such as seans-prod")
    parser.add_argument("--region", help="where it is deployed; goes with --stack")
    parser.add_argument("--stack-file", type=Path, default=STACK_FILE, help="what describes a local stack")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create-platform", help="make a tenant with its first admin")
    create.add_argument("--name", required=True, help="the business's name, as people read it")
    create.add_argument("--sandbox", action="store_true", help="its clock may be moved; for ever")
    add = commands.add_parser("add-person", help="add somebody to a tenant")
    add.add_argument("--role", type=Role, choices=list(Role), required=True)
    add.add_argument("--share-basis-points", type=int, default=0, help="of an expert; 6500 is 65 %%")
    for provider in _READ_KEYS:
        connect = commands.add_parser(
            f"set-{provider}-keys", help=f"connect a tenant to its {provider} account"
        )
        connect.add_argument("platform_id", help="whose keys these are; they are read from standard input")
    retry = commands.add_parser("retry-effects", help="try again what was parked, once its cause is mended")
    retry.add_argument("pk", help="the receipt's, as the log line effect_parked names it")
    retry.add_argument("sk", help="the same")
    for command, whose in ((create, "the first admin's"), (add, "the person's")):
        command.add_argument("platform_id", help="2 to 31 of a-z, 0-9 and -; part of every key")
        command.add_argument("--email", required=True, help=f"{whose} address; the invitation goes there")
        command.add_argument("--person-name", required=True, help=f"{whose} name")
        command.add_argument("--country", required=True, help="ISO 3166-1 alpha-2, such as TR")
        command.add_argument("--locale", default="en", help="tr, fa or en")
    return parser


def _request(given: argparse.Namespace, role: Role) -> PersonRequest:
    """Through the same door as a request of the API, and before anything is made. ``Invalid``."""
    person = {
        "email": given.email,
        "name": given.person_name,
        "country": given.country,
        "locale": given.locale,
    }
    if role is Role.EXPERT:
        return convert(person | {"share_basis_points": given.share_basis_points}, ExpertRequest)
    return convert(person, PersonRequest)


def _read_stripe_keys(platform_id: str) -> None:
    """The secret key in the first line, a webhook secret in each further one: no shell remembers them."""
    secret_key, *webhook_secrets = sys.stdin.read().split()
    set_stripe_keys(platform_id, secret_key, webhook_secrets)
    say(f"platform {platform_id}: Stripe is connected, with {len(webhook_secrets)} webhook secrets")


def _read_iyzico_keys(platform_id: str) -> None:
    """The API key, the secret key, and a webhook secret in each further line."""
    api_key, secret_key, *webhook_secrets = sys.stdin.read().split()
    set_iyzico_keys(platform_id, api_key, secret_key, webhook_secrets)
    say(f"platform {platform_id}: iyzico is connected")


def _read_zarinpal_keys(platform_id: str) -> None:
    """The merchant's id."""
    [merchant_id] = sys.stdin.read().split()
    set_zarinpal_keys(platform_id, merchant_id)
    say(f"platform {platform_id}: ZarinPal is connected")


def _read_twilio_keys(platform_id: str) -> None:
    """The account's SID, its token, and the number to call from."""
    account_sid, auth_token, caller_number = sys.stdin.read().split()
    set_twilio_keys(platform_id, account_sid, auth_token, caller_number)
    say(f"platform {platform_id}: Twilio is connected")


_READ_KEYS = {
    "stripe": _read_stripe_keys,
    "iyzico": _read_iyzico_keys,
    "zarinpal": _read_zarinpal_keys,
    "twilio": _read_twilio_keys,
}


def _retry(key: Key) -> None:
    if not retry_effects(key):
        sys.exit(f"{key} has no parked effects")
    say(f"{key}: its effects are tried again")


def _run(given: argparse.Namespace) -> None:
    if given.command.endswith("-keys"):
        _READ_KEYS[given.command.split("-")[1]](given.platform_id)
        return
    if given.command == "retry-effects":
        _retry(Key(given.pk, given.sk))
        return
    role = Role.ADMIN if given.command == "create-platform" else given.role
    request = _request(given, role)
    if given.command == "create-platform":
        platform = create_platform(given.platform_id, given.name, sandbox=given.sandbox)
        say(f"platform {platform.id}: {'a sandbox' if platform.sandbox else 'live'}")
    person = add_person(given.platform_id, role, request)
    say(f"{person.role} {person.id}: a mail invites {person.email}")


def main() -> None:
    """The command line; credentials are the operator's own, or those of the stack on this machine."""
    parser = _arguments()
    given = parser.parse_args()
    if bool(given.stack) != bool(given.region):
        parser.error("--stack and --region go together")
    if not given.stack and not given.stack_file.exists():
        sys.exit(f"{given.stack_file} is not there: start `make run`, or name --stack and --region.")
    if given.stack:
        work_on(environment_in_aws(given.stack, given.region))
    else:
        work_on(environment_on_this_machine(json.loads(given.stack_file.read_text())))
    try:
        _run(given)
    except Refusal as refusal:
        sys.exit(f"{refusal.code}: {refusal.detail}" + (f" ({refusal.field})" if refusal.field else ""))


if __name__ == "__main__":
    main()
