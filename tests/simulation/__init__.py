"""
Calls in a simulated world: virtual time, a seeded server and network, and checks of what came of it.

The real flow is stepped here, with the real judgement of a provider's answers; only the world around it is made up. One number, the
seed, makes a whole schedule, so a failure is seen again with `python -m tests.simulation --seed N`.
"""
