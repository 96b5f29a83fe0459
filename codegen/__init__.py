"""twinwire's own code generation: `python -m codegen`."""
