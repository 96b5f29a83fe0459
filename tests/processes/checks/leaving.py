"""Streams that are left early, by each way out of a loop."""

from tests.processes.check import ALL, AWAITED, BLOCKING, Check

# Each leaves a stream of this client; afterwards the only slot is free, the connection is closed, and the next call is answered.
_LEAVING = """
    class Mine(Exception):
        pass

    async def leave(client):
{body}

    async def main():
        client = make(pool=Pool(max_connections=1), timeout=3)
        for _ in range(3):
            await leave(client)
            {collect}
            pool_is(client)
            await turns(lambda: seen("open") == 0)
        same((await ask(client, "after")).text, "after")
        await client.close()

    run(main)
    nothing_open()
"""


def _leaving(body: str, *, collects: bool = False) -> str:
    lines = "\n".join(" " * 8 + line for line in body.strip("\n").splitlines())
    return _LEAVING.replace("{body}", lines).replace("{collect}", "gc.collect()" if collects else "pass")


CHECKS = [
    Check(
        name="break inside with",
        holds="Breaking out of a loop inside `with` closes the connection at once, for events and for chunks.",
        flavours=ALL,
        is_quick=True,
        script=_leaving("""
async with events(client, model="drip") as stream:
    async for _ in stream:
        break
async with await chunks(client, model="drip") as stream:
    async for _ in stream:
        break
"""),
    ),
    Check(
        name="break without with",
        holds="Breaking out of a loop over a stream that has no name closes the connection at once.",
        flavours=ALL,
        is_quick=True,
        script=_leaving("""
async for _ in await chunks(client, model="drip"):
    break
async for _ in events(client, model="drip"):
    break
"""),
    ),
    Check(
        name="stream in a variable",
        holds="A stream that a function keeps in a variable is closed when the function returns.",
        flavours=ALL,
        script=_leaving("""
stream = await chunks(client, model="drip")
async for _ in stream:
    return
"""),
    ),
    Check(
        name="del stream",
        holds="Deleting the only name of a stream closes its connection.",
        flavours=ALL,
        script=_leaving("""
stream = events(client, model="drip")
async for _ in stream:
    break
del stream
pool_is(client)
"""),
    ),
    Check(
        name="stream in a cycle",
        holds="A stream in a reference cycle is closed when the collector finds it, without a complaint.",
        flavours=ALL,
        script=_leaving(
            """
stream = await chunks(client, model="drip")
async for _ in stream:
    break
cycle = {"stream": stream}
cycle["self"] = cycle
holder = Mine(cycle)
holder.itself = holder
""",
            collects=True,
        ),
    ),
    Check(
        name="exception in the loop's body",
        holds="The user's exception arrives as it is, and the connection comes back with it.",
        flavours=ALL,
        is_quick=True,
        script=_leaving("""
try:
    async with events(client, model="drip") as stream:
        async for _ in stream:
            raise Mine("kept")
except Mine as error:
    same((str(error), error.__context__), ("kept", None))
else:
    fail("it was swallowed")
"""),
    ),
    Check(
        name="exception without with",
        holds="The same without `with`, once the exception is forgotten.",
        flavours=ALL,
        script=_leaving(
            """
try:
    async for _ in await chunks(client, model="drip"):
        raise Mine
except Mine:
    pass
else:
    fail("it was swallowed")
""",
            collects=True,
        ),
    ),
    Check(
        name="generator around a stream",
        holds="A user's generator around a stream that is dropped midway, or closed, closes the stream.",
        flavours=BLOCKING,
        script=_leaving("""
def texts():
    with events(client, model="drip") as stream:
        for event in stream:
            yield event.text

def bare():
    for chunk in chunks(client, model="drip"):
        yield chunk

for _ in texts():
    break
for _ in bare():
    break
third = texts()
next(third)
third.close()
fourth = texts()
next(fourth)
try:
    fourth.throw(Mine)
except Mine:
    pass
"""),
    ),
    Check(
        name="async generator around a stream",
        holds="A user's async generator around a stream that is closed, or thrown into, midway closes the stream.",
        flavours=AWAITED,
        script=_leaving("""
async def texts():
    async with events(client, model="drip") as stream:
        async for event in stream:
            yield event.text

async with contextlib.aclosing(texts()) as generator:
    async for _ in generator:
        break
generator = texts()
await anext(generator)
await generator.aclose()
generator = texts()
await anext(generator)
try:
    await generator.athrow(Mine)
except Mine:
    pass
"""),
    ),
    Check(
        name="async generator dropped",
        holds="A user's async generator around a stream that is merely dropped is ended by the loop, and the stream with it.",
        flavours=("asyncio",),
        script="""
            async def main():
                async with make(pool=Pool(max_connections=1), timeout=3) as client:
                    async def texts():
                        async for event in events(client, model="drip"):
                            yield event.text

                    for _ in range(3):
                        async for _ in texts():
                            break
                        await turns(lambda: client.pool.stats().open == 0)
                    same((await ask(client, "after")).text, "after")
                    async for _ in texts():  # and one for the end of the run
                        break

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="stream never read",
        holds="A stream that is opened and never read, and one that is made and never entered, hold nothing.",
        flavours=ALL,
        script=_leaving("""
stream = await chunks(client, model="drip")
del stream
before = seen()
stream = events(client, model="drip")
del stream
same(seen(), before)
"""),
    ),
    Check(
        name="closed twice",
        holds="Closing a stream twice, inside its block and after its end, does nothing more; beginning to read again is an error.",
        flavours=ALL,
        script=_leaving("""
async with await chunks(client, model="drip") as stream:
    async for _ in stream:
        await stream.close()
        await stream.close()
await stream.close()
try:
    async for _ in stream:
        fail("read on")
except APIError as error:
    same(str(error), "the stream was closed before its end")
else:
    fail("a stream that was left early passed for an empty one")
"""),
    ),
    Check(
        name="exit stack",
        holds="Streams in an exit stack are closed in turn, also when one of the callbacks raises.",
        flavours=BLOCKING,
        script="""
            client = make(timeout=3)
            try:
                with contextlib.ExitStack() as stack:
                    streams = [stack.enter_context(events(client, model="drip")) for _ in range(4)]
                    stack.callback(lambda: 1 / 0)
                    for stream in streams:
                        next(stream)
            except ZeroDivisionError:
                pass
            pool_is(client)
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="client closed around a stream",
        holds="A stream whose client is closed around it ends typed, and nothing stays open.",
        flavours=ALL,
        script="""
            from twinwire import StreamError, TwinwireError

            async def main():
                async with make() as client:
                    stream = await chunks(client, model="drip")
                    async for _ in stream:
                        break
                try:
                    async for _ in stream:
                        pass
                except TwinwireError:
                    pass
                else:
                    fail("it ended as if it were complete")
                await stream.close()

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="client forgotten",
        holds="A client that is forgotten without being closed, with idle connections and an open stream, leaves nothing open.",
        flavours=ALL,
        script="""
            async def main():
                client = make()
                await ask(client)
                await ask(client)
                stream = await chunks(client, model="drip")
                async for _ in stream:
                    break
                client.itself = client
                del client, stream
                gc.collect()
                await turns(lambda: seen("open") == 0)

            run(main)
        """,
    ),
    Check(
        name="error kept",
        holds="An error of a call that is kept, with its traceback, holds no connection.",
        flavours=ALL,
        script="""
            kept = []

            async def main():
                client = make(pool=Pool(max_connections=1), max_retries=0)
                for model in ("refuse", "stall-head"):
                    try:
                        await ask(client, model=model, timeout=0.2)
                    except APIError as error:
                        kept.append(error)
                stats = client.pool.stats()
                same((stats.open, stats.waiting), (stats.idle, 0))
                same((await ask(client, "after")).text, "after")
                await client.close()

            run(main)
            same(len(kept), 2)
            nothing_open()
        """,
    ),
]
