"""Who may do what: one matrix. A route names a permission; a role holds a set of them."""

from enum import StrEnum


class Role(StrEnum):
    """A role comes from the caller's Cognito group and from nowhere else."""

    ADMIN = "admin"
    EXPERT = "expert"
    CUSTOMER = "customer"


class Permission(StrEnum):
    """``resource:action``, in alphabetical order. ``PUBLIC`` is for routes that anyone may call."""

    ACCOUNT_EDIT = "account:edit"
    ACCOUNT_READ = "account:read"
    AUDIT_READ = "audit:read"
    BOOKINGS_CHANGE = "bookings:change"
    BOOKINGS_CREATE = "bookings:create"
    BOOKINGS_MANAGE = "bookings:manage"
    BOOKINGS_MARK = "bookings:mark"
    BOOKINGS_READ = "bookings:read"
    CALENDAR_EDIT = "calendar:edit"
    CALENDAR_READ = "calendar:read"
    CALENDAR_SUBSCRIBE = "calendar:subscribe"
    CATALOGUE_EDIT = "catalogue:edit"
    CLOCK_MOVE = "clock:move"
    CUSTOMERS_EDIT = "customers:edit"
    EXPERTS_EDIT = "experts:edit"
    ORDERS_CREATE = "orders:create"
    ORDERS_READ = "orders:read"
    ORDERS_REFUND = "orders:refund"
    PHONE_MANAGE = "phone:manage"
    PLATFORM_CALENDAR_EDIT = "platform-calendar:edit"
    PUBLIC = "public"
    REPORTS_READ = "reports:read"
    SESSIONS_END = "sessions:end"
    SESSIONS_JOIN = "sessions:join"
    SETTINGS_EDIT = "settings:edit"
    WALLET_ADJUST = "wallet:adjust"
    STATEMENT_READ = "statement:read"
    WALLET_READ = "wallet:read"


_CUSTOMER = {
    Permission.ACCOUNT_EDIT,
    Permission.ACCOUNT_READ,
    Permission.BOOKINGS_CHANGE,
    Permission.BOOKINGS_CREATE,
    Permission.BOOKINGS_READ,
    Permission.CALENDAR_READ,
    Permission.CALENDAR_SUBSCRIBE,
    Permission.ORDERS_CREATE,
    Permission.ORDERS_READ,
    Permission.SESSIONS_JOIN,
    Permission.WALLET_READ,
}
_EXPERT = {
    Permission.ACCOUNT_EDIT,
    Permission.ACCOUNT_READ,
    Permission.BOOKINGS_CHANGE,
    Permission.BOOKINGS_MARK,
    Permission.BOOKINGS_READ,
    Permission.CALENDAR_EDIT,
    Permission.CALENDAR_READ,
    Permission.CALENDAR_SUBSCRIBE,
    Permission.SESSIONS_END,
    Permission.SESSIONS_JOIN,
    Permission.STATEMENT_READ,
}
_ADMIN = {
    Permission.ACCOUNT_EDIT,
    Permission.ACCOUNT_READ,
    Permission.AUDIT_READ,
    Permission.BOOKINGS_CHANGE,
    Permission.BOOKINGS_MANAGE,
    Permission.BOOKINGS_MARK,
    Permission.BOOKINGS_READ,
    Permission.CALENDAR_EDIT,
    Permission.CALENDAR_READ,
    Permission.CATALOGUE_EDIT,
    Permission.CLOCK_MOVE,
    Permission.CUSTOMERS_EDIT,
    Permission.EXPERTS_EDIT,
    Permission.ORDERS_READ,
    Permission.ORDERS_REFUND,
    Permission.PHONE_MANAGE,
    Permission.PLATFORM_CALENDAR_EDIT,
    Permission.REPORTS_READ,
    Permission.SESSIONS_END,
    Permission.SETTINGS_EDIT,
    Permission.WALLET_ADJUST,
    Permission.WALLET_READ,
}

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(_ADMIN),
    Role.EXPERT: frozenset(_EXPERT),
    Role.CUSTOMER: frozenset(_CUSTOMER),
}


def allowed(roles: frozenset[Role], permission: Permission) -> bool:
    """True where one of the roles holds the permission; ``PUBLIC`` needs no role."""
    return permission is Permission.PUBLIC or any(permission in MATRIX[role] for role in roles)
