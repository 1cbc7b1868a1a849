"""iyzico's notifications of a page's payment, made of the sandbox's own events."""

from infra.local.payments.messages import JsonObject

TYPES = {"payment_intent.succeeded": "SUCCESS", "payment_intent.payment_failed": "FAILURE"}


def payment_id(intent: JsonObject) -> str:
    """A number, as iyzico's are, made of the sandbox's own id."""
    return str(int(intent["id"].removeprefix("pi_"), 16) % 10**10)


def notification(event: JsonObject) -> JsonObject:
    """The body that the merchant's endpoint gets."""
    intent = event["data"]["object"]
    return {
        "paymentConversationId": intent["metadata"]["order"],
        "merchantId": 1,
        "token": intent["metadata"]["token"],
        "status": TYPES[event["type"]],
        "iyziReferenceCode": event["id"],
        "iyziEventType": "CHECKOUT_FORM_AUTH",
        "iyziEventTime": event["created"] * 1000,
        "iyziPaymentId": int(payment_id(intent)),
    }
