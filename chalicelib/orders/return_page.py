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

MISSING, UNKNOWN = "missing", "unknown"
_TEXTS: dict[str, dict[str, str]] = {
    "tr": {
        OrderState.PENDING: "Ödeme henüz alınmadı.",
        OrderState.PROCESSING: "Ödemeniz işleniyor. Sonuçlanınca kredileriniz hesabınıza geçer.",
        OrderState.PAID: "Ödemeniz alındı. Kredileriniz hesabınızda.",
        OrderState.EXPIRED: "Bu siparişin süresi doldu. Ödeme alınmadı.",
        OrderState.REVIEW: "Ödemeniz inceleniyor. Size bilgi vereceğiz.",
        OrderState.REFUNDED: "Ödemeniz iade edildi.",
        MISSING: "Böyle bir sipariş yok.",
        UNKNOWN: "Ödemenizin durumuna şu anda bakamıyoruz. Lütfen biraz sonra siparişlerinize bakın.",
    },
    "en": {
        OrderState.PENDING: "The payment has not been received yet.",
        OrderState.PROCESSING: "Your payment is being processed. Your credits follow when it is done.",
        OrderState.PAID: "Your payment has been received. Your credits are in your account.",
        OrderState.EXPIRED: "This order has expired. Nothing was charged.",
        OrderState.REVIEW: "Your payment is being checked. We will let you know.",
        OrderState.REFUNDED: "Your payment has been refunded.",
        MISSING: "There is no such order.",
        UNKNOWN: "We cannot look at your payment just now. Please look at your orders a little later.",
    },
    "fa": {
        OrderState.PENDING: "پرداخت هنوز دریافت نشده است.",
        OrderState.PROCESSING: "پرداخت شما در حال پردازش است. پس از تأیید، اعتبار به حسابتان افزوده می‌شود.",
        OrderState.PAID: "پرداخت شما دریافت شد. اعتبار در حساب شماست.",
        OrderState.EXPIRED: "مهلت این سفارش به پایان رسیده و مبلغی دریافت نشده است.",
        OrderState.REVIEW: "پرداخت شما در حال بررسی است. به شما خبر می‌دهیم.",
        OrderState.REFUNDED: "مبلغ پرداختی شما بازگردانده شد.",
        MISSING: "چنین سفارشی وجود ندارد.",
        UNKNOWN: "اکنون نمی‌توانیم وضعیت پرداخت شما را ببینیم. لطفاً کمی بعد به سفارش‌های خود سر بزنید.",
    },
}
_STYLE = "body{font:1.125rem/1.6 system-ui,sans-serif;margin:20vh auto;max-width:32rem;padding:0 1rem}"


def location(return_url: str, order_id: str) -> str:
    """The platform's own page, told which order this is about."""
    parts = urlsplit(return_url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("order_id", order_id)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def page(order: Order) -> str:
    """A plain page in the buyer's language that says how the order stands."""
    return _page(order.state, [order.locale if order.locale in _TEXTS else "en"])


def page_without_order(text: str) -> str:
    """The same where we know neither the order nor the language: ``MISSING`` or ``UNKNOWN``, in all three."""
    return _page(text, list(_TEXTS))


def _page(text: str, languages: list[str]) -> str:
    lines = "".join(_paragraph(language, _TEXTS[language][text]) for language in languages)
    return (
        f'<!doctype html><html lang="{languages[0]}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>Seans</title>'
        f"<style>{_STYLE}</style></head><body>{lines}</body></html>"
    )


def _paragraph(language: str, text: str) -> str:
    direction = "rtl" if language == "fa" else "ltr"
    return f'<p lang="{language}" dir="{direction}">{escape(text)}</p>'
