"""How many calls will come: by half-hour, reason and client, from the centre's own counts.

`history` takes counts or a CSV; `days` says what is special about a day (holidays, pay days, 五十日, events);
`model.learn` and `Model.forecast` give calls with intervals; `groups` does it for every reason and client at
once, so that the parts make the whole; `intraday` corrects today by this morning; `back_test` tells how good
all that would have been.
"""
