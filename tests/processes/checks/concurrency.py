"""Many calls at once, in threads and tasks."""

from tests.processes.check import ALL, ASYNCIO, AWAITED, BLOCKING, Check

CHECKS = [
    Check(
        name="fifty threads",
        holds="Fifty threads on one client, the first call of each at once, get their own answers, whole and streamed.",
        flavours=BLOCKING,
        is_quick=True,
        requests=150,
        script="""
            wrong = []
            start = threading.Barrier(50)
            client = make(pool=Pool(max_connections=8))

            def work(number):
                start.wait()
                texts = [ask(client, f"whole {number}").text]
                texts.append("".join(chunk.choices[0].delta.content or "" for chunk in chunks(client, f"chunks {number}") if chunk.choices))
                with events(client, f"events {number}") as stream:
                    texts.append(stream.result().text)
                if texts != [f"whole {number}", f"chunks {number}", f"events {number}"]:
                    wrong.append(texts)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            same(wrong, [])
            stats = client.pool.stats()
            same((stats.open, stats.waiting), (stats.idle, 0))
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="thousand streams",
        holds="A thousand streams that are open at once each get their own text, in less than 100 kB each.",
        flavours=ASYNCIO,
        limit_seconds=60,
        requests=1001,
        script="""
            import anyio

            got = {}
            most = 0

            async def one(client, number):
                async with events(client, f"{number} b c d e f g h", model="paced") as stream:
                    async for _ in stream:
                        pass
                    got[number] = (await stream.result()).text

            async def main():
                global most
                async with make(pool=Pool(max_connections=1000), timeout=50) as client:
                    await ask(client)
                    before = resident_mb()
                    async with anyio.create_task_group() as tasks:
                        for number in range(1000):
                            tasks.start_soon(one, client, number)
                        while len(got) < 1000:
                            await sleep(0.05)
                            most = max(most, client.pool.stats().open - client.pool.stats().idle)
                    grown = resident_mb() - before
                same(got, {number: f"{number} b c d e f g h" for number in range(1000)})
                if most < 500:
                    fail(f"only {most} were open at once")
                if grown > 100:
                    fail(f"grown by {grown:.0f} MB")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="slow consumer",
        holds="A consumer that is slower than an endless stream makes the server wait, not the memory grow.",
        flavours=ALL,
        requests=2,
        script="""
            async def main():
                async with make() as client:
                    await ask(client)
                    before = resident_mb()
                    count = 0
                    async with events(client, model="flood") as stream:
                        async for _ in stream:
                            count += 1
                            await sleep(0.02 if count % 50 == 0 else 0)
                            if count == 1500:
                                break
                    grown = resident_mb() - before
                if grown > 60:  # 12 MB of text are kept for the result, some times over
                    fail(f"grown by {grown:.0f} MB")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="consumer that stands still",
        holds="A stream that is not read for a while holds nothing but what the sockets hold.",
        flavours=ALL,
        requests=2,
        script="""
            async def main():
                async with make() as client:
                    await ask(client)
                    async with events(client, model="flood") as stream:
                        async for _ in stream:
                            break
                        before = resident_mb()
                        await sleep(1)
                        grown = resident_mb() - before
                if grown > 10:
                    fail(f"grown by {grown:.0f} MB")

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="thousand cancelled calls",
        holds="After a thousand calls that were cancelled at all sorts of moments the whole pool is usable at once.",
        flavours=AWAITED,
        limit_seconds=60,
        script="""
            import anyio

            async def cut(client, seconds):
                with anyio.move_on_after(seconds):
                    await ask(client)

            async def main():
                async with make(pool=Pool(max_connections=5)) as client:
                    for _ in range(10):
                        async with anyio.create_task_group() as tasks:
                            for number in range(100):
                                tasks.start_soon(cut, client, number * 0.0003)
                    stats = client.pool.stats()
                    same((stats.open, stats.waiting), (stats.idle, 0))
                    held = [await chunks(client, model="stall-stream") for _ in range(5)]
                    same(client.pool.stats().open, 5)
                    for stream in held:
                        await stream.close()

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="thousand abandoned streams",
        holds="After a thousand streams that were broken off and forgotten the whole pool is usable at once.",
        flavours=ALL,
        limit_seconds=60,
        requests=1005,
        script="""
            async def main():
                async with make(pool=Pool(max_connections=5)) as client:
                    for number in range(1000):
                        async for _ in await chunks(client, "one two three"):
                            break
                    same(client.pool.stats().waiting, 0)
                    held = [await chunks(client, model="stall-stream") for _ in range(5)]
                    same(client.pool.stats().open, 5)
                    for stream in held:
                        await stream.close()

            run(main)
            nothing_open()
        """,
    ),
    Check(
        name="close under fifty threads",
        holds="Closing a client under fifty threads that call, stream and wait ends each of them with a typed error, at once.",
        flavours=BLOCKING,
        script="""
            from twinwire import TwinwireError

            client = make(pool=Pool(max_connections=10))
            outcomes = []

            def work(number):
                try:
                    if number % 2:
                        ask(client, model="stall-head")
                    else:
                        for _ in chunks(client, model="stall-stream"):
                            pass
                except TwinwireError as error:
                    outcomes.append(type(error).__name__)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(50)]
            for thread in threads:
                thread.start()
            until(lambda: client.pool.stats().waiting == 40)
            began = time.monotonic()
            client.close()
            for thread in threads:
                thread.join(8)
            same(len(outcomes), 50)
            if time.monotonic() - began > 5:
                fail("it took its time")
            nothing_open()
        """,
    ),
    Check(
        name="one stream, two readers",
        holds="A second reader of a stream is refused typed, and the first gets all of it.",
        flavours=BLOCKING,
        script="""
            from twinwire import StreamError

            with make() as client, events(client, model="drip") as stream:
                next(stream)
                texts = []
                thread = threading.Thread(target=lambda: texts.append(stream.result().text))
                thread.start()
                time.sleep(0.1)
                try:
                    stream.result()
                except StreamError:
                    pass
                else:
                    fail("it was let in")
                thread.join()
                same(texts, [("word " * 100)])
            nothing_open()
        """,
    ),
    Check(
        name="threads beside a loop",
        holds="A blocking client works inside a running loop and in its executor, beside an async client.",
        flavours=ASYNCIO,
        script="""
            async def main():
                blocking, awaited = make_blocking(), make_awaited()
                texts = await asyncio.gather(
                    *(asyncio.to_thread(lambda n=number: ask(blocking, n).text) for number in range(10)),
                    *(text_of(awaited, number) for number in range(10)),
                )
                same(texts, [str(number) for number in range(10)] * 2)
                same(ask(blocking, "inside").text, "inside")
                blocking.close()
                await awaited.close()

            async def text_of(client, number):
                return (await ask(client, number)).text

            run(main)
            nothing_open()
        """,
    ),
]
