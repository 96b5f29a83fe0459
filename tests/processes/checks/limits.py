"""Processes that run out of something."""

from tests.processes.check import ALL, ASYNCIO, BLOCKING, Check, Flavour

BLOCKING_AND_ASYNCIO: tuple[Flavour, ...] = ("blocking", "asyncio")

CHECKS = [
    Check(
        name="no descriptors left",
        holds="Without a free descriptor a call fails typed; with one again the next call is answered.",
        flavours=ALL,
        is_quick=True,
        script="""
            import resource
            from twinwire import APIConnectionError

            async def main():
                client = make(max_retries=0, pool=Pool(max_connections=1, max_keepalive=0))
                await ask(client)
                resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 20, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
                kept = []
                try:
                    while True:
                        kept.append(os.dup(0))
                except OSError:
                    pass
                for _ in range(5):
                    try:
                        await ask(client)
                    except APIConnectionError as error:
                        same("Too many open files" in str(error), True)
                    else:
                        fail("there was one")
                pool_is(client)
                for descriptor in kept:
                    os.close(descriptor)
                same((await ask(client, "after")).text, "after")
                await client.close()

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="no descriptors for the first call",
        holds="A client whose first call found no descriptor is answered once there is one.",
        flavours=BLOCKING,
        script="""
            import resource

            client = make(max_retries=0)
            resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 5, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
            kept = []
            try:
                while True:
                    kept.append(os.dup(0))
            except OSError:
                pass
            try:
                ask(client)
            except (APIError, OSError, ImportError):  # the modules of a call are loaded with the first, which is files as well
                pass
            else:
                fail("there was one")
            for descriptor in kept:
                os.close(descriptor)
            same(ask(client, "after").text, "after")
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="high descriptors",
        holds="Connections whose descriptors are above 1,024 work like others.",
        flavours=ALL,
        script="""
            async def main():
                kept = [os.dup(0) for _ in range(1100)]
                async with make() as client:
                    same((await ask(client, "high")).text, "high")
                    async with events(client, model="paced") as stream:
                        same((await stream.result()).text, "one two three")
                    same((await ask(client, "w" * 3_000_000)).text, "w" * 3_000_000)
                for descriptor in kept:
                    os.close(descriptor)

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="descriptor zero",
        holds="A program without standard input, output and error, whose connection is descriptor 0, is answered and silent.",
        flavours=BLOCKING,
        script="""
            kept = os.dup(2)
            for descriptor in (0, 1, 2):
                os.close(descriptor)
            sys.stdin = sys.stdout = None
            sys.stderr = open(kept, "w", closefd=False)
            client = make()
            same(ask(client, "zero").text, "zero")
            same(os.readlink("/proc/self/fd/0")[:6], "socket")
            same("".join(chunk.choices[0].delta.content or "" for chunk in chunks(client) if chunk.choices), "one two three")
            stream = chunks(client, model="drip")
            next(stream)
            stream.close()
            pool_is(client)
            same(ask(client, "again").text, "again")
            client.close()
            nothing_open()
            os.open("/dev/null", os.O_RDWR)
        """,
    ),
    Check(
        name="no threads left",
        holds="Where no thread can be started, which a look-up with a limit would like, calls are answered all the same.",
        flavours=BLOCKING_AND_ASYNCIO,
        script="""
            import _thread

            def refused(*arguments, **named):
                raise RuntimeError("can't start new thread")

            client = make(base_url=BASE_URL.replace("127.0.0.1", "localhost"))
            names = [name for name in ("_start_new_thread", "_start_joinable_thread") if hasattr(threading, name)]
            usual = [getattr(threading, name) for name in names]

            async def main():
                for name in names:  # as the system refuses it; root has no such limit
                    setattr(threading, name, refused)
                same((await ask(client, "alone")).text, "alone")
                await client.close()
                for name, function in zip(names, usual):  # asyncio's own end needs one
                    setattr(threading, name, function)

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="stack nearly used up",
        holds="Calls that run into the end of the stack, at each depth, raise, and the only slot and connection come back.",
        flavours=BLOCKING_AND_ASYNCIO,
        limit_seconds=40,
        script="""
            async def deep(depth, work):
                if depth:
                    return await deep(depth - 1, work)
                return await work()

            def here():
                frame, count = sys._getframe(), 0
                while frame is not None:
                    frame, count = frame.f_back, count + 1
                return count

            async def main():
                client = make(pool=Pool(max_connections=1), timeout=3, max_retries=0)
                await ask(client)
                async def whole():
                    return (await ask(client)).text
                async def streamed():
                    async with events(client, "one two") as stream:
                        return (await stream.result()).text
                answered = 0
                for work, wanted in ((whole, "hello"), (streamed, "one two")):
                    await work()
                    sys.setrecursionlimit(here() + 160)
                    for depth in range(150, 0, -1):
                        try:
                            same(await deep(depth, work), wanted)
                        except RecursionError:
                            pass
                        except APIError as error:
                            if "connections stayed in use" in str(error):
                                raise
                        else:
                            answered += 1
                    sys.setrecursionlimit(1000)
                    stats = client.pool.stats()
                    same((stats.open, stats.waiting), (stats.idle, 0))
                    same(await work(), wanted)
                if not 20 < answered < 280:
                    fail(f"{answered} were answered")
                await client.close()

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="deep stack",
        holds="Under a raised recursion limit a call from twenty thousand frames down is answered.",
        flavours=BLOCKING,
        script="""
            sys.setrecursionlimit(50_000)
            threading.stack_size(512 * 1024 * 1024)
            texts = []

            def deep(depth):
                if depth:
                    return deep(depth - 1)
                client = make()
                texts.append(ask(client, "deep").text)
                with events(client, "one two") as stream:
                    texts.append(stream.result().text)
                client.close()

            thread = threading.Thread(target=deep, args=(20_000,))
            thread.start()
            thread.join()
            same(texts, ["deep", "one two"])
            nothing_open()
        """,
    ),
    Check(
        name="no memory left",
        holds="A reply that does not fit into memory raises MemoryError or is typed, and slot and connection come back.",
        flavours=BLOCKING,
        script="""
            import resource

            client = make(pool=Pool(max_connections=1), max_retries=0)
            same(len(ask(client, model="large").text), 2_000_000)
            with open("/proc/self/statm") as file:
                size = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (size + 2_000_000, -1))
            outcomes = set()
            for _ in range(5):
                try:
                    ask(client, "w" * 4_000_000)
                    outcomes.add("answered")
                except (MemoryError, APIError) as error:
                    outcomes.add("refused")
            resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
            same(outcomes, {"refused"})
            same(ask(client, "after").text, "after")
            pool_is(client, open=1)
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="folder and environment gone",
        holds="A program whose folder was removed and whose environment is empty makes its first call.",
        flavours=BLOCKING_AND_ASYNCIO,
        script="""
            import tempfile

            folder = tempfile.mkdtemp()
            os.chdir(folder)
            os.rmdir(folder)
            os.environ.clear()

            async def main():
                async with make() as client:
                    same((await ask(client, "here")).text, "here")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="collector at every allocation",
        holds="The collector, run as often as it can, finds nothing of a call or stream in use, and finalizes what is left.",
        flavours=ALL,
        script="""
            async def main():
                async with make(pool=Pool(max_connections=2), timeout=5) as client:
                    await ask(client)
                    gc.set_threshold(1, 1, 1)
                    for _ in range(2):
                        same((await ask(client, "often")).text, "often")
                        async for _ in await chunks(client, "one two three"):
                            break
                        async with events(client, "one two three") as stream:
                            same((await stream.result()).text, "one two three")
                    gc.set_threshold(700, 10, 10)
                    stats = client.pool.stats()
                    same((stats.open, stats.waiting), (stats.idle, 0))

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="everything at once",
        holds="Threads, loops, signals, forks and forgotten streams on two clients for a second: each answer is the asker's own.",
        flavours=ASYNCIO,
        limit_seconds=40,
        script="""
            blocking, awaited = make_blocking(pool=Pool(max_connections=4)), make_awaited(pool=Pool(max_connections=4))
            over = time.monotonic() + 1
            wrong = []

            def in_thread(number):
                while time.monotonic() < over:
                    text = ask(blocking, f"thread {number}").text
                    if text != f"thread {number}":
                        wrong.append(text)
                    for _ in chunks(blocking, f"left {number}"):
                        break

            async def in_loop(number):
                while time.monotonic() < over:
                    text = (await ask(awaited, f"loop {number}")).text
                    if text != f"loop {number}":
                        wrong.append(text)
                    async for _ in await chunks(awaited, f"left {number}"):
                        break

            async def many():
                await asyncio.gather(*(in_loop(number) for number in range(5)))

            ask(blocking), run(lambda: None)
            signal.signal(signal.SIGALRM, lambda number, frame: None)
            signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
            threads = [threading.Thread(target=in_thread, args=(number,)) for number in range(4)]
            threads += [threading.Thread(target=lambda: asyncio.run(many())) for _ in range(2)]
            for thread in threads:
                thread.start()
            time.sleep(0.3)
            children = [in_child(lambda: same(ask(blocking, "child").text, "child")) for _ in range(4)]
            for thread in threads:
                thread.join()
            same([wait() for wait in children], [0] * 4)
            same(wrong, [])
            signal.setitimer(signal.ITIMER_REAL, 0)
            blocking.close()
            asyncio.run(awaited.close())
            nothing_open()
        """,
    ),
]
