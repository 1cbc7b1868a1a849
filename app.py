"""The Chalice application: each feature's routes, and the event entries.

An event entry stands here and not in a blueprint, because Lambda would otherwise import the
blueprint's module alone. Each is a few lines: it unwraps the event and calls one service.
"""

from chalice.app import Chalice, CloudWatchEvent, DynamoDBEvent, SQSEvent

from chalicelib import background, wiring
from chalicelib.batches import Failures, each_changed_item, each_message, entry
from chalicelib.routing import FEATURES
from chalicelib.web.routes import Routes

_ACCOUNT = "us-east-1:000000000000"  # of placeholders; the template puts the real ones in

app = Chalice(app_name="seans")
app.routes = Routes(app, FEATURES)  # type: ignore[assignment]  # no more than a mapping is asked of it


@app.on_dynamodb_record(f"arn:aws:dynamodb:{_ACCOUNT}:table/placeholder/stream/0", name="drain_outbox")
@entry
def drain_outbox(event: DynamoDBEvent) -> Failures:
    return each_changed_item(event.to_dict(), background.outbox().drain)


@app.on_sqs_message(queue_arn=f"arn:aws:sqs:{_ACCOUNT}:placeholder-timers", name="on_timer")
@entry
def on_timer(event: SQSEvent) -> Failures:
    return each_message(event.to_dict(), lambda message: wiring.sessions().on_timer(**message))


@app.on_sqs_message(queue_arn=f"arn:aws:sqs:{_ACCOUNT}:placeholder-exports", name="export_report")
@entry
def export_report(event: SQSEvent) -> Failures:
    return each_message(event.to_dict(), lambda message: wiring.exports().run_export(**message))


@app.schedule("rate(1 minute)", name="sweep")
@entry
def sweep(_: CloudWatchEvent) -> None:
    background.sweeper().run()


@app.schedule("rate(5 minutes)", name="catch_up")
@entry
def catch_up(_: CloudWatchEvent) -> None:
    background.catch_up()


@app.schedule("cron(30 2 * * ? *)", name="verify")
@entry
def verify(_: CloudWatchEvent) -> None:
    background.verification()


@app.schedule("cron(30 3 * * ? *)", name="reconcile")
@entry
def reconcile(_: CloudWatchEvent) -> None:
    wiring.reconciliations().run()
