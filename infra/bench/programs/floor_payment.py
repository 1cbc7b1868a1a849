"""The floor of a fulfilled payment: a bare Chalice handler that makes the same calls by raw AWS clients.

It verifies the signature, keeps the event, asks the provider, reads the same items and writes the same ones;
nothing is read of what came but that it is paid, and nothing is decided.
"""

from typing import Any

import botocore.session
import stripe
from botocore.client import Config
from chalice.app import Chalice, Response

from infra.bench.programs.canned import TABLE, Fulfilment

app = Chalice("floor")
_paid = Fulfilment()
# A client of boto3 is one of botocore; this one checks no parameters, as the product's does not.
_dynamodb: Any = botocore.session.get_session().create_client(
    "dynamodb", config=Config(parameter_validation=False)
)
_stripe = stripe.StripeClient(_paid.secret_key, base_addresses={"api": "https://provider.bench"})
_keys = [{"PK": {"S": pk}, "SK": {"S": sk}} for pk, sk in _paid.keys]


@app.route("/v1/webhooks/{platform_id}/{provider}", methods=["POST"])
def fulfil(platform_id: str, provider: str) -> Response:
    request: Any = app.current_request
    signature = request.headers["stripe-signature"]
    event: Any = stripe.Webhook.construct_event(request.raw_body, signature, _paid.secret)
    _dynamodb.put_item(TableName=TABLE, Item=_paid.inbox, ConditionExpression="attribute_not_exists(PK)")
    found = _dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": _keys, "ConsistentRead": True}})[
        "Responses"
    ]
    session = _stripe.v1.checkout.sessions.retrieve(
        event.data.object.id, params={"expand": ["payment_intent.latest_charge"]}
    )
    if session.payment_status != "paid":
        return Response({"found": len(found[TABLE])}, status_code=202)
    _dynamodb.transact_write_items(
        TransactItems=[{"Put": _put(item)} for item in _paid.written], ClientRequestToken="0" * 36
    )
    return Response({"provider": provider, "platform": platform_id}, status_code=200)


def _put(item: dict[str, Any]) -> dict[str, Any]:
    return {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}


def fulfilment(calls: int) -> None:
    _paid.answer(_dynamodb)
    _paid.answer_http()
    event = _paid.signed()
    for _ in range(calls):
        answer = app(event, None)
        if answer["statusCode"] != 200:
            raise SystemExit(answer["body"])
