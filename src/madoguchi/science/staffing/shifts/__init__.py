"""From people needed by half-hour to shifts, and from shifts to a roster of named people.

`covering` finds the cheapest shifts that meet a need; what it answers is proven. `roster` gives the shifts of
each day to named people and keeps `rules`; `check` reads a finished roster anew and names every breach.
Times are half-hours counted from the beginning of the planned time, days are dates.
"""
