"""Where a buyer lands who comes back from paying: his platform's own page, or a plain one of ours."""

from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from chalicelib.orders.model import Order, OrderState

HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_TEXTS = {
    "tr": {
        OrderState.PENDING: "Ödeme henüz alınmadı.",
        OrderState.PROCESSING: "Ödemeniz işleniyor. Sonuçlanınca kredileriniz hesabınıza geçer.",
        OrderState.PAID: "Ödemeniz alındı. Kredileriniz hesabınızda.",
        OrderState.EXPIRED: "Bu siparişin süresi doldu. Ödeme alınmadı.",
        OrderState.REVIEW: "Ödemeniz inceleniyor. Size bilgi vereceğiz.",
        None: "Böyle bir sipariş yok.",
    },
    "en": {
        OrderState.PENDING: "The payment has not been received yet.",
        OrderState.PROCESSING: "Your payment is being processed. Your credits follow when it is done.",
        OrderState.PAID: "Your payment has been received. Your credits are in your account.",
        OrderState.EXPIRED: "This order has expired. Nothing was charged.",
        OrderState.REVIEW: "Your payment is being checked. We will let you know.",
        None: "There is no such order.",
    },
    "fa": {
        OrderState.PENDING: "پرداخت هنوز دریافت نشده است.",
        OrderState.PROCESSING: "پرداخت شما در حال پردازش است. پس از تأیید، اعتبار به حسابتان افزوده می‌شود.",
        OrderState.PAID: "پرداخت شما دریافت شد. اعتبار در حساب شماست.",
        OrderState.EXPIRED: "مهلت این سفارش به پایان رسیده و مبلغی دریافت نشده است.",
        OrderState.REVIEW: "پرداخت شما در حال بررسی است. به شما خبر می‌دهیم.",
        None: "چنین سفارشی وجود ندارد.",
    },
}
_STYLE = "body{font:1.125rem/1.6 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem}"


def location(return_url: str, order_id: str) -> str:
    """The platform's own page, told which order this is about."""
    parts = urlsplit(return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("order_id", order_id)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def page(order: Order | None, language: str) -> str:
    """A plain page in Turkish, Persian or English that says how the order stands."""
    spoken = language if language in _TEXTS else "en"
    text = escape(_TEXTS[spoken][order.state if order else None])
    direction = "rtl" if spoken == "fa" else "ltr"
    return (
        f'<!doctype html><html lang="{spoken}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{text}</title>'
        f"<style>{_STYLE}</style></head><body><p>{text}</p></body></html>"
    )
