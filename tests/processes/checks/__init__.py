"""The checks, a module per topic. Each has a list named `CHECKS`."""
