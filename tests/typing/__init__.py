"""
Scripts as users write them: mypy strict and pyright strict take them without an error, and none holds an ignore.

`tests/project/test_scripts.py` runs each against a loopback provider.
"""
