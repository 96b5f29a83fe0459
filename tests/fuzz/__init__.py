"""
Properties that hold for whatever a server sends.

`pytest tests/fuzz` tries each on a few examples, the same ones every time. `python -m tests.fuzz --examples N` runs as many as asked for, on
all processors; `nox -s fuzz` and `nox -s fuzz_long` do so. `table.py` has the properties and their shares.

Every property reads its choices from one string of bytes (`chance.py`), which hypothesis draws and shrinks. So a failing example
is a name and some hexadecimal digits, and `python -m tests.fuzz --replay NAME:HEX` plays it again.
"""
