"""Rate limits, the breaker, and several keys: who may send, and when."""
