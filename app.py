"""The Chalice application: it registers each feature's routes and declares the event entries.

An event entry stands here and not in a blueprint, because Lambda would otherwise import the
blueprint's module alone. Each is a few lines: it unwraps the event and calls one service.
"""

from chalice.app import Chalice

app = Chalice(app_name="seans")


@app.route("/v1/health", methods=["GET"])
def health():
    return {"status": "ok"}


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:us-east-1:000000000000:table/placeholder/stream/0", name="drain_outbox")
def drain_outbox(event):
    return {"batchItemFailures": []}


@app.on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:000000000000:placeholder-timers", name="on_timer")
def on_timer(event):
    return {"batchItemFailures": []}


@app.on_sqs_message(queue_arn="arn:aws:sqs:us-east-1:000000000000:placeholder-exports", name="export_report")
def export_report(event):
    return {"batchItemFailures": []}


@app.schedule("rate(1 minute)", name="sweep")
def sweep(event):
    return None
