"""People of a running stack: they sign up, sign in, and press the buttons of the payment page."""

import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

import boto3

from infra.local.api import Api, Reply, send

# The embedded AWS's Cognito mails the same code to everybody; the real one mails one that nobody knows.
EMAIL_CODE = "123456"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in; ``api`` is the API as he sees it."""

    id: str
    name: str
    email: str
    api: Api


@dataclass(frozen=True, slots=True)
class People:
    """``document`` is ``stack.json``: where the API, the user pool and the payment page are."""

    document: dict[str, Any]

    @property
    def public(self) -> Api:
        return Api(self.document["api_url"])

    def login(self, platform_id: str, role: str, number: int = 0) -> Person:
        """One of the people whom the seed made."""
        logins = self.document["logins"]
        found = [login for login in logins if (login["platform"], login["role"]) == (platform_id, role)]
        return self.sign_in(platform_id, found[number]["email"], found[number]["password"])

    def sign_in(self, platform_id: str, email: str, password: str) -> Person:
        answer = self._cognito().initiate_auth(
            ClientId=self.document["user_pool_client_id"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": f"{platform_id}:{email}", "PASSWORD": password},
        )
        api = Api(self.document["api_url"], answer["AuthenticationResult"]["IdToken"])
        me = api.get("/v1/me")
        return Person(me["id"], me["name"], email, api)

    def sign_up(self, platform_id: str, name: str, email: str, password: str, *, country: str) -> Person:
        """Sign up as a customer, accept the terms, verify the address, and sign in."""
        base = f"/v1/public/{platform_id}"
        terms_version = self.public.get(base)["terms_version"]
        locale = "tr" if country == "TR" else "en"
        asked = {"email": email, "password": password, "name": name, "country": country, "locale": locale}
        self.public.post(f"{base}/sign-up", asked | {"terms_version": terms_version})
        self.public.post(f"{base}/verify-email", {"email": email, "code": EMAIL_CODE})
        return self.sign_in(platform_id, email, password)

    def _cognito(self) -> Any:
        return boto3.client(
            "cognito-idp",
            endpoint_url=self.document["aws_endpoint"],
            region_name=self.document["region"],
            aws_access_key_id=self.document["aws_access_key_id"],
            aws_secret_access_key=self.document["aws_secret_access_key"],
        )


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """The sandbox provider: its page, as a buyer uses it, and its controls, as a tester does."""

    url: str

    def press(self, payment_url: str, button: str) -> Reply:
        """Press a button of the page: ``pay``, ``decline``, ``insufficient``, ``fail-3ds``, ``leave`` …"""
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return send(urllib.request.Request(f"{payment_url}/{button}", b"", form, method="POST"))

    def tell(self, path: str, **body: Any) -> Any:
        """Tell the provider something, such as ``tell("webhooks", hold=True)``."""
        return Api(f"{self.url}/_sandbox").post(f"/{path}", body)

    def expire(self, payment_url: str) -> None:
        """Let the page's time run out."""
        self.tell(f"sessions/{urllib.parse.urlparse(payment_url).path.rsplit('/', 1)[-1]}/expire")
        self.settle()

    def settle(self) -> None:
        """Wait until every webhook that is under way has been answered."""
        self.tell("webhooks/wait", timeout_seconds=20)
