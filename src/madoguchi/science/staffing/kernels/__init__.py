"""The arithmetic of the staffing formulas, one number at a time.

Everything here runs both as ordinary Python and compiled by numba, so it keeps to floats, whole numbers,
tuples and flat arrays. Time is counted in mean handling times: an agent ends calls at rate 1, `load` calls
arrive, and a waiting caller gives up at rate `impatience` = handling time ÷ patience (0: never).

What makes the results exact to 1e-12 is the same everywhere: sums of positive terms only, differences taken
where they are exact, and numbers too large for a float kept as mantissa · 2^exponent.
"""
