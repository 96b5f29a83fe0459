"""Stores: what all of them do, and what each does with its files or its server."""
