"""The customer's side. In the demonstration: a page where the visitor is the customer and calls."""
