"""A whole centre, moment by moment: what formulas cannot say, since everything hangs together.

`centre.Centre` says who calls, who is there and what calls leave behind. `running.simulate` runs it once and
writes the flat records that the real centre writes (`flat`); `replicate` and `compare` say what many runs
say, with intervals. `single_queue` is the fast way where one queue is all there is.

The loop (`loop`, with `calls`, `rings`, `people`, `aftermath`) is compiled; who gets which call is decided by
`matching`, the twin of `science.routing.choose`. Chance is drawn by `chance`, so that two centres that differ
in one thing meet the same callers.
"""
