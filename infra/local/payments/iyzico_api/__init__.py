"""iyzico's Checkout Form, refunds and reports, below `/iyzico`, by its documented protocol."""
