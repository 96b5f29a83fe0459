"""Signals: Ctrl-C, a handler that raises, one that returns, one that calls."""

from tests.processes.check import ALL, ASYNCIO, BLOCKING, Check
from tests.processes.checks.cancelling import PHASES

# Ctrl-C in one script for all flavours: asyncio cancels the main task and raises KeyboardInterrupt from `run`.
_PHASE = """
    {imports}

    async def to_the_end(stream):
        async for _ in await stream:
            pass

    client, held = make(pool=Pool(max_connections=1)), None

    async def main():
        global client, socks, listener, held
        {prepare}
        later({signal}, when=lambda: {reached}, after=0.1)
        await {call}

    try:
        run(main)
    except {error}:
        pass
    else:
        fail("it was swallowed")
    {free}
    if IS_BLOCKING:
        if held is not None:
            held.close()
        pool_is(client, open={idle})
        if client.base_url.rstrip("/") == BASE_URL:
            same(ask(client, "after").text, "after")
        client.close()
    held = None
    gc.collect()
    nothing_open()
"""


def _interrupted(phase: str, *, signal: str, error: str, imports: str = "pass") -> str:
    prepare, call, reached, free = PHASES[phase]
    return _PHASE.format(
        prepare=prepare.replace("\n", "\n    "),
        call=call,
        reached=reached,
        free="pass" if free.startswith("await") else free,
        signal=signal,
        error=error,
        imports=imports,
        idle=int(phase == "in back-off"),
    )


_LINES = """
    import itertools

    ROOMS = ("/twinwire/_io/", "/twinwire/_core/", "/twinwire/_client/", "/twinwire/limits/", "/httpcore/")

    def whole():
        ask(client)

    def streamed():
        with events(client, "one two three") as stream:
            for _ in stream:
                pass

    def broken_off():
        for _ in chunks(client, "one two three"):
            break

    def finalizes(frame):
        '''Python drops what a finalizer raises, that of a generator too. A generator that is read is read by the transport.'''
        names = set()
        while frame is not None and not frame.f_code.co_filename.endswith(("_client/base.py", "_client/session.py", "_client/streams.py")):
            names.add(frame.f_code.co_name)
            frame = frame.f_back
        return "__del__" in names or "exponential_backoff" in names or ("__iter__" in names and not names & {"read", "send", "close_response"})

    def tracer(reach):
        '''Call *reach* with each place where the code is, line by line.'''
        def local(frame, event, argument):
            if event in ("line", "call") and not finalizes(frame):
                reach((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
            return local

        def begin(frame, event, argument):
            if any(room in frame.f_code.co_filename for room in ROOMS):
                return local(frame, event, argument)
            return None

        return begin
"""

CHECKS = [
    *(
        Check(
            name=f"Ctrl-C {phase}",
            holds=f"Ctrl-C {phase} raises KeyboardInterrupt at once, and slot and connection come back.",
            flavours=ALL,
            is_quick=phase == "while it waits for the head",
            script=_interrupted(phase, signal="ctrl_c", error="KeyboardInterrupt"),
        )
        for phase in PHASES
    ),
    *(
        Check(
            name=f"SIGTERM {phase}",
            holds=f"A handler of SIGTERM that raises SystemExit ends a call {phase}, and slot and connection come back.",
            flavours=("blocking",),
            script=_interrupted(
                phase,
                signal="lambda: os.kill(os.getpid(), signal.SIGTERM)",
                error="SystemExit",
                imports="signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(3))",
            ),
        )
        for phase in ("in the queue", "in back-off", "while it waits for the head", "in a stream")
    ),
    Check(
        name="SIGTERM ends a program",
        holds="A program that SIGTERM's handler ends by sys.exit() amid a stream exits with that status, and prints nothing.",
        flavours=("blocking", "asyncio"),
        status=3,
        script="""
            signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(3))
            client = make()

            async def main():
                later(lambda: os.kill(os.getpid(), signal.SIGTERM), when=lambda: seen() == 1)
                async with events(client, model="drip") as stream:
                    async for _ in stream:
                        pass

            run(main)
        """,
    ),
    Check(
        name="Ctrl-C ends a program",
        holds="A program that nobody saves from Ctrl-C amid a call ends as interrupted programs do.",
        flavours=ALL,
        status=-2,
        prints="KeyboardInterrupt\n",
        script="""
            sys.excepthook = lambda kind, error, traceback: print(kind.__name__, flush=True)
            client = make()

            async def main():
                later(ctrl_c, when=lambda: seen() == 1)
                await ask(client, model="stall-head")

            run(main)
        """,
    ),
    Check(
        name="handler that returns",
        holds="A signal every two milliseconds whose handler only returns changes nothing of calls and streams.",
        flavours=("blocking", "asyncio"),
        script="""
            count = 0

            def handler(number, frame):
                global count
                count += 1

            async def main():
                async with make() as client:
                    await ask(client)
                    signal.signal(signal.SIGALRM, handler)
                    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
                    same((await ask(client, "slow", model="slow")).text, "slow")
                    same((await ask(client, "w" * 1_000_000)).text, "w" * 1_000_000)
                    async with events(client, model="paced") as stream:
                        same((await stream.result()).text, "one two three")
                    signal.setitimer(signal.ITIMER_REAL, 0)
                if count < 50:
                    fail(f"only {count} signals")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="handler that calls",
        holds="A signal's handler makes a call of its own on the client whose call it interrupted; both get their own answers.",
        flavours=BLOCKING,
        is_quick=True,
        script="""
            client = make()
            texts = []
            signal.signal(signal.SIGUSR2, lambda number, frame: texts.append(ask(client, "handler").text))
            later(lambda: os.kill(os.getpid(), signal.SIGUSR2), when=lambda: seen() == 1)
            texts.append(ask(client, "slow", model="slow").text)
            same(texts, ["handler", "slow"])
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="handler that calls, one connection",
        holds="The handler's call waits in vain for the connection that its own thread holds: typed, and the first call goes on.",
        flavours=BLOCKING,
        script="""
            from twinwire import APITimeoutError, Timeout

            client = make(pool=Pool(max_connections=1), timeout=Timeout(pool=0.2), max_retries=0)
            outcomes = []

            def handler(number, frame):
                try:
                    ask(client, "handler")
                except APIError as error:
                    outcomes.append(type(error).__name__)

            signal.signal(signal.SIGUSR2, handler)
            later(lambda: os.kill(os.getpid(), signal.SIGUSR2), when=lambda: seen() == 1)
            outcomes.append(ask(client, "slow", model="slow").text)
            same(outcomes, ["PoolTimeoutError", "slow"])
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="handler that calls, at every line",
        holds="Wherever in a call, a stream or their ends a handler makes another call, nothing hangs, and both get their answers.",
        flavours=BLOCKING,
        limit_seconds=60,
        script=_LINES
        + """
    client = make()
    met = set()
    wrong = []

    def reach(place):
        if place not in met:
            met.add(place)
            sys.settrace(None)
            number = len(met)
            if ask(client, number).text != str(number):
                wrong.append(place)
            sys.settrace(trace)

    trace = tracer(reach)
    for work in (whole, streamed, broken_off):
        work()
        sys.settrace(trace)
        work()
        sys.settrace(None)
    if len(met) < 300:
        fail(f"only {len(met)} places")
    same(wrong, [])
    stats = client.pool.stats()
    same((stats.open, stats.waiting), (stats.idle, 0))
    client.close()
    nothing_open()
""",
    ),
    Check(
        name="Ctrl-C at every line",
        holds="Wherever in a call, a stream or their ends Ctrl-C comes, it arrives, and the only slot and connection come back.",
        flavours=BLOCKING,
        limit_seconds=60,
        script=_LINES
        + """
    wanted = None
    met = set()
    reached = before = False

    def reach(place):
        global reached
        if place not in met and not reached:
            met.add(place)
            reached = place
            sys.settrace(None)
            raise KeyboardInterrupt

    wrong = []
    trace = tracer(reach)
    client = make(pool=Pool(max_connections=1), timeout=2)
    for work in (whole, streamed, broken_off):
        work()
        again = True
        while again:
            reached = False
            sys.settrace(trace)
            try:
                work()
            except KeyboardInterrupt:
                pass
            except APIError as error:  # no slot, for instance
                wrong.append((error, before))
                client = make(pool=Pool(max_connections=1), timeout=2)
            else:
                if reached:
                    wrong.append(("swallowed", reached))
            sys.settrace(None)
            before = reached
            again = bool(reached)
            gc.collect(0)
            stats = client.pool.stats()
            if (stats.open, stats.waiting) != (stats.idle, 0):
                wrong.append(("left", reached))
                client = make(pool=Pool(max_connections=1), timeout=2)
    if len(met) < 300:
        fail(f"only {len(met)} places")
    same(wrong, [])
    client.close()
    nothing_open()
""",
    ),
    Check(
        name="Ctrl-C storm",
        holds="Ctrl-C at three hundred moments of calls and streams, as the system delivers it, leaves the only slot usable.",
        flavours=BLOCKING,
        limit_seconds=40,
        script="""
            import random

            client = make(pool=Pool(max_connections=1), timeout=5)
            ask(client)
            events(client).result()  # so that no import is interrupted, which leaves a file of Python's own open
            chance = random.Random(7)
            count = 0

            def handler(number, frame):
                raise KeyboardInterrupt

            signal.signal(signal.SIGALRM, handler)
            for number in range(300):
                try:
                    signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.0001, 0.004))
                    if number % 3:
                        ask(client)
                    else:
                        with events(client, "one two three") as stream:
                            stream.result()
                    signal.setitimer(signal.ITIMER_REAL, 0)
                except KeyboardInterrupt:
                    count += 1
                stream = None  # Ctrl-C may have met the first line of its __exit__
                gc.collect()  # here, for Python drops a Ctrl-C that meets a finalizer
                stats = client.pool.stats()
                same((stats.open, stats.waiting), (stats.idle, 0))
            if count < 30:
                fail(f"only {count} arrived")
            same(ask(client, "after").text, "after")
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="Ctrl-C in a task group",
        holds="Ctrl-C while tasks call, stream and wait ends them all, and nothing is printed.",
        flavours=ASYNCIO,
        script="""
            client = make(pool=Pool(max_connections=4))

            async def reads():
                async with events(client, model="drip") as stream:
                    async for _ in stream:
                        pass

            async def main():
                async with asyncio.TaskGroup() as group:
                    for _ in range(5):
                        group.create_task(reads())
                        group.create_task(ask(client, model="stall-head"))
                    await turns(lambda: seen() == 4)
                    later(ctrl_c)

            try:
                run(main)
            except KeyboardInterrupt:
                pass
            else:
                fail("it was swallowed")
            nothing_open()
        """,
    ),
]
