"""Interpreters that end with everything open."""

from tests.processes.check import ALL, ASYNCIO, BLOCKING, Check, Flavour

BLOCKING_AND_ASYNCIO: tuple[Flavour, ...] = ("blocking", "asyncio")

# A daemon thread is in this phase of a call when the program ends.
_PHASES = {
    "while it connects": ("url, kept = full_server(); client = make(base_url=url)", "ask(client)", "pool().open == 1"),
    "in the handshake of TLS": (
        "url, kept = silent_server(); client = make(base_url=url.replace('http:', 'https:'))",
        "ask(client)",
        "pool().open == 1",
    ),
    "while it writes": (
        "url, kept = silent_server(); client = make(base_url=url)",
        "ask(client, 'w' * 20_000_000)",
        "pool().open == 1",
    ),
    "while it waits for the head": ("pass", "ask(client, model='stall-head')", "seen() == 1"),
    "in a stream": ("pass", "list(chunks(client, model='stall-stream'))", "seen() == 1"),
    "in back-off": ("pass", "ask(client, model='503')", "seen() == 1"),
    "in the queue": ("held = chunks(client, model='stall-stream')", "ask(client)", "pool().waiting == 1"),
}

CHECKS = [
    Check(
        name="end with everything open",
        holds="A program that falls off its end with idle connections, open streams and an open client ends at once and silently.",
        flavours=ALL,
        is_quick=True,
        limit_seconds=8,
        script="""
            client = make()
            kept = []

            async def main():
                await ask(client)
                kept.append(await chunks(client, model="drip"))
                kept.append(events(client, model="stall-stream"))
                async for _ in kept[-1]:
                    break

            run(main)
        """,
    ),
    Check(
        name="sys.exit amid a stream",
        holds="sys.exit() in a loop over a stream ends the program with its status.",
        flavours=ALL,
        status=7,
        limit_seconds=8,
        script="""
            client = make()

            async def main():
                async with events(client, model="drip") as stream:
                    async for _ in stream:
                        sys.exit(7)

            run(main)
        """,
    ),
    Check(
        name="sys.exit without with",
        holds="The same where nothing closes the stream.",
        flavours=ALL,
        status=7,
        limit_seconds=8,
        script="""
            client = make()

            async def main():
                async for _ in await chunks(client, model="drip"):
                    sys.exit(7)

            run(main)
        """,
    ),
    Check(
        name="uncaught error amid a stream",
        holds="An exception that nobody catches is reported once, as it is, and the program ends.",
        flavours=ALL,
        status=1,
        limit_seconds=8,
        prints="ZeroDivisionError\n",
        script="""
            sys.excepthook = lambda kind, error, traceback: print(kind.__name__, flush=True)
            client = make()

            async def main():
                async for _ in events(client, model="drip"):
                    1 / 0

            run(main)
        """,
    ),
    *(
        Check(
            name=f"end with a thread {phase}",
            holds=f"A daemon thread {phase} does not keep the program from ending, nor makes it print.",
            flavours=BLOCKING,
            limit_seconds=8,
            script=f"""
                client = make(pool=Pool(max_connections=1))
                pool = lambda: client.pool.stats()
                {prepare}

                def work():
                    {call}

                threading.Thread(target=work, daemon=True).start()
                until(lambda: {reached})
                time.sleep(0.1)
                if "kept" in globals():  # the program's own sockets
                    os.dup(0)
                    [sock.detach() for sock in (kept if isinstance(kept, list) else [kept])]
            """,
        )
        for phase, (prepare, call, reached) in _PHASES.items()
    ),
    Check(
        name="end while threads finish",
        holds="Threads that are in calls and streams when the program ends get their answers before it does.",
        flavours=BLOCKING,
        prints="slow\none two three\n",
        script="""
            client = make()

            def whole():
                print(ask(client, "slow", model="slow").text, flush=True)

            def streamed():
                time.sleep(0.4)
                with events(client, model="paced") as stream:
                    print(stream.result().text, flush=True)

            for work in (whole, streamed):
                threading.Thread(target=work).start()
        """,
    ),
    Check(
        name="end while an executor works",
        holds="The threads of an executor that are in calls when the program ends get their answers before it does.",
        flavours=BLOCKING,
        prints="slow\n",
        script="""
            from concurrent.futures import ThreadPoolExecutor

            client = make()
            executor = ThreadPoolExecutor(2)
            executor.submit(lambda: print(ask(client, "slow", model="slow").text, flush=True))
        """,
    ),
    Check(
        name="call at exit",
        holds="A handler of atexit makes calls, the first ones among them, and they are answered.",
        flavours=BLOCKING_AND_ASYNCIO,
        is_quick=True,
        prints="warm\ncold\n",
        script="""
            import atexit

            client = make()

            def at_exit(name):
                async def main():
                    print((await ask(make() if name == "cold" else client, name)).text, flush=True)
                run(main)

            async def main():
                await ask(client)

            run(main)
            atexit.register(at_exit, "cold")
            atexit.register(at_exit, "warm")
        """,
    ),
    Check(
        name="call at exit, by host name",
        holds="The same where a host's name is looked up, which at that time no new thread may do.",
        flavours=BLOCKING_AND_ASYNCIO,
        prints="named\n",
        script="""
            import atexit

            client = make(base_url=BASE_URL.replace("127.0.0.1", "localhost"))

            def at_exit():
                async def main():
                    print((await ask(client, "named")).text, flush=True)
                run(main)

            atexit.register(at_exit)
        """,
    ),
    Check(
        name="stream read at exit",
        holds="A stream that was begun before is read on by a handler of atexit.",
        flavours=BLOCKING,
        prints="one two three\n",
        script="""
            import atexit

            client = make()
            stream = events(client, model="paced")
            next(stream)
            atexit.register(lambda: print(stream.result().text, flush=True))
        """,
    ),
    Check(
        name="call from a finalizer",
        holds="A call from __del__ while the interpreter ends is answered or raises, and never hangs.",
        flavours=BLOCKING,
        limit_seconds=8,
        prints="over\n",
        script="""
            class Last:
                def __init__(self, client):
                    self.client = client
                    self.ask = ask
                    self.print = print

                def __del__(self):
                    try:
                        self.ask(self.client, "last")
                    except Exception:
                        pass
                    self.print("over", flush=True)

            client = make()
            ask(client)
            last = Last(client)
        """,
    ),
    Check(
        name="daemon threads that go on",
        holds="Daemon threads that call and stream without end do not keep the program from ending, nor make it print.",
        flavours=BLOCKING,
        limit_seconds=10,
        script="""
            client = make(pool=Pool(max_connections=4))

            def work():
                while True:
                    ask(client)
                    for _ in chunks(client):
                        pass

            for _ in range(8):
                threading.Thread(target=work, daemon=True).start()
            until(lambda: seen() > 50)
        """,
    ),
    Check(
        name="run that ends with tasks",
        holds="A run whose main task returns while others call, wait and stream cancels them silently.",
        flavours=ASYNCIO,
        limit_seconds=8,
        script="""
            tasks = []

            async def reads(client):
                async for _ in events(client, model="stall-stream"):
                    pass

            async def main():
                client = make(pool=Pool(max_connections=3))
                tasks.append(asyncio.create_task(reads(client)))
                for model in ("stall-head", "stall-body", "echo"):
                    tasks.append(asyncio.create_task(ask(client, model=model)))
                await turns(lambda: seen() == 3)

            run(main)
            same([task.cancelled() for task in tasks], [True] * 4)
            nothing_open()
        """,
    ),
    Check(
        name="loop that is stopped",
        holds="A program that stops its loop and ends, with nothing closed, hears only asyncio's own words.",
        flavours=ASYNCIO,
        limit_seconds=8,
        script="""
            loop = asyncio.new_event_loop()
            loop.set_exception_handler(lambda loop, context: None)  # asyncio's own complaint of a task that is left
            client = make()

            async def work():
                stream = await chunks(client, model="stall-stream")
                async for _ in stream:
                    loop.stop()

            task = loop.create_task(work())
            loop.run_forever()
            loop.close()
        """,
    ),
    Check(
        name="os._exit",
        holds="A program that ends without any clean-up leaves the server nothing open.",
        flavours=BLOCKING,
        status=5,
        limit_seconds=8,
        script="""
            client = make()
            stream = chunks(client, model="drip")
            next(stream)
            os._exit(5)
        """,
    ),
]
