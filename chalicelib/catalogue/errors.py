"""The refusals of the catalogue."""

from chalicelib.core.errors import Conflict, Invalid, NotFound


class PackageNotFound(NotFound):
    code = "PACKAGE_NOT_FOUND"
    message = "There is no such package."


class PackageNotOnSale(NotFound):
    code = "PACKAGE_NOT_ON_SALE"
    message = "This package is not on sale in this country."


class OutOfRange(Invalid):
    code = "OUT_OF_RANGE"
    message = "A number is out of its range."


class TextRefused(Invalid):
    code = "TEXT_REFUSED"
    message = "A text is blank, too long, or holds characters that cannot be shown."


class PriceNotPositive(Invalid):
    code = "PRICE_NOT_POSITIVE"
    message = "A price is at least 1 minor unit of its currency."


class PriceMissing(Invalid):
    code = "PRICE_MISSING"
    message = "A package needs a fee, or a price in credits, or both."


class CurrencyMismatch(Invalid):
    code = "CURRENCY_MISMATCH"
    message = "The fee must be in the package's currency."


class BreakLongerThanDuration(Invalid):
    code = "BREAK_LONGER_THAN_DURATION"
    message = "The break must not be longer than the session."


class ServiceRequired(Invalid):
    code = "SERVICE_REQUIRED"
    message = "An online appointment needs a service: audio, phone or video."


class ServiceNotAllowed(Invalid):
    code = "SERVICE_NOT_ALLOWED"
    message = "A face-to-face appointment has no service."


class ExpertRepeated(Invalid):
    code = "EXPERT_REPEATED"
    message = "An expert is named twice."


class UnknownExpert(Invalid):
    code = "UNKNOWN_EXPERT"
    message = "There is no such expert on this platform."


class UnknownService(Invalid):
    code = "UNKNOWN_SERVICE"
    message = "There is no such appointment package in the package's country."


class ServiceRepeated(Invalid):
    code = "SERVICE_REPEATED"
    message = "A service is named twice."


class CountsExceedTotal(Invalid):
    code = "COUNTS_EXCEED_TOTAL"
    message = "The services' counts are more than the package's sessions together."


class SessionsNotCovered(Invalid):
    code = "SESSIONS_NOT_COVERED"
    message = "The services' counts leave sessions that could be spent on nothing."


class CoveredServiceMissing(Conflict):
    code = "COVERED_SERVICE_MISSING"
    message = "A session package covers an appointment package that is no longer drafted in its country."


class OrderIncomplete(Invalid):
    code = "ORDER_INCOMPLETE"
    message = "Name every package of this kind exactly once."


class OrderTooLong(Invalid):
    code = "ORDER_TOO_LONG"
    message = "At most 90 packages can move in one step."


class TooManyPackages(Conflict):
    code = "TOO_MANY_PACKAGES"
    message = "The platform holds as many packages of this kind as it may."


class NothingToApply(Conflict):
    code = "NOTHING_TO_APPLY"
    message = "What is live is already what the drafts say."


class TooManyCountries(Conflict):
    code = "TOO_MANY_COUNTRIES"
    message = "At most 90 countries can change in one step."
