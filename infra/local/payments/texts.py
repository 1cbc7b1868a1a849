"""The payment page's texts in its languages, and which language a page has."""

LANGUAGES = ("en", "tr", "fa")

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "banner": "Payment sandbox: no real money",
        "no_money": "No card is asked for. Choose how this payment ends.",
        "pay_to": "Pay to",
        "total": "Total",
        "email": "E-mail",
        "card_title": "Card",
        "test_card": "Test card",
        "pay": "Pay {amount}",
        "other_title": "Or see what can go wrong",
        "decline": "Card declined",
        "decline_hint": "The bank refuses without a reason",
        "insufficient": "Insufficient funds",
        "insufficient_hint": "The balance or limit is too low",
        "fail-3ds": "3-D Secure fails",
        "fail-3ds_hint": "The buyer does not pass the bank's check",
        "pay-later": "Pay later",
        "pay-later_hint": "A delayed method, settled or failed afterwards",
        "leave": "Leave without paying",
        "open_until": "Open until {time}",
        "failed_title": "The payment did not go through",
        "failed_generic_decline": "The card was declined. You can try again.",
        "failed_insufficient_funds": "There are not enough funds. You can try again.",
        "failed_payment_intent_authentication_failure": "3-D Secure was not passed. You can try again.",
        "paid_title": "Paid",
        "paid": "This payment is complete. Nothing is left to do here.",
        "processing_title": "On its way",
        "processing": "The order is complete and the payment is being processed.",
        "late_failed_title": "The delayed payment failed",
        "late_failed": "The money did not arrive, so this payment is over.",
        "expired_title": "This payment page has expired",
        "expired": "Its time is up and nothing was charged.",
        "unknown_title": "There is no such payment page",
        "unknown": "The link is wrong, or the sandbox no longer keeps this session.",
        "back": "Back to the merchant",
    },
    "tr": {
        "banner": "Deneme ödemesi: gerçek para yok",
        "no_money": "Kart bilgisi istenmez. Ödemenin nasıl biteceğini siz seçin.",
        "pay_to": "Ödeme alan",
        "total": "Toplam",
        "email": "E-posta",
        "card_title": "Kart",
        "test_card": "Deneme kartı",
        "pay": "{amount} öde",
        "other_title": "Ya da aksilikleri deneyin",
        "decline": "Kart reddedilsin",
        "decline_hint": "Banka sebep bildirmeden reddeder",
        "insufficient": "Bakiye yetersiz olsun",
        "insufficient_hint": "Bakiye ya da limit yetmez",
        "fail-3ds": "3-D Secure başarısız olsun",
        "fail-3ds_hint": "Alıcı bankanın doğrulamasını geçemez",
        "pay-later": "Sonra ödensin",
        "pay-later_hint": "Gecikmeli yöntem, sonucu daha sonra belli olur",
        "leave": "Ödemeden ayrıl",
        "open_until": "Son ödeme zamanı: {time}",
        "failed_title": "Ödeme gerçekleşmedi",
        "failed_generic_decline": "Kart reddedildi. Yeniden deneyebilirsiniz.",
        "failed_insufficient_funds": "Bakiye yetersiz. Yeniden deneyebilirsiniz.",
        "failed_payment_intent_authentication_failure": "3-D Secure doğrulanamadı. Yeniden deneyebilirsiniz.",
        "paid_title": "Ödendi",
        "paid": "Bu ödeme tamamlandı. Burada yapılacak bir şey kalmadı.",
        "processing_title": "Ödeme yolda",
        "processing": "Sipariş tamamlandı, ödeme işleniyor.",
        "late_failed_title": "Gecikmeli ödeme başarısız oldu",
        "late_failed": "Para ulaşmadı, bu ödeme kapandı.",
        "expired_title": "Bu ödeme sayfasının süresi doldu",
        "expired": "Süre bitti ve hiçbir tutar çekilmedi.",
        "unknown_title": "Böyle bir ödeme sayfası yok",
        "unknown": "Bağlantı yanlış ya da bu oturum artık saklanmıyor.",
        "back": "Satıcıya dön",
    },
    "fa": {
        "banner": "پرداخت آزمایشی: بدون پول واقعی",
        "no_money": "اطلاعات کارت خواسته نمی‌شود. نتیجهٔ پرداخت را خودتان انتخاب کنید.",
        "pay_to": "پرداخت به",
        "total": "جمع",
        "email": "ایمیل",
        "card_title": "کارت",
        "test_card": "کارت آزمایشی",
        "pay": "پرداخت {amount}",
        "other_title": "یا حالت‌های ناموفق را ببینید",
        "decline": "کارت رد شود",
        "decline_hint": "بانک بدون ذکر دلیل رد می‌کند",
        "insufficient": "موجودی کافی نباشد",
        "insufficient_hint": "موجودی یا سقف کارت کم است",
        "fail-3ds": "تأیید سه‌بعدی ناموفق باشد",
        "fail-3ds_hint": "خریدار از تأیید بانک نمی‌گذرد",
        "pay-later": "پرداخت با تأخیر",
        "pay-later_hint": "نتیجه بعداً معلوم می‌شود",
        "leave": "خروج بدون پرداخت",
        "open_until": "مهلت پرداخت تا {time}",
        "failed_title": "پرداخت انجام نشد",
        "failed_generic_decline": "کارت رد شد. می‌توانید دوباره تلاش کنید.",
        "failed_insufficient_funds": "موجودی کافی نیست. می‌توانید دوباره تلاش کنید.",
        "failed_payment_intent_authentication_failure": "تأیید سه‌بعدی انجام نشد. می‌توانید دوباره تلاش کنید.",
        "paid_title": "پرداخت شد",
        "paid": "این پرداخت کامل شده است و کاری باقی نمانده است.",
        "processing_title": "در راه است",
        "processing": "سفارش ثبت شد و پرداخت در حال انجام است.",
        "late_failed_title": "پرداخت با تأخیر ناموفق بود",
        "late_failed": "پول نرسید و این پرداخت بسته شد.",
        "expired_title": "مهلت این صفحهٔ پرداخت تمام شده است",
        "expired": "زمان تمام شد و مبلغی برداشت نشد.",
        "unknown_title": "چنین صفحهٔ پرداختی وجود ندارد",
        "unknown": "پیوند نادرست است یا این پرداخت دیگر نگه داشته نمی‌شود.",
        "back": "بازگشت به فروشنده",
    },
}


def language_of(locale: str | None, accept_language: str) -> str:
    """The page's language: the session's when it is one of ours, else what the browser asks for.

    The provider's own locales have no Persian, so that a Persian page is had through the browser only.
    """
    if locale in ("en", "tr"):
        return locale
    wanted = _preferred(accept_language)
    if wanted == "fa" or locale in (None, "auto"):
        return wanted
    return "en"


def _preferred(accept_language: str) -> str:
    best, best_quality = "en", 0.0
    for entry in accept_language.split(",")[:20]:
        tag, _, parameters = entry.strip().partition(";")
        language = tag.partition("-")[0].lower()
        try:
            quality = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if language in LANGUAGES and quality > best_quality:
            best, best_quality = language, quality
    return best
