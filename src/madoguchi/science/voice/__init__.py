"""Speech and recorded sound, as plain functions.

What lives here knows samples, levels, headers and files of sound. It does not know calls, prompts,
the database, the clock or the switch. Unlike the rest of `science` it reads and writes the sound
files its caller names, because an hour of a call does not belong in memory.
"""
