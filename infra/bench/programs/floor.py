"""The floor: Chalice with 40 trivial routes, and PynamoDB with its first connection."""

from typing import Any

from chalice.app import Chalice
from pynamodb.attributes import MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from infra.bench.programs.canned import TABLE

app = Chalice("floor")


def _add(path: str) -> None:
    @app.route(path)
    def view() -> dict[str, str]:
        return {"status": "ok"}


for path in ("/v1/health", *(f"/v1/things{number}" for number in range(39))):
    _add(path)


class Thing(Model):
    """An item of the table, declared as PynamoDB would have it."""

    class Meta:
        table_name = TABLE
        region = "eu-central-1"

    pk = UnicodeAttribute(hash_key=True, attr_name="PK")
    sk = UnicodeAttribute(range_key=True, attr_name="SK")
    entity = UnicodeAttribute()
    schema_version = NumberAttribute()
    version = NumberAttribute()
    expires_at = NumberAttribute(null=True)
    gsi1pk = UnicodeAttribute(null=True, attr_name="GSI1PK")
    gsi1sk = UnicodeAttribute(null=True, attr_name="GSI1SK")
    gsi2pk = UnicodeAttribute(null=True, attr_name="GSI2PK")
    gsi2sk = UnicodeAttribute(null=True, attr_name="GSI2SK")
    gsi3pk = UnicodeAttribute(null=True, attr_name="GSI3PK")
    gsi3sk = UnicodeAttribute(null=True, attr_name="GSI3SK")
    record: MapAttribute[str, Any] = MapAttribute()  # type: ignore[no-untyped-call]  # PynamoDB has no type there


def connect() -> None:
    _ = Thing._get_connection().connection.client  # noqa: SLF001 - PynamoDB has no public way to it


def health(calls: int, event: dict[str, Any]) -> None:
    for _ in range(calls):
        if app(event, None)["statusCode"] != 200:
            raise SystemExit("the floor does not answer")
