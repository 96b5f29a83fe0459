"""Processes that are forked, spawned and replaced around a client."""

from tests.processes.check import ASYNCIO, BLOCKING, Check, Flavour

BLOCKING_AND_ASYNCIO: tuple[Flavour, ...] = ("blocking", "asyncio")

POOL_OF_PROCESSES = """
    import multiprocessing

    client = make()

    def work(number):
        return ask(client, number).text

    if __name__ == "__main__":
        before = ask(client, "parent").text
        with multiprocessing.get_context("{how}").Pool(3) as processes:
            same(processes.map(work, range(12)), [str(number) for number in range(12)])
        same((before, ask(client, "after").text), ("parent", "after"))
        client.close()
        nothing_open()
"""

CHECKS = [
    Check(
        name="fork after use",
        holds="A child and its parent that call at once on an inherited client never get each other's answer.",
        flavours=BLOCKING_AND_ASYNCIO,
        is_quick=True,
        requests=401,
        script="""
            client = make()

            async def use(who, count):
                for number in range(count):
                    same((await ask(client, f"{who} {number}")).text, f"{who} {number}")

            async def main():
                await use("parent", 100)

            async def first():
                await use("first", 1)

            async def child():
                await use("child", 100)

            run(first)
            children = [in_child(lambda: run(child)) for _ in range(3)]
            run(main)
            same([wait() for wait in children], [0, 0, 0])
        """,
    ),
    Check(
        name="child that ends in order",
        holds="A child that never calls and ends with all of an interpreter's clean-up leaves its parent's connection usable.",
        flavours=BLOCKING,
        requests=2,
        script="""
            client = make()
            ask(client)
            child = os.fork()
            if child == 0:
                client.close()
                sys.exit(0)
            same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
            same(ask(client, "again").text, "again")
            same(seen("connections"), 1)
        """,
    ),
    Check(
        name="fork amid a stream",
        holds="The parent reads its stream to the end; the child gets a typed error from it, and answers of its own.",
        flavours=BLOCKING,
        is_quick=True,
        requests=2,
        script="""
            from twinwire import TwinwireError

            client = make()
            stream = events(client, model="drip")
            for _ in stream:
                break

            def child():
                try:
                    for _ in stream:
                        pass
                except TwinwireError as error:
                    if "parent process" not in str(error):
                        raise
                else:
                    fail("the child read the parent's stream")
                stream.close()
                same(ask(client, "child").text, "child")

            wait = in_child(child)
            same(stream.result().text, "word " * 100)
            same(wait(), 0)
        """,
    ),
    Check(
        name="fork amid a stream in a loop",
        holds="The same, where a loop runs: the child gets a loop of its own and the parent's goes on.",
        flavours=ASYNCIO,
        requests=3,
        script="""
            client = make()

            async def child():
                same((await ask(client, "child")).text, "child")

            async def main():
                async with events(client, model="drip") as stream:
                    async for _ in stream:
                        break
                    # A user would start a fresh loop in the child; the parent's is known to be another process's.
                    wait = in_child(lambda: asyncio.run(child()))
                    same((await stream.result()).text, "word " * 100)
                same((await ask(client, "parent")).text, "parent")
                same(wait(), 0)

            run(main)
        """,
    ),
    Check(
        name="fork while threads call",
        holds="Forks at any moment while threads hold the pool, its locks and the retry quota leave each child able to call.",
        flavours=BLOCKING,
        limit_seconds=40,
        script="""
            client = make(pool=Pool(max_connections=3))
            over = threading.Event()
            wrong = []

            def work(number):
                count = 0
                while not over.is_set():
                    count += 1
                    text = ask(client, f"{number}-{count}").text
                    if text != f"{number}-{count}":
                        wrong.append(text)

            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            until(lambda: client.pool.stats().waiting > 0)

            def child():
                for number in range(3):
                    same(ask(client, f"child {number}").text, f"child {number}")

            for _ in range(5):
                children = [in_child(child) for _ in range(4)]
                same([wait() for wait in children], [0] * 4)
            over.set()
            for thread in threads:
                thread.join()
            same(wrong, [])
            client.close()
            nothing_open()
        """,
    ),
    Check(
        name="fork while a first call loads",
        holds="Forks while other threads make the first calls, for which modules are being imported, leave each child able to call.",
        flavours=BLOCKING_AND_ASYNCIO,
        script="""
            client = make()

            async def call():
                same((await ask(client, "mine")).text, "mine")

            threads = [threading.Thread(target=run, args=(call,)) for _ in range(4)]
            for thread in threads:
                thread.start()
            children = []
            for _ in range(12):
                children.append(in_child(lambda: run(call)))
                time.sleep(0.01)
            for thread in threads:
                thread.join()
            same([wait() for wait in children], [0] * 12)
        """,
    ),
    Check(
        name="fork in a thread",
        holds="A fork in a thread that is not the main one leaves both processes able to call.",
        flavours=BLOCKING,
        requests=5,
        script="""
            client = make()
            ask(client)
            outcomes = []

            def work():
                wait = in_child(lambda: same([ask(client, n).text for n in "ab"], ["a", "b"]))
                outcomes.append(ask(client, "thread").text)
                outcomes.append(wait())

            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
            same(outcomes, ["thread", 0])
            same(ask(client, "main").text, "main")
        """,
    ),
    Check(
        name="fork of a fork",
        holds="A grandchild has connections of its own, as its parent has.",
        flavours=BLOCKING,
        requests=4,
        script="""
            client = make()
            ask(client)

            def child():
                same(ask(client, "child").text, "child")
                wait = in_child(lambda: same(ask(client, "grandchild").text, "grandchild"))
                same(wait(), 0)
                same(ask(client, "child again").text, "child again")

            same(in_child(child)(), 0)
            same(seen("connections"), 3)
        """,
    ),
    Check(
        name="preload",
        holds="A client made and used in a master serves in four workers that it forks, and in the master, as with gunicorn's preload.",
        flavours=BLOCKING_AND_ASYNCIO,
        script="""
            client = make(pool=Pool(max_connections=2))

            async def serve(name):
                for number in range(20):
                    same((await ask(client, f"{name} {number}")).text, f"{name} {number}")
                    async with events(client, f"{name} {number}") as stream:
                        same((await stream.result()).text, f"{name} {number}")

            def worker(name):
                async def main():
                    await serve(name)
                    await client.close()
                run(main)

            async def warm():
                await ask(client)

            run(warm)
            workers = [in_child(lambda name=name: worker(name)) for name in ("a", "b", "c", "d")]
            worker("master")
            same([wait() for wait in workers], [0] * 4)
        """,
    ),
    Check(
        name="client closed before a fork",
        holds="A client that was closed in the parent is closed in the child, and says so typed.",
        flavours=BLOCKING,
        script="""
            from twinwire import ConfigError

            client = make()
            ask(client)
            client.close()

            def child():
                try:
                    ask(client)
                except ConfigError:
                    return
                fail("it was open")

            same(in_child(child)(), 0)
        """,
    ),
    *(
        Check(
            name=f"multiprocessing {how}",
            holds=f"A client that is a global of the module works in a pool of processes started by {how}.",
            flavours=BLOCKING,
            limit_seconds=40,
            requests=14,
            script=POOL_OF_PROCESSES.replace("{how}", how),
        )
        for how in ("fork", "spawn", "forkserver")
    ),
    Check(
        name="client as an argument",
        holds="A client handed to another process as an argument is refused with words that say what to do, and keeps working.",
        flavours=BLOCKING_AND_ASYNCIO,
        script="""
            import concurrent.futures
            import multiprocessing
            import pickle

            if __name__ == "__main__":
                client = make()
                try:
                    pickle.dumps(client)
                except TypeError as error:
                    if "make one in each process" not in str(error):
                        raise
                else:
                    fail("it was pickled")
                with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as processes:
                    try:
                        processes.submit(print, client).result()
                    except TypeError as error:
                        if "make one in each process" not in str(error):
                            raise
                    else:
                        fail("it was handed over")

                async def main():
                    same((await ask(client, "still")).text, "still")
                    await client.close()

                run(main)
        """,
    ),
    Check(
        name="errors from other processes",
        holds="An error raised in a worker process arrives in the parent as the same class with its facts.",
        flavours=BLOCKING,
        script="""
            import concurrent.futures
            import multiprocessing
            from twinwire import AuthenticationError

            client = make(max_retries=0)

            def work():
                ask(client, model="refuse")

            if __name__ == "__main__":
                with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as processes:
                    try:
                        processes.submit(work).result()
                    except AuthenticationError as error:
                        same((error.status_code, len(error.attempts)), (401, 1))
                    else:
                        fail("no error")
                client.close()
        """,
    ),
    Check(
        name="fork and exec",
        holds="A program that replaces a forked child has none of the client's sockets, and the parent's connection lives.",
        flavours=BLOCKING,
        requests=2,
        prints="0\n",
        script="""
            client = make()
            ask(client)
            sys.stdout.flush()
            child = os.fork()
            if child == 0:
                count = "import os; print(sum(os.readlink(f'/proc/self/fd/{n}').startswith('socket:') for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}')))"
                os.execv(sys.executable, [sys.executable, "-c", count])
            same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
            same(ask(client, "again").text, "again")
            same(seen("connections"), 1)
        """,
    ),
    Check(
        name="subprocess that lives on",
        holds="A subprocess that inherits every inheritable descriptor and outlives the client keeps none of its connections open.",
        flavours=BLOCKING,
        script="""
            import subprocess

            client = make()
            stream = chunks(client, model="stall-stream")
            ask(client)
            with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], close_fds=False, stdin=subprocess.PIPE) as child:
                stream.close()
                client.close()
                nothing_open()
                same(child.poll(), None)
                child.stdin.close()
        """,
    ),
    Check(
        name="process executor in a loop",
        holds="A loop that hands work to forked processes goes on with its own calls meanwhile.",
        flavours=ASYNCIO,
        script="""
            import concurrent.futures
            import multiprocessing

            awaited, blocking = make_awaited(), make_blocking()

            def work(number):
                return ask(blocking, number).text

            async def main():
                ask(blocking)
                await ask(awaited)
                loop = asyncio.get_running_loop()
                with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as processes:
                    far = [loop.run_in_executor(processes, work, number) for number in range(6)]
                    near = [(await ask(awaited, number)).text for number in range(20)]
                    same(await asyncio.gather(*far), [str(number) for number in range(6)])
                same(near, [str(number) for number in range(20)])
                await awaited.close()
                blocking.close()

            run(main)
        """,
    ),
]
