"""The measures of a centre, as pure functions over flat records of calls.

A measure states its population: which calls count, and how those who left early are treated. Products
disagree because they leave that open; the same day can show four service levels (`service_level`).
Rates are exact fractions, so that recomputing one gives the same bytes; None means that nothing was
in the population, which is not the same as 0 %.
"""
