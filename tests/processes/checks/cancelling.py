"""Calls that are cancelled, in each of their phases and by each means."""

from tests.processes.check import ASYNCIO, AWAITED, Check

# What a client does when it is cancelled: preparations, the call, and when it has got there.
PHASES = {
    "in the queue": (
        "held = await chunks(client, model='stall-stream')",
        "ask(client)",
        "client.pool.stats().waiting == 1",
        "await held.close()",
    ),
    "in back-off": ("pass", "ask(client, model='503')", "seen() == 1", "pass"),
    "while it connects": (
        "url, socks = full_server(); client = make(base_url=url, pool=Pool(max_connections=1))",
        "ask(client)",
        "client.pool.stats().open == 1",
        "[sock.close() for sock in socks]",
    ),
    "while it writes": (
        "url, listener = silent_server(); client = make(base_url=url, pool=Pool(max_connections=1))",
        "ask(client, 'w' * 20_000_000)",
        "client.pool.stats().open == 1",
        "listener.close()",
    ),
    "while it waits for the head": ("pass", "ask(client, model='stall-head')", "seen() == 1", "pass"),
    "while it waits for the body": ("pass", "ask(client, model='stall-body')", "seen() == 1", "pass"),
    "before a stream's first event": ("pass", "chunks(client, model='stall-body')", "seen() == 1", "pass"),
    "in a stream": ("pass", "to_the_end(chunks(client, model='stall-stream'))", "seen() == 1", "pass"),
    "in a stream of events": ("pass", "events(client, model='stall-stream').result()", "seen() == 1", "pass"),
}

CHECKS = [
    *(
        Check(
            name=f"cancelled {phase}",
            holds=f"A call that is cancelled {phase} ends at once as cancelled, and its slot and connection come back.",
            flavours=AWAITED,
            is_quick=phase == "in a stream",
            # A refusal that was read to its end leaves its connection idle.
            script=f"""
                import anyio

                async def to_the_end(stream):
                    async for _ in await stream:
                        pass

                async def cut(scope, call, outcomes):
                    with scope:
                        try:
                            await call
                        except BaseException as error:
                            outcomes.append(error)
                            raise

                async def main():
                    client = make(pool=Pool(max_connections=1))
                    {prepare}
                    outcomes = []
                    async with anyio.create_task_group() as tasks:
                        scope = anyio.CancelScope()
                        tasks.start_soon(cut, scope, {call}, outcomes)
                        await turns(lambda: {reached})
                        await sleep(0.05)
                        began = time.monotonic()
                        scope.cancel()
                    took = time.monotonic() - began
                    same([type(error) for error in outcomes], [anyio.get_cancelled_exc_class()])
                    {free}
                    left = {int(phase == "in back-off")}
                    await turns(lambda: seen("open") == left)
                    pool_is(client, open=left)
                    if took > 1:
                        fail(f"it took {{took:.1f}} s")
                    if str(client.base_url).rstrip("/") == BASE_URL:
                        same((await ask(client, "after")).text, "after")
                    await client.close()

                run(main)
                gc.collect()
                nothing_open()
            """,
        )
        for phase, (prepare, call, reached, free) in PHASES.items()
    ),
    Check(
        name="cancelled twice",
        holds="A second cancellation, in the very next turns of the loop, leaves nothing behind either.",
        flavours=ASYNCIO,
        script="""
            async def main():
                async with make(pool=Pool(max_connections=1)) as client:
                    for model in ("stall-head", "stall-body", "stall-stream"):
                        for turns_between in range(4):
                            before = seen()
                            task = asyncio.create_task(events(client, model=model).result())
                            await turns(lambda: seen() == before + 1)
                            await asyncio.sleep(0.02)
                            task.cancel()
                            for _ in range(turns_between):
                                await asyncio.sleep(0)
                            task.cancel()
                            await asyncio.wait([task])
                            same(task.cancelled(), True)
                            pool_is(client)
                    same((await ask(client, "after")).text, "after")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="cancelled at every step",
        holds="Whichever await of a call or a stream a cancellation meets, it arrives, and the one slot is free for the next call.",
        flavours=ASYNCIO,
        limit_seconds=40,
        script="""
            async def whole(client):
                await ask(client)

            async def streamed(client):
                async with events(client, "one two three four") as stream:
                    async for _ in stream:
                        pass

            async def broken_off(client):
                async for _ in await chunks(client, "one two three four"):
                    break

            async def main():
                client = make(pool=Pool(max_connections=1))
                for work in (whole, streamed, broken_off):
                    for cold in (True, False):
                        met = True
                        step = 0
                        while met:
                            step += 1
                            if cold:
                                await client.close()
                                client = make(pool=Pool(max_connections=1))
                            task = asyncio.create_task(work(client))
                            for _ in range(step):
                                await asyncio.sleep(0)
                                if not task.done() and step > 60:
                                    await asyncio.sleep(0.001)
                            met = task.cancel()
                            await asyncio.wait([task])
                            same(task.cancelled() or task.exception() is None, True)
                            gc.collect(0)
                            stats = client.pool.stats()
                            same((stats.open, stats.waiting), (stats.idle, 0))
                            if step > 400:
                                break
                same((await ask(client, "after")).text, "after")
                await client.close()

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="limits of the caller",
        holds="asyncio.timeout, asyncio.wait_for and anyio's scopes end calls and streams with their own error.",
        flavours=ASYNCIO,
        script="""
            import anyio

            async def by_timeout(work):
                async with asyncio.timeout(0.2):
                    await work

            async def by_wait_for(work):
                await asyncio.wait_for(work, 0.2)

            async def by_anyio(work):
                with anyio.fail_after(0.2):
                    await work

            async def main():
                async with make(pool=Pool(max_connections=1)) as client:
                    for end in (by_timeout, by_wait_for, by_anyio):
                        for work in (ask(client, model="stall-head"), events(client, model="stall-stream").result()):
                            try:
                                await end(work)
                            except TimeoutError as error:
                                if isinstance(error, APIError):
                                    fail("it was taken for an error of the call")
                            else:
                                fail("no TimeoutError")
                            pool_is(client)
                    with anyio.move_on_after(0.2) as scope:
                        await ask(client, model="stall-head")
                    same(scope.cancelled_caught, True)
                    same((await ask(client, "after")).text, "after")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="task group",
        holds="Where one of a group fails, its siblings in calls, queue and streams are cancelled and only its error comes out.",
        flavours=ASYNCIO,
        is_quick=True,
        script="""
            class Mine(Exception):
                pass

            async def fails(client):
                await turns(lambda: seen() == 4)
                raise Mine

            async def reads(client):
                async with events(client, model="stall-stream") as stream:
                    async for _ in stream:
                        pass

            async def main():
                async with make(pool=Pool(max_connections=4)) as client:
                    try:
                        async with asyncio.TaskGroup() as group:
                            group.create_task(fails(client))
                            for _ in range(3):
                                group.create_task(ask(client, model="stall-head"))
                                group.create_task(reads(client))
                    except* Mine as errors:
                        same([type(error) for error in errors.exceptions], [Mine])
                    else:
                        fail("the error was swallowed")
                    pool_is(client)
                    same((await ask(client, "after")).text, "after")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="nursery",
        holds="The same in a nursery of trio.",
        flavours=("trio",),
        script="""
            import trio

            class Mine(Exception):
                pass

            async def fails():
                await turns(lambda: seen() == 4)
                raise Mine

            async def reads(client):
                async with events(client, model="stall-stream") as stream:
                    async for _ in stream:
                        pass

            async def calls(client):
                await ask(client, model="stall-head")

            async def main():
                async with make(pool=Pool(max_connections=4)) as client:
                    try:
                        async with trio.open_nursery() as nursery:
                            nursery.start_soon(fails)
                            for _ in range(3):
                                nursery.start_soon(calls, client)
                                nursery.start_soon(reads, client)
                    except* Mine as errors:
                        same([type(error) for error in errors.exceptions], [Mine])
                    else:
                        fail("the error was swallowed")
                    pool_is(client)
                    same((await ask(client, "after")).text, "after")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="typed error in a task group",
        holds="A call that fails in a group brings its typed error out of it, and its siblings' connections come back.",
        flavours=ASYNCIO,
        script="""
            from twinwire import AuthenticationError

            async def main():
                async with make(pool=Pool(max_connections=3)) as client:
                    try:
                        async with asyncio.TaskGroup() as group:
                            group.create_task(ask(client, model="stall-head"))
                            await turns(lambda: seen() == 1)
                            group.create_task(ask(client, model="refuse"))
                    except* AuthenticationError as errors:
                        same(len(errors.exceptions), 1)
                    else:
                        fail("the error was swallowed")
                    await turns(lambda: client.pool.stats().open <= 1)
                    same((await ask(client, "after")).text, "after")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="gather and shield",
        holds="A call that is shielded from its caller's cancellation goes on to its own answer.",
        flavours=ASYNCIO,
        script="""
            async def main():
                async with make() as client:
                    inner = asyncio.create_task(ask(client, "shielded", model="slow"))

                    async def outer():
                        await asyncio.shield(inner)

                    task = asyncio.create_task(outer())
                    await turns(lambda: seen() == 1)
                    task.cancel()
                    results = await asyncio.gather(task, inner, return_exceptions=True)
                    same(type(results[0]), asyncio.CancelledError)
                    same(results[1].text, "shielded")

            run(main)
            nothing_open()
        """,
    ),
]
