"""Event loops that come, go and end under a client."""

from tests.processes.check import ASYNCIO, AWAITED, Check

CHECKS = [
    Check(
        name="three runs",
        holds="One client serves three loops one after the other, and what an ended loop held is closed without a word.",
        flavours=AWAITED,
        is_quick=True,
        requests=9,
        script="""
            client = make()

            async def main():
                same((await ask(client, "whole")).text, "whole")
                async with events(client, "one two") as stream:
                    same((await stream.result()).text, "one two")
                texts = [chunk.choices[0].delta.content or "" async for chunk in await chunks(client, "a b") if chunk.choices]
                same("".join(texts), "a b")

            for _ in range(3):
                run(main)
                gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="loops in threads",
        holds="Four threads with a loop each use one client at once.",
        flavours=AWAITED,
        requests=100,
        script="""
            client = make()
            texts = []

            async def main():
                for number in range(25):
                    texts.append((await ask(client, number)).text)

            threads = [threading.Thread(target=run, args=(main,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            same(sorted(texts), sorted([str(number) for number in range(25)] * 4))
            gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="trio and asyncio",
        holds="One client serves asyncio, then trio, then asyncio.",
        flavours=("trio",),
        requests=8,
        script="""
            import trio

            client = make()

            async def main():
                same((await ask(client, "whole")).text, "whole")
                async with events(client, "one two") as stream:
                    same((await stream.result()).text, "one two")

            asyncio.run(main())
            trio.run(main)
            asyncio.run(main())
            trio.run(main)
            gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="loop closed under a client",
        holds="A loop that is closed while a client has idle connections leaves it usable in the next one, and closable.",
        flavours=ASYNCIO,
        script="""
            client = make()
            old = asyncio.new_event_loop()
            old.run_until_complete(ask(client))
            old.close()

            async def main():
                same((await ask(client, "new")).text, "new")
                await client.close()

            run(main)
            nothing_open()
            del old
            gc.collect()
        """,
    ),
    Check(
        name="loop closed under a stream",
        holds="A stream whose loop was closed gives a typed error or its rest in another, and never hangs; the client goes on.",
        flavours=ASYNCIO,
        script="""
            from twinwire import TwinwireError

            client = make()

            async def begin():
                stream = await chunks(client, model="stall-stream")
                async for _ in stream:
                    break
                return stream

            old = asyncio.new_event_loop()
            stream = old.run_until_complete(begin())
            old.close()

            async def main():
                same((await ask(client, "new")).text, "new")
                try:
                    async with asyncio.timeout(5):
                        async for _ in stream:
                            pass
                except TwinwireError:
                    pass
                else:
                    fail("the stream ended as if it were complete")
                await stream.close()
                same((await ask(client, "more")).text, "more")

            run(main)
            del stream  # it holds the error that ended it, which holds the loop
            gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="loop closed under a forgotten stream",
        holds="A stream that is forgotten after its loop was closed leaves no connection, and nothing is printed.",
        flavours=ASYNCIO,
        script="""
            client = make()

            async def begin():
                stream = await chunks(client, model="stall-stream")
                async for _ in stream:
                    return stream

            old = asyncio.new_event_loop()
            stream = old.run_until_complete(begin())
            old.close()
            del stream
            gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="stream from an ended run",
        holds="A stream that outlives the run that opened it can be asked and closed in the next; nothing is printed.",
        flavours=AWAITED,
        script="""
            from twinwire import TwinwireError

            client = make()

            async def begin():
                stream = await chunks(client, model="stall-stream")
                async for _ in stream:
                    return stream

            async def end():
                try:
                    async for _ in stream:
                        pass
                except TwinwireError:
                    pass
                else:
                    fail("the stream ended as if it were complete")
                await stream.close()
                same((await ask(client, "next")).text, "next")

            stream = run(begin)
            run(end)
            del stream  # it holds the error that ended it, which holds the loop
            gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="loop closed under a call",
        holds="A loop that is closed while a call waits gives the connection back when the call is collected, and prints nothing of its own.",
        flavours=ASYNCIO,
        script="""
            client = make()
            loop = asyncio.new_event_loop()
            loop.set_exception_handler(lambda loop, context: None)  # asyncio's own complaint of a task that is left

            async def main():
                global task
                task = asyncio.create_task(ask(client, model="stall-head"))
                await turns(lambda: seen() == 1)

            loop.run_until_complete(main())
            loop.close()
            del task
            gc.collect()
            nothing_open()

            async def after():
                same((await ask(client, "after")).text, "after")

            run(after)
        """,
    ),
    *(
        Check(
            name=f"coroutine thrown away {state}",
            holds=f"A call whose coroutine is closed {state} gives everything back at once, without a complaint.",
            flavours=ASYNCIO,
            is_quick=state == "while it waits for the head",
            script=f"""
                async def main():
                    client = make(pool=Pool(max_connections=1), max_retries=1)
                    {prepare}
                    call = {call}
                    until_suspended = call.send(None)
                    {reach}
                    call.close()
                    del until_suspended
                    gc.collect()
                    {free}
                    await turns(lambda: seen("open") == 0)
                    same((client.pool.stats().open, client.pool.stats().waiting), (0, 0))
                    same((await ask(client.with_options(base_url=BASE_URL), "after")).text, "after")

                async def to_the_end(stream):
                    async for _ in stream:
                        pass

                async def drive(call, holds):
                    '''Step the coroutine by hand until it holds, as a loop does.'''
                    limit = time.monotonic() + 5
                    future = None
                    while not holds():
                        if time.monotonic() > limit:
                            fail("never so")
                        await asyncio.sleep(0.02)
                        if future is None or future.done():
                            future = call.send(None)

                run(main)
                gc.collect()
                nothing_open()
            """,
        )
        for state, prepare, call, reach, free in (
            (
                "while it waits for the head",
                "pass",
                "ask(client, model='stall-head')",
                "await drive(call, lambda: seen() == 1)",
                "pass",
            ),
            (
                "while it waits for the body",
                "pass",
                "ask(client, model='stall-body')",
                "await drive(call, lambda: seen() == 1); await asyncio.sleep(0.1); call.send(None)",
                "pass",
            ),
            (
                "in the queue",
                "held = await chunks(client, model='stall-stream')",
                "ask(client)",
                "same(client.pool.stats().waiting, 1)",
                "await held.close()",
            ),
            (
                "amid a stream",
                "stream = await chunks(client, model='stall-stream')",
                "to_the_end(stream)",
                "pass",
                "del stream",
            ),
            (
                "while it writes",
                "url, listener = silent_server(); client = client.with_options(base_url=url)",
                "ask(client, 'w' * 20_000_000)",
                "await asyncio.sleep(0.1); call.send(None)",
                "listener.close()",
            ),
            (
                "while it connects",
                "url, held = full_server(); client = client.with_options(base_url=url)",
                "ask(client)",
                "pass",
                "[sock.close() for sock in held]",
            ),
        )
    ),
    Check(
        name="notebook",
        holds="Cells that await at top level in one running loop share a client, with streams left between them and cells that fail.",
        flavours=ASYNCIO,
        script="""
            import ast

            CELLS = [
                "client = make(); plain_client = make_blocking()",
                "reply = await ask(client, 'first'); same(reply.text, 'first')",
                "same(ask(plain_client, 'plain').text, 'plain')",
                "async for chunk in await chunks(client, model='drip'):\\n    break",
                "stream = events(client, model='drip')\\nasync for event in stream:\\n    break",
                "1 / 0",
                "await asyncio.wait_for(ask(client, model='stall-head'), 0.1)",
                "same((await stream.result()).text, 'word ' * 100)",
                "same((await ask(client, 'last')).text, 'last')",
                "plain_client.close()",
            ]

            async def main():
                names, failures = dict(globals()), []
                for cell in CELLS:
                    code = compile(cell, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
                    try:
                        result = eval(code, names)
                        if asyncio.iscoroutine(result):
                            await result
                    except Exception as error:
                        failures.append(type(error).__name__)
                same(failures, ["ZeroDivisionError", "TimeoutError"])
                gc.collect()
                await turns(lambda: seen("open") == 1)

            run(main)
            gc.collect()
            nothing_open()
        """,
    ),
    Check(
        name="closed in another loop",
        holds="A client that is closed in another loop than it was used in closes all connections, and those who wait are told.",
        flavours=AWAITED,
        script="""
            from twinwire import TwinwireError

            client = make()
            outcomes = []

            async def use():
                try:
                    await ask(client, model="stall-head")
                except TwinwireError as error:
                    outcomes.append(type(error).__name__)

            async def close():
                await client.close()

            thread = threading.Thread(target=run, args=(use,))
            thread.start()
            until(lambda: seen() == 1)
            run(close)
            thread.join(5)
            same(len(outcomes), 1)
            nothing_open()
        """,
    ),
    Check(
        name="eager tasks",
        holds="Tasks that start eagerly (from Python 3.12) get their own answers and can be cancelled.",
        flavours=ASYNCIO,
        script="""
            async def main():
                factory = getattr(asyncio, "eager_task_factory", None)
                if factory is not None:
                    asyncio.get_running_loop().set_task_factory(factory)
                async with make(pool=Pool(max_connections=4)) as client:
                    tasks = [asyncio.create_task(ask(client, number)) for number in range(20)]
                    same([(await task).text for task in tasks], [str(number) for number in range(20)])
                    task = asyncio.create_task(ask(client, model="stall-head"))
                    await asyncio.sleep(0.1)
                    task.cancel()
                    await asyncio.wait([task])
                    same((task.cancelled(), client.pool.stats().waiting), (True, 0))

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="uvloop",
        holds="Where uvloop is installed, calls, streams, limits and cancellation work on it as on asyncio's own loop.",
        flavours=ASYNCIO,
        script="""
            try:
                from uvloop import new_event_loop
            except ImportError:
                new_event_loop = None  # asyncio's own

            async def main():
                async with make() as client:
                    same((await ask(client, "whole")).text, "whole")
                    async with events(client, "one two") as stream:
                        same((await stream.result()).text, "one two")
                    try:
                        async with asyncio.timeout(0.2):
                            await ask(client, model="stall-head")
                    except TimeoutError:
                        pass
                    else:
                        fail("no timeout")
                    async for _ in await chunks(client, model="drip"):
                        break
                    gc.collect()
                    pool_is(client, open=0)
                    same((await ask(client, "w" * 3_000_000)).text, "w" * 3_000_000)

            for _ in range(2):
                with asyncio.Runner(loop_factory=new_event_loop) as runner:
                    runner.run(main())
            nothing_open()
        """,
    ),
]
