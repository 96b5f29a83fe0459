"""Typed blocking and async clients for chat models, generated from one spec over one core."""
