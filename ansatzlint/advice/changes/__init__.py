"""Kinds of change, one file each: `propose(subject)` yields circuits to be measured, and refusals with their reason.

Nothing here judges whether a change is better; `ansatzlint.advice` measures what is proposed.
"""
