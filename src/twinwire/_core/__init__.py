"""Decisions of any call: effects, flow, retry, deadlines, headers, SSE, trace. No API, no I/O, no clock, no chance."""
