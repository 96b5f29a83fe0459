"""
Properties that hold for whatever a server sends. docs/testing.md says how they are run.

Every property reads its choices from one string of bytes (`chance.py`), which hypothesis draws and shrinks. So a failing example
is a name and some hexadecimal digits, and `python -m tests.fuzz --replay NAME:HEX` plays it again.
"""
