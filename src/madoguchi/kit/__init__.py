"""Pure things every room may use: ids, clock, phone numbers, business calendar, Japanese text."""
