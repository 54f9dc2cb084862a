# A server's callback that is a plain function and fails: the loop is told, and the client is not left waiting.
import asyncio


async def main():
    told = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: told.append(context))

    def connected(reader, writer):
        raise ValueError("no service today")

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        async with asyncio.timeout(30):
            print(await reader.read())
        writer.close()
    print([(context["message"], repr(context["exception"])) for context in told])


asyncio.run(main())
