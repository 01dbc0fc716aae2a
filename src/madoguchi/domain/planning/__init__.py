"""How many people, when, and why calls were lost: the centre's records as the staffing science takes them."""
