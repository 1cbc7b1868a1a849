"""The control API under `/_sandbox`, by which tests, scripts and people drive the sandbox.

JSON in, JSON out; unknown fields are refused; errors are `{"error": {code, message}}`. `secret_key` may be
left out where there is exactly one account.

- GET    health
- GET    accounts
- POST   accounts            secret_key, webhook_url + webhook_secret, name, enabled_events, protocol (stripe,
                             iyzico with its api_key, zarinpal, twilio with its
                             SID as api_key): add or replace
- POST   webhooks            secret_key, drop, repeat, delay_seconds, reorder, window_seconds, hold,
                             concurrent, seed: see `switches.Switches`; what is not named is off
- POST   webhooks/flush      secret_key, seed: send what is held or being reordered, shuffled by a given seed
- POST   webhooks/resend     event_id
- POST   webhooks/wait       timeout_seconds: until nothing is on its way, retries included
- GET    deliveries          ?account=&event=&state=&type=
- GET    calls              those that Twilio made, newest first
- GET    sessions            newest first; sessions/{id} with its payment intent
- POST   sessions/{id}/X     X: pay, decline, insufficient, fail-3ds, pay-later, settle, fail-later, expire,
                             dispute, win-dispute, lose-dispute
- POST   faults              kind, count, seconds, method, path, stored: see `faults.Fault`
- GET    faults              what is left of them; DELETE faults forgets them
"""
