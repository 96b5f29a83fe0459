"""Many processes at once against a loopback provider that enforces limits and counts what it is paid."""
