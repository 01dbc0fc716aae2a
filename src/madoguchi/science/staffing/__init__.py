"""How many people a centre needs: queueing formulas, exact where they can be and honest where they cannot.

`erlang_b`, `erlang_c`, `erlang_a`, `priority`, `orbit`, `square_root` and `offered_load` are one model each.
All take numbers or NumPy arrays, which are broadcast against each other, and give arrays of that shape; loads
are in Erlang, times in seconds, shares between 0 and 1. `least` finds the fewest people for a goal on any of
them. The arithmetic stands in `kernels`: plain functions, compiled (`compiled`) when there is much to do.
"""
