"""The base of the generated types and the conversion between them and JSON. Import its modules; this one stays light."""
