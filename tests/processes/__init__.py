"""Real programs in real processes, each with a time limit: what callers and interpreters do to a client."""
