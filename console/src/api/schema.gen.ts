// Generated from openapi.json by scripts/client.mjs; not to be edited.

export type AccountList = {
  "items": (AccountView)[];
  "cursor": string | null;
};

export type AccountView = {
  "id": string;
  "role": Role;
  "state": string;
  "email": string;
  "name": string;
  "phone": string | null;
  "country": string;
  "locale": Locale;
  "title": string | null;
  "share_basis_points": number;
  "terms_version": string | null;
  "terms_accepted_at": string | null;
  "created_at": string;
  "version": number;
};

export type AdjustmentRequest = {
  "amount": number | number;
  "reason"?: string;
  "origin"?: Origin | null;
  "expires_in_days"?: number | null;
};

export type Amount = {
  "amount": number;
  "unit": string;
};

export type AppliedView = {
  "version": number;
  "revision": number;
  "published_at": string;
  "countries": (string)[];
};

export type AppointmentPackage = {
  "id": string;
  "title": string;
  "description": string;
  "appointment_type": AppointmentType;
  "service": Service | null;
  "duration_minutes": number;
  "break_minutes": number;
  "fee": Money | null;
  "credits": number | null;
  "sessions": number;
  "country": string;
  "currency": string;
  "listing_order": number;
  "how_it_ends": HowItEnds;
  "when_it_ends": WhenItEnds;
  "expert_ids": (string)[];
};

export type AppointmentPackageList = {
  "items": (AppointmentPackageView)[];
  "cursor": string | null;
};

export type AppointmentPackageRequest = {
  "title": string;
  "description"?: string;
  "appointment_type": AppointmentType;
  "service"?: Service | null;
  "duration_minutes": number;
  "break_minutes"?: number;
  "fee"?: Price | null;
  "credits"?: number | null;
  "sessions"?: number;
  "country": string;
  "currency": string;
  "listing_order"?: number | null;
  "how_it_ends": HowItEnds;
  "when_it_ends": WhenItEnds;
  "expert_ids"?: (string)[];
};

export type AppointmentPackageView = {
  "id": string;
  "title": string;
  "description": string;
  "appointment_type": AppointmentType;
  "service": Service | null;
  "duration_minutes": number;
  "break_minutes": number;
  "fee": Price | null;
  "credits": number | null;
  "sessions": number;
  "country": string;
  "currency": string;
  "listing_order": number;
  "how_it_ends": HowItEnds;
  "when_it_ends": WhenItEnds;
  "expert_ids": (string)[];
  "version": number;
};

export type AppointmentSettingsRequest = {
  "appointment_system_active": boolean;
  "join_early_minutes": number;
  "safety_limit_minutes": number;
  "no_show_minutes": number;
  "cancel_free_hours": number;
  "cancel_kept_basis_points": number;
  "cancel_part_hours": number;
  "reschedule_hours": number;
  "reschedule_times": number;
  "reminder_hours": (1 | 3 | 12 | 24)[];
};

export type AppointmentSettingsView = {
  "appointment_system_active": boolean;
  "join_early_minutes": number;
  "safety_limit_minutes": number;
  "no_show_minutes": number;
  "cancel_free_hours": number;
  "cancel_kept_basis_points": number;
  "cancel_part_hours": number;
  "reschedule_hours": number;
  "reschedule_times": number;
  "reminder_hours": (1 | 3 | 12 | 24)[];
  "version": number;
};

export type AppointmentType = "face_to_face" | "online";

export type AssignmentAdjustmentRequest = {
  "total_sessions": number;
  "reason": string;
};

export type AssignmentCancelRequest = {
  "reason": string;
  "paid_back"?: Price | null;
};

export type AssignmentRequest = {
  "session_package_id": string;
  "total_sessions"?: number | null;
  "participants"?: (ParticipantRequest)[];
  "paid"?: Price | null;
  "on_the_house"?: boolean;
  "note"?: string;
};

export type AssignmentState = "active" | "cancelled" | "expired" | "used_up";

export type AssignmentView = {
  "id": string;
  "customer_id": string;
  "source": Source;
  "product_id": string;
  "name": string;
  "state": AssignmentState;
  "expert_id": string | null;
  "services": (ServiceLeftView)[];
  "total": number;
  "held": number;
  "used": number;
  "withdrawn": number;
  "left": number;
  "participants": (ParticipantView)[];
  "sessions": (SessionDrawnView)[];
  "created_at": string;
  "expires_at": string | null;
  "version": number;
};

export type AssignmentsView = {
  "items": (AssignmentView)[];
  "cursor": string | null;
};

export type AuditList = {
  "items": (AuditRecordView)[];
  "cursor": string | null;
};

export type AuditRecordView = {
  "id": string;
  "actor_id": string;
  "at": string;
  "action": string;
  "subject_id": string;
  "reason": string;
  "reference": Record<string, string>;
  "before": Record<string, number | string | null>;
  "after": Record<string, number | string | null>;
};

export type BalanceView = {
  "free_micros": number;
  "held_micros": number;
  "owed_micros": number;
  "low": boolean;
};

export type BookedPackageView = {
  "id": string;
  "title": string;
  "appointment_type": AppointmentType;
  "service": Service | null;
  "duration_minutes": number;
  "break_minutes": number;
  "sessions": number;
  "how_it_ends": HowItEnds;
  "when_it_ends": WhenItEnds;
};

export type BookingRequest = {
  "starts_at": string;
  "package_id"?: string | null;
  "expert_id"?: string | null;
  "pay_with"?: "assignment" | "credits" | null;
  "assignment_id"?: string | null;
  "participant"?: string | null;
  "note"?: string;
};

export type BookingState = "cancelled" | "completed" | "confirmed" | "missed" | "pending";

export type BookingView = {
  "id": string;
  "customer_id": string;
  "expert_id": string;
  "package": BookedPackageView;
  "starts_at": string;
  "ends_at": string;
  "state": BookingState;
  "paid_with": "assignment" | "card" | "credits" | "mixed" | "on_the_house";
  "credits": number | null;
  "assignment_id": string | null;
  "location": LocationBody | null;
  "order_id": string | null;
  "ordinal": number | null;
  "total": number | null;
  "participant": string | null;
  "owner_id": string | null;
  "series_id": string | null;
  "created_at": string;
  "moves": number;
  "kept_at_least_basis_points": number;
  "closed_at": string | null;
  "cancelled_by": Who | null;
  "cancel_reason": string | null;
  "no_show": NoShow | null;
  "returned": ReturnedView | null;
  "version": number;
};

export type BookingsView = {
  "items": (BookingView)[];
  "cursor": string | null;
};

export type CalendarFeedRevokedView = {
  "revoked_at": string;
};

export type CalendarFeedView = {
  "path": string;
  "created_at": string;
};

export type CalendarRequest = {
  "zone": string;
  "weekly": (OpenHoursBody)[];
  "minimum_notice_minutes"?: number;
  "horizon_days"?: number;
  "daily_maximum"?: number | null;
  "locations"?: (LocationBody)[];
};

export type CalendarView = {
  "expert_id": string;
  "zone": string;
  "weekly": (OpenHoursBody)[];
  "minimum_notice_minutes": number;
  "horizon_days": number;
  "daily_maximum": number | null;
  "locations": (LocationBody)[];
  "exceptions": (ExceptionView)[];
  "holidays": (HolidayView)[];
  "platform_locations": (LocationBody)[];
  "version": number;
};

export type CallState = "calling" | "over" | "refused" | "waiting";

export type CancelRequest = {
  "reason"?: string | null;
};

export type CapturedView = {
  "amount": number;
  "currency": string;
};

export type CatalogueView = {
  "country": string;
  "revision": number;
  "published_at": string | null;
  "credit_packages": (CreditPackage)[];
  "appointment_packages": (AppointmentPackage)[];
  "session_packages": (SessionPackage)[];
  "cursor": string | null;
};

export type ChangeKind = "added" | "changed" | "removed";

export type ChangesView = {
  "version": number;
  "draft_revision": number;
  "published_revision": number;
  "changes": (PackageChange)[];
  "settings": (FieldChange)[];
};

export type ClockRequest = {
  "now": string;
};

export type ClockView = {
  "now": string;
  "real_now": string;
  "movable": boolean;
};

export type CoveredService = {
  "package_id": string;
  "count"?: number | null;
};

export type CoveredServiceRequest = {
  "package_id": string;
  "count"?: number | null;
};

export type CreditPackage = {
  "id": string;
  "name": string;
  "credits": number;
  "price": Money;
  "country": string;
  "short_info": string;
  "listing_order": number;
  "expires_after_days"?: number | null;
};

export type CreditPackageList = {
  "items": (CreditPackageView)[];
  "cursor": string | null;
};

export type CreditPackageRequest = {
  "name": string;
  "credits": number;
  "price": Price;
  "country": string;
  "short_info"?: string;
  "listing_order"?: number | null;
  "expires_after_days"?: number | null;
};

export type CreditPackageView = {
  "id": string;
  "name": string;
  "credits": number;
  "price": Price;
  "country": string;
  "short_info": string;
  "listing_order": number;
  "expires_after_days": number | null;
  "version": number;
};

export type DeskBookingRequest = {
  "customer_id": string;
  "starts_at": string;
  "pay_with"?: "assignment" | "credits" | "on_the_house" | null;
  "package_id"?: string | null;
  "expert_id"?: string | null;
  "assignment_id"?: string | null;
  "participant"?: string | null;
  "note"?: string;
};

export type DeskSeriesRequest = {
  "customer_id": string;
  "pay_with"?: "assignment" | "credits" | "on_the_house" | null;
  "starts_at"?: (string)[] | null;
  "weekly"?: Weekly | null;
  "package_id"?: string | null;
  "expert_id"?: string | null;
  "assignment_id"?: string | null;
  "participant"?: string | null;
  "note"?: string;
};

export type DifferenceKind = "amount" | "disputed" | "not_paid" | "not_settled" | "order_unknown" | "paid_twice" | "refunded";

export type DisputeView = {
  "id": string;
  "amount": number;
  "state": string;
  "taken": number;
};

export type EndedBy = "admin" | "clock" | "expert";

export type EntriesView = {
  "items": (EntryView)[];
  "cursor": string | null;
};

export type EntryView = {
  "sequence": number;
  "at": string;
  "kind": string;
  "amount": number;
  "held_amount": number;
  "owed_amount": number;
  "balance_after": number;
  "held_after": number;
  "owed_after": number;
  "reference": Record<string, string>;
  "memo": string;
};

export type ExceptionRequest = {
  "hours": (HoursBody)[];
};

export type ExceptionView = {
  "date": string;
  "hours": (HoursBody)[];
};

export type ExpertEdit = {
  "name": string;
  "phone": string | null;
  "title": string | null;
  "share_basis_points": number;
};

export type ExpertRequest = {
  "email": string;
  "name": string;
  "country": string;
  "locale": Locale;
  "phone"?: string | null;
  "title"?: string | null;
  "share_basis_points": number;
};

export type ExplainedLine = {
  "entry": EntryView;
  "hold_id": string | null;
  "hold_step": HoldStep | null;
  "lots": (ExplainedLot)[];
  "more_lots": number;
};

export type ExplainedLot = {
  "lot_id": string;
  "amount": number;
  "cost": Money | null;
  "source": LotSource | null;
};

export type ExplanationView = {
  "balance": number;
  "held": number;
  "owed": number;
  "items": (ExplainedLine)[];
  "cursor": string | null;
};

export type ExportRequest = {
  "report"?: ReportKind;
  "from": string;
  "to": string;
  "show"?: Show;
  "customer_id"?: string | null;
  "expert_id"?: string | null;
  "sale_type"?: SaleTypeFilter;
  "group"?: Group;
  "locale"?: Locale;
  "zone"?: string;
};

export type ExportState = "done" | "failed" | "queued" | "running";

export type ExportView = {
  "id": string;
  "report": ReportKind;
  "state": ExportState;
  "created_at": string;
  "sale_rows": number | null;
  "failed_rows": number | null;
  "session_rows": number | null;
  "file_name": string;
  "url": string | null;
};

export type Extension = {
  "minutes": number;
  "asked_by": Party;
  "asked_at": string;
};

export type FailedAttemptView = {
  "reason": FailureReason;
  "raw_code": string | null;
  "at": string;
};

export type FailedPaymentView = {
  "id": string;
  "failed_at": string;
  "customer_id": string;
  "customer_name": string | null;
  "reason": FailureReason;
  "raw_code": string;
  "rail": Rail;
  "product_type": ProductType;
  "product_id": string;
  "product_name": string;
  "price": Amount;
  "country": string;
  "order_id": string | null;
};

export type FailedPaymentsReport = {
  "items": (FailedPaymentView)[];
  "cursor": string | null;
};

export type FailureReason = "authentication_failed" | "card_declined" | "insufficient_funds" | "other" | "pay_not_pressed";

export type FeedView = {
  "items": (NoticeView)[];
  "cursor": string;
  "more": boolean;
};

export type FieldChange = {
  "field": string;
  "before": unknown;
  "after": unknown;
};

export type FieldProblem = {
  "field": string;
  "detail": string;
};

export type Group = "all" | "expert";

export type HealthView = {
  "status": string;
};

export type HoldStep = "captured" | "expired" | "opened" | "released";

export type HoldView = {
  "id": string;
  "amount": number;
  "at": string;
  "expires_at": string | null;
  "reference": Record<string, string>;
};

export type HolidayRequest = {
  "name": string;
};

export type HolidayView = {
  "date": string;
  "name": string;
};

export type HoursBody = {
  "from": string;
  "to": string;
  "location_id"?: string | null;
};

export type HowItEnds = "automatic" | "by_expert";

export type LatePayment = "credits" | "refund";

export type ListingOrderRequest = {
  "package_ids": (string)[];
};

export type ListingOrderView = {
  "package_ids": (string)[];
};

export type Locale = "en" | "fa" | "tr";

export type LocationBody = {
  "id": string;
  "name": string;
  "address"?: string;
};

export type LocationsRequest = {
  "locations": (LocationBody)[];
};

export type LotSource = {
  "sequence": number;
  "at": string;
  "kind": string;
  "memo": string;
  "reference": Record<string, string>;
  "provider": string | null;
  "paid": Money | null;
};

export type LotView = {
  "id": string;
  "origin": string;
  "granted": number;
  "remaining": number;
  "held": number;
  "cost": Money | null;
  "remaining_cost": Money | null;
  "granted_at": string;
  "expires_at": string | null;
  "extended": boolean;
  "reference": Record<string, string>;
};

export type Money = {
  "amount": number;
  "currency": string;
};

export type NoShow = "both" | "customer" | "expert";

export type NoShowRequest = {
  "no_show": NoShow;
};

export type NoteRequest = {
  "note": string;
};

export type NotesView = {
  "booking_id": string;
  "customer_note": string;
  "expert_note": string | null;
  "admin_note": string | null;
  "version": number;
};

export type NoticeKind = "booking_cancelled" | "booking_confirmed" | "booking_missed" | "booking_moved" | "booking_reminder" | "cut_short" | "extension_agreed" | "extension_asked" | "package_cancelled" | "package_given" | "party_joined" | "party_left" | "phone_balance_low" | "phone_call_refused" | "series_confirmed" | "session_ended" | "time_is_up";

export type NoticeView = {
  "id": string;
  "kind": NoticeKind;
  "at": string;
  "data": Record<string, string | number | null>;
};

export type OpenHoursBody = {
  "weekday": number;
  "from": string;
  "to": string;
  "location_id"?: string | null;
};

export type OrderList = {
  "items": (OrderView)[];
  "cursor": string | null;
};

export type OrderRequest = {
  "package_id": string;
  "expert_id"?: string | null;
  "starts_at"?: string | null;
  "participants"?: (ParticipantRequest)[];
  "use_credits"?: number | null;
};

export type OrderState = "expired" | "paid" | "pending" | "processing" | "refunded" | "review";

export type OrderView = {
  "id": string;
  "customer_id": string;
  "state": OrderState;
  "product": OrderedProduct;
  "price": Money;
  "credits": number;
  "country": string;
  "payment_url": string | null;
  "expires_at": string | null;
  "created_at": string;
  "paid_at": string | null;
  "failures": (FailedAttemptView)[];
  "paid": CapturedView | null;
  "refunds": (RefundView)[];
  "disputes": (DisputeView)[];
  "returned": number;
  "credits_returned": number;
};

export type OrderedProduct = {
  "kind": ProductKind;
  "id": string;
  "name": string;
  "credits": number | null;
};

export type Origin = "adjustment" | "campaign" | "gift" | "purchase" | "refund";

export type PackageChange = {
  "kind": PackageKind;
  "change": ChangeKind;
  "package_id": string;
  "name": string;
  "country": string;
  "fields": (FieldChange)[];
};

export type PackageKind = "appointment" | "credit" | "session";

export type ParticipantRequest = {
  "name": string;
  "account_id"?: string | null;
};

export type ParticipantView = {
  "name": string;
  "account_id": string | null;
};

export type Party = "customer" | "expert";

export type PaymentType = "campaign" | "card" | "credit" | "gift" | "offline";

export type PersonRequest = {
  "email": string;
  "name": string;
  "country": string;
  "locale": Locale;
  "phone"?: string | null;
};

export type PhoneEdit = {
  "phone": string | null;
};

export type PhoneEntriesView = {
  "items": (PhoneEntryView)[];
  "cursor": string | null;
};

export type PhoneEntryView = {
  "id": string;
  "kind": string;
  "at": string;
  "reference": Record<string, string>;
  "postings": (Posting)[];
  "free_after": number;
  "held_after": number;
  "owed_after": number;
};

export type PlatformCalendarView = {
  "holidays": (HolidayView)[];
  "locations": (LocationBody)[];
  "version": number;
};

export type PlatformView = {
  "id": string;
  "name": string;
  "sandbox": boolean;
  "terms_version": string;
  "appointment_system_active": boolean;
};

export type Posting = {
  "account": string;
  "asset": string;
  "amount": number;
};

export type Price = {
  "amount": number;
  "currency": string;
};

export type Problem = {
  "type": string;
  "title": string;
  "status": number;
  "code": string;
  "detail": string;
  "errors"?: (FieldProblem)[];
};

export type ProductKind = "appointment_package" | "credit_package" | "phone_balance" | "session_package";

export type ProductType = "appointment" | "credit" | "event" | "session_package";

export type ProviderDifference = {
  "kind": DifferenceKind;
  "order_id": string | null;
  "reference": string | null;
  "ours": string;
  "theirs": string;
  "mended": boolean;
};

export type PublicExpertList = {
  "items": (PublicExpertView)[];
  "cursor": string | null;
};

export type PublicExpertView = {
  "id": string;
  "name": string;
  "title": string | null;
};

export type Rail = "card" | "wallet";

export type RateBody = {
  "prefix": string;
  "micros_per_minute": number;
};

export type RatesRequest = {
  "rates": (RateBody)[];
  "alert_below_micros"?: number;
};

export type RatesView = {
  "rates": (RateBody)[];
  "alert_below_micros": number;
  "version": number;
};

export type ReconciliationList = {
  "items": (ReconciliationView)[];
  "cursor": string | null;
};

export type ReconciliationView = {
  "provider": string;
  "day": string;
  "looked_at": string;
  "compared": number;
  "mended": number;
  "unmended": number;
  "differences": (ProviderDifference)[];
  "failed": string | null;
};

export type RefundOutcomeRequest = {
  "outcome": "failed" | "succeeded";
  "reference"?: string | null;
};

export type RefundRequest = {
  "amount"?: number | null;
  "reason": string;
};

export type RefundState = "by_hand" | "failed" | "requested" | "sent" | "succeeded";

export type RefundView = {
  "id": string;
  "amount": number;
  "state": RefundState;
  "at": string;
  "reason": string | null;
  "requested_by": string | null;
};

export type ReportKind = "sales" | "sessions";

export type RescheduleRequest = {
  "starts_at": string;
};

export type ResendCodeRequest = {
  "email": string;
};

export type ReturnedView = {
  "kept_basis_points": number;
  "session": boolean;
  "credits": number;
};

export type ReviewRequest = {
  "decision": "grant" | "refund";
  "reason": string;
};

export type Role = "admin" | "customer" | "expert";

export type SaleLineView = {
  "sale_id": string;
  "sold_at": string;
  "sale_type": SaleType;
  "expert_id": string | null;
  "expert_name": string | null;
  "quantity": number | null;
  "customer_id": string;
  "customer_name": string | null;
  "payment_type": PaymentType;
  "actual": Amount;
  "cost": Money | null;
  "share_basis_points": number;
  "shared": Amount;
  "shared_cost": Money | null;
  "country": string;
  "product_type": ProductType;
  "product_id": string;
  "product_name": string;
};

export type SaleType = "card" | "credit" | "offline";

export type SaleTypeFilter = "all" | "card" | "credit" | "offline";

export type SalesReport = {
  "items": (SaleLineView)[];
  "cursor": string | null;
  "totals": (TotalView)[] | null;
};

export type SeriesBookingView = {
  "id": string;
  "starts_at": string;
  "ends_at": string;
  "state": BookingState;
  "ordinal": number | null;
  "total": number | null;
};

export type SeriesCancelledView = {
  "id": string;
  "cancelled": (string)[];
  "kept": (string)[];
  "credits": number;
  "sessions": number;
};

export type SeriesRequest = {
  "starts_at"?: (string)[] | null;
  "weekly"?: Weekly | null;
  "package_id"?: string | null;
  "expert_id"?: string | null;
  "pay_with"?: "assignment" | "credits" | null;
  "assignment_id"?: string | null;
  "participant"?: string | null;
  "note"?: string;
};

export type SeriesView = {
  "id": string;
  "customer_id": string;
  "expert_id": string;
  "package": BookedPackageView;
  "paid_with": "assignment" | "card" | "credits" | "mixed" | "on_the_house";
  "credits": number | null;
  "assignment_id": string | null;
  "bookings": (SeriesBookingView)[];
};

export type Service = "audio" | "phone" | "video";

export type ServiceLeftView = {
  "package": BookedPackageView;
  "count": number | null;
  "held": number;
  "used": number;
  "left": number;
};

export type SessionDrawnView = {
  "booking_id": string;
  "package_id": string;
  "ordinal": number;
  "state": "held" | "used";
};

export type SessionLineView = {
  "booking_id": string;
  "customer_id": string;
  "customer_name": string | null;
  "expert_id": string;
  "expert_name": string | null;
  "package_id": string;
  "package_title": string;
  "service": Service | null;
  "starts_at": string;
  "duration_minutes": number;
  "missed": boolean;
  "ended_at": string;
  "ended_by": EndedBy;
  "customer_minutes": number;
  "expert_minutes": number;
  "customer_late_minutes": number | null;
  "expert_late_minutes": number | null;
  "overrun_minutes": number;
  "extended_minutes": number;
  "ordinal": number | null;
  "total": number | null;
};

export type SessionPackage = {
  "id": string;
  "name": string;
  "total_sessions": number;
  "services": (CoveredService)[];
  "price": Money | null;
  "country": string;
  "currency": string;
  "listing_order": number;
  "short_info": string;
  "expires_after_days": number | null;
};

export type SessionPackageList = {
  "items": (SessionPackageView)[];
  "cursor": string | null;
};

export type SessionPackageRequest = {
  "name": string;
  "total_sessions": number;
  "services": (CoveredServiceRequest)[];
  "price"?: Price | null;
  "country": string;
  "currency": string;
  "listing_order"?: number | null;
  "short_info"?: string;
  "expires_after_days"?: number | null;
};

export type SessionPackageView = {
  "id": string;
  "name": string;
  "total_sessions": number;
  "services": (CoveredService)[];
  "price": Price | null;
  "country": string;
  "currency": string;
  "listing_order": number;
  "short_info": string;
  "expires_after_days": number | null;
  "version": number;
};

export type SessionState = "ended" | "running";

export type SessionTotals = {
  "sessions"?: number;
  "missed"?: number;
  "customer_minutes"?: number;
  "expert_minutes"?: number;
  "overrun_minutes"?: number;
  "extended_minutes"?: number;
};

export type SessionView = {
  "booking_id": string;
  "customer_id": string;
  "expert_id": string;
  "service": Service | null;
  "starts_at": string;
  "duration_minutes": number;
  "how_it_ends": HowItEnds;
  "when_it_ends": WhenItEnds;
  "state": SessionState;
  "customer_joined_at": string | null;
  "expert_joined_at": string | null;
  "present": (Party)[];
  "stays": (Stay)[];
  "due_end": string;
  "cut_short": boolean;
  "extension": Extension | null;
  "extended_minutes": number;
  "notified_at": string | null;
  "ended_at": string | null;
  "ended_by": EndedBy | null;
  "call": CallState | null;
  "ordinal": number | null;
  "total": number | null;
  "meeting_url": string | null;
  "version": number;
};

export type SessionsReport = {
  "items": (SessionLineView)[];
  "cursor": string | null;
  "totals": SessionTotals | null;
};

export type SettingsRequest = {
  "terms_version": string;
  "return_url": string | null;
  "spend_order": (string)[];
  "lot_extension_days": number;
  "meeting_link_template": string | null;
  "payment_providers": Record<string, string>;
  "late_payment": LatePayment;
  "payout_delay_days": number;
};

export type SettingsView = {
  "terms_version": string;
  "return_url": string | null;
  "spend_order": (string)[];
  "lot_extension_days": number;
  "meeting_link_template": string | null;
  "payment_providers": Record<string, string>;
  "late_payment": LatePayment;
  "payout_delay_days": number;
  "version": number;
};

export type Show = "all" | "appointments" | "events" | "packages";

export type SignUpRequest = {
  "email": string;
  "password": string;
  "name": string;
  "country": string;
  "locale": Locale;
  "terms_version": string;
};

export type SignUpView = {
  "state": string;
};

export type SlotView = {
  "starts_at": string;
  "ends_at": string;
  "break_minutes": number;
  "break_ends_at": string;
  "local_start": string;
  "location": LocationBody | null;
  "cut_at": string | null;
};

export type SlotsView = {
  "zone": string;
  "items": (SlotView)[];
  "cursor"?: null;
};

export type Source = "appointment_package" | "session_package";

export type StandingList = {
  "items": (StandingView)[];
  "cursor": string | null;
};

export type StandingView = {
  "booking_id": string;
  "expert_id": string;
  "starts_at": string;
  "ends_at": string;
};

export type Statement = {
  "expert_id": string;
  "payout_delay_days": number;
  "totals": (StatementTotal)[];
  "lines": (StatementLine)[];
};

export type StatementLine = {
  "sale_id": string;
  "reverses": string | null;
  "sold_at": string;
  "product_name": string;
  "unit": string;
  "share": number;
  "payable_at": string;
};

export type StatementTotal = {
  "unit": string;
  "earned": number;
  "reversed": number;
  "due": number;
  "payable": number;
};

export type Stay = {
  "party": Party;
  "joined_at": string;
  "left_at"?: string | null;
};

export type TopUpRequest = {
  "amount_cents": 1000 | 2500 | 5000 | 10000 | 25000 | 50000 | 100000;
};

export type TotalView = {
  "expert_id": string | null;
  "expert_name": string | null;
  "payment_type": PaymentType;
  "quantity": number;
  "actual": Amount;
  "shared": Amount;
};

export type VerifyEmailRequest = {
  "email": string;
  "code": string;
};

export type WalletView = {
  "asset": string;
  "balance": number;
  "held": number;
  "owed": number;
  "available": number;
  "lots": (LotView)[];
  "more_lots": boolean;
  "holds": (HoldView)[];
};

export type WebhookAnswer = {
  "state": string;
};

export type Weekly = {
  "first": string;
  "count": number;
  "every_weeks"?: number;
};

export type WhenItEnds = "full_service_time" | "scheduled_end";

export type Who = "admin" | "customer" | "expert";

export type SessionsExtensionRequest = {
  "minutes": number;
};

export type WalletExtensionRequest = {
  "reason"?: string;
};

export interface Operations {
  list_appointment_packages: {
    path: Record<string, never>;
    query: { "country"?: string | null; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: AppointmentPackageList;
    edits: false;
  };
  create_appointment_package: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: AppointmentPackageRequest;
    answer: AppointmentPackageView;
    edits: false;
  };
  order_appointment_packages: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: ListingOrderRequest;
    answer: ListingOrderView;
    edits: false;
  };
  read_appointment_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: AppointmentPackageView;
    edits: false;
  };
  edit_appointment_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: AppointmentPackageRequest;
    answer: AppointmentPackageView;
    edits: true;
  };
  remove_appointment_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: AppointmentPackageView;
    edits: true;
  };
  read_appointment_settings: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: AppointmentSettingsView;
    edits: false;
  };
  edit_appointment_settings: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: AppointmentSettingsRequest;
    answer: AppointmentSettingsView;
    edits: true;
  };
  adjust_assignment: {
    path: { "assignment_id": string };
    query: Record<string, never>;
    body: AssignmentAdjustmentRequest;
    answer: AssignmentView;
    edits: false;
  };
  cancel_assignment: {
    path: { "assignment_id": string };
    query: Record<string, never>;
    body: AssignmentCancelRequest;
    answer: AssignmentView;
    edits: false;
  };
  list_audit_records: {
    path: Record<string, never>;
    query: { "account_id"?: string | null; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: AuditList;
    edits: false;
  };
  book_series_for_a_customer: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: DeskSeriesRequest;
    answer: SeriesView;
    edits: false;
  };
  book_for_a_customer: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: DeskBookingRequest;
    answer: BookingView;
    edits: false;
  };
  read_platform_calendar: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: PlatformCalendarView;
    edits: false;
  };
  put_holiday: {
    path: { "date": string };
    query: Record<string, never>;
    body: HolidayRequest;
    answer: PlatformCalendarView;
    edits: true;
  };
  remove_holiday: {
    path: { "date": string };
    query: Record<string, never>;
    body: undefined;
    answer: PlatformCalendarView;
    edits: true;
  };
  list_standing: {
    path: { "date": string };
    query: { "cursor"?: string | null };
    body: undefined;
    answer: StandingList;
    edits: false;
  };
  put_locations: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: LocationsRequest;
    answer: PlatformCalendarView;
    edits: true;
  };
  apply_catalogue: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: AppliedView;
    edits: true;
  };
  list_catalogue_changes: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ChangesView;
    edits: false;
  };
  read_clock: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ClockView;
    edits: false;
  };
  move_clock: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: ClockRequest;
    answer: ClockView;
    edits: false;
  };
  list_credit_packages: {
    path: Record<string, never>;
    query: { "country"?: string | null; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: CreditPackageList;
    edits: false;
  };
  create_credit_package: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: CreditPackageRequest;
    answer: CreditPackageView;
    edits: false;
  };
  order_credit_packages: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: ListingOrderRequest;
    answer: ListingOrderView;
    edits: false;
  };
  read_credit_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: CreditPackageView;
    edits: false;
  };
  edit_credit_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: CreditPackageRequest;
    answer: CreditPackageView;
    edits: true;
  };
  remove_credit_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: CreditPackageView;
    edits: true;
  };
  list_customers: {
    path: Record<string, never>;
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: AccountList;
    edits: false;
  };
  add_customer: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: PersonRequest;
    answer: AccountView;
    edits: false;
  };
  read_customer: {
    path: { "account_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: AccountView;
    edits: false;
  };
  list_customer_assignments: {
    path: { "account_id": string };
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: AssignmentsView;
    edits: false;
  };
  assign_session_package: {
    path: { "account_id": string };
    query: Record<string, never>;
    body: AssignmentRequest;
    answer: AssignmentView;
    edits: false;
  };
  customer_wallet: {
    path: { "account_id": string; "asset": string };
    query: Record<string, never>;
    body: undefined;
    answer: WalletView;
    edits: false;
  };
  adjust_wallet: {
    path: { "account_id": string; "asset": string };
    query: Record<string, never>;
    body: AdjustmentRequest;
    answer: AuditRecordView;
    edits: false;
  };
  customer_entries: {
    path: { "account_id": string; "asset": string };
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: EntriesView;
    edits: false;
  };
  explain_customer_wallet: {
    path: { "account_id": string; "asset": string };
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: ExplanationView;
    edits: false;
  };
  extend_lot: {
    path: { "account_id": string; "asset": string; "lot_id": string };
    query: Record<string, never>;
    body: WalletExtensionRequest;
    answer: AuditRecordView;
    edits: false;
  };
  list_experts: {
    path: Record<string, never>;
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: AccountList;
    edits: false;
  };
  add_expert: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: ExpertRequest;
    answer: AccountView;
    edits: false;
  };
  read_expert: {
    path: { "account_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: AccountView;
    edits: false;
  };
  edit_expert: {
    path: { "account_id": string };
    query: Record<string, never>;
    body: ExpertEdit;
    answer: AccountView;
    edits: true;
  };
  read_statement: {
    path: { "account_id": string };
    query: { "from": string; "to": string };
    body: undefined;
    answer: Statement;
    edits: false;
  };
  list_orders_of_customer: {
    path: Record<string, never>;
    query: { "customer_id": string; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: OrderList;
    edits: false;
  };
  list_orders_in_review: {
    path: Record<string, never>;
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: OrderList;
    edits: false;
  };
  refund_order: {
    path: { "order_id": string };
    query: Record<string, never>;
    body: RefundRequest;
    answer: OrderView;
    edits: false;
  };
  record_refund: {
    path: { "order_id": string; "refund_id": string };
    query: Record<string, never>;
    body: RefundOutcomeRequest;
    answer: OrderView;
    edits: false;
  };
  decide_review: {
    path: { "order_id": string };
    query: Record<string, never>;
    body: ReviewRequest;
    answer: OrderView;
    edits: false;
  };
  top_up_phone_balance: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: TopUpRequest;
    answer: OrderView;
    edits: false;
  };
  phone_balance: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: BalanceView;
    edits: false;
  };
  phone_entries: {
    path: Record<string, never>;
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: PhoneEntriesView;
    edits: false;
  };
  phone_rates: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: RatesView;
    edits: false;
  };
  edit_phone_rates: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: RatesRequest;
    answer: RatesView;
    edits: true;
  };
  list_reconciliations: {
    path: Record<string, never>;
    query: { "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: ReconciliationList;
    edits: false;
  };
  create_export: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: ExportRequest;
    answer: ExportView;
    edits: false;
  };
  read_export: {
    path: { "export_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: ExportView;
    edits: false;
  };
  report_failed_payments: {
    path: Record<string, never>;
    query: { "from": string; "to": string; "show"?: Show; "customer_id"?: string | null; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: FailedPaymentsReport;
    edits: false;
  };
  report_sales: {
    path: Record<string, never>;
    query: { "from": string; "to": string; "show"?: Show; "customer_id"?: string | null; "expert_id"?: string | null; "sale_type"?: SaleTypeFilter; "group"?: Group; "totals"?: boolean; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: SalesReport;
    edits: false;
  };
  report_sessions: {
    path: Record<string, never>;
    query: { "from": string; "to": string; "customer_id"?: string | null; "expert_id"?: string | null; "totals"?: boolean; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: SessionsReport;
    edits: false;
  };
  list_session_packages: {
    path: Record<string, never>;
    query: { "country"?: string | null; "limit"?: number; "cursor"?: string | null };
    body: undefined;
    answer: SessionPackageList;
    edits: false;
  };
  create_session_package: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: SessionPackageRequest;
    answer: SessionPackageView;
    edits: false;
  };
  order_session_packages: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: ListingOrderRequest;
    answer: ListingOrderView;
    edits: false;
  };
  read_session_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: SessionPackageView;
    edits: false;
  };
  edit_session_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: SessionPackageRequest;
    answer: SessionPackageView;
    edits: true;
  };
  remove_session_package: {
    path: { "package_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: SessionPackageView;
    edits: true;
  };
  read_settings: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: SettingsView;
    edits: false;
  };
  edit_settings: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: SettingsRequest;
    answer: SettingsView;
    edits: true;
  };
  me: {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: AccountView;
    edits: false;
  };
  read_platform: {
    path: { "platform_id": string };
    query: Record<string, never>;
    body: undefined;
    answer: PlatformView;
    edits: false;
  };
}

export const routes = {
  list_appointment_packages: ['GET', '/v1/admin/appointment-packages'],
  create_appointment_package: ['POST', '/v1/admin/appointment-packages'],
  order_appointment_packages: ['PUT', '/v1/admin/appointment-packages/order'],
  read_appointment_package: ['GET', '/v1/admin/appointment-packages/{package_id}'],
  edit_appointment_package: ['PUT', '/v1/admin/appointment-packages/{package_id}'],
  remove_appointment_package: ['DELETE', '/v1/admin/appointment-packages/{package_id}'],
  read_appointment_settings: ['GET', '/v1/admin/appointment-settings'],
  edit_appointment_settings: ['PUT', '/v1/admin/appointment-settings'],
  adjust_assignment: ['POST', '/v1/admin/assignments/{assignment_id}/adjustments'],
  cancel_assignment: ['POST', '/v1/admin/assignments/{assignment_id}/cancel'],
  list_audit_records: ['GET', '/v1/admin/audit'],
  book_series_for_a_customer: ['POST', '/v1/admin/booking-series'],
  book_for_a_customer: ['POST', '/v1/admin/bookings'],
  read_platform_calendar: ['GET', '/v1/admin/calendar'],
  put_holiday: ['PUT', '/v1/admin/calendar/holidays/{date}'],
  remove_holiday: ['DELETE', '/v1/admin/calendar/holidays/{date}'],
  list_standing: ['GET', '/v1/admin/calendar/holidays/{date}/bookings'],
  put_locations: ['PUT', '/v1/admin/calendar/locations'],
  apply_catalogue: ['POST', '/v1/admin/catalogue/apply'],
  list_catalogue_changes: ['GET', '/v1/admin/catalogue/changes'],
  read_clock: ['GET', '/v1/admin/clock'],
  move_clock: ['PUT', '/v1/admin/clock'],
  list_credit_packages: ['GET', '/v1/admin/credit-packages'],
  create_credit_package: ['POST', '/v1/admin/credit-packages'],
  order_credit_packages: ['PUT', '/v1/admin/credit-packages/order'],
  read_credit_package: ['GET', '/v1/admin/credit-packages/{package_id}'],
  edit_credit_package: ['PUT', '/v1/admin/credit-packages/{package_id}'],
  remove_credit_package: ['DELETE', '/v1/admin/credit-packages/{package_id}'],
  list_customers: ['GET', '/v1/admin/customers'],
  add_customer: ['POST', '/v1/admin/customers'],
  read_customer: ['GET', '/v1/admin/customers/{account_id}'],
  list_customer_assignments: ['GET', '/v1/admin/customers/{account_id}/assignments'],
  assign_session_package: ['POST', '/v1/admin/customers/{account_id}/assignments'],
  customer_wallet: ['GET', '/v1/admin/customers/{account_id}/wallets/{asset}'],
  adjust_wallet: ['POST', '/v1/admin/customers/{account_id}/wallets/{asset}/adjustments'],
  customer_entries: ['GET', '/v1/admin/customers/{account_id}/wallets/{asset}/entries'],
  explain_customer_wallet: ['GET', '/v1/admin/customers/{account_id}/wallets/{asset}/explanation'],
  extend_lot: ['POST', '/v1/admin/customers/{account_id}/wallets/{asset}/lots/{lot_id}/extensions'],
  list_experts: ['GET', '/v1/admin/experts'],
  add_expert: ['POST', '/v1/admin/experts'],
  read_expert: ['GET', '/v1/admin/experts/{account_id}'],
  edit_expert: ['PUT', '/v1/admin/experts/{account_id}'],
  read_statement: ['GET', '/v1/admin/experts/{account_id}/statement'],
  list_orders_of_customer: ['GET', '/v1/admin/orders'],
  list_orders_in_review: ['GET', '/v1/admin/orders-in-review'],
  refund_order: ['POST', '/v1/admin/orders/{order_id}/refunds'],
  record_refund: ['POST', '/v1/admin/orders/{order_id}/refunds/{refund_id}'],
  decide_review: ['POST', '/v1/admin/orders/{order_id}/review'],
  top_up_phone_balance: ['POST', '/v1/admin/phone-top-ups'],
  phone_balance: ['GET', '/v1/admin/phone/balance'],
  phone_entries: ['GET', '/v1/admin/phone/entries'],
  phone_rates: ['GET', '/v1/admin/phone/rates'],
  edit_phone_rates: ['PUT', '/v1/admin/phone/rates'],
  list_reconciliations: ['GET', '/v1/admin/reconciliations'],
  create_export: ['POST', '/v1/admin/reports/exports'],
  read_export: ['GET', '/v1/admin/reports/exports/{export_id}'],
  report_failed_payments: ['GET', '/v1/admin/reports/failed-payments'],
  report_sales: ['GET', '/v1/admin/reports/sales'],
  report_sessions: ['GET', '/v1/admin/reports/sessions'],
  list_session_packages: ['GET', '/v1/admin/session-packages'],
  create_session_package: ['POST', '/v1/admin/session-packages'],
  order_session_packages: ['PUT', '/v1/admin/session-packages/order'],
  read_session_package: ['GET', '/v1/admin/session-packages/{package_id}'],
  edit_session_package: ['PUT', '/v1/admin/session-packages/{package_id}'],
  remove_session_package: ['DELETE', '/v1/admin/session-packages/{package_id}'],
  read_settings: ['GET', '/v1/admin/settings'],
  edit_settings: ['PUT', '/v1/admin/settings'],
  me: ['GET', '/v1/me'],
  read_platform: ['GET', '/v1/public/{platform_id}'],
} as const satisfies Record<keyof Operations, readonly [string, string]>;

