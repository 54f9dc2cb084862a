# Queues between interpreters, the pool, and interpreters in several threads at once.
from concurrent import interpreters
from concurrent.futures import InterpreterPoolExecutor
import math
import threading

LINES = 'import sys; sys.stdout.reconfigure(line_buffering=True)'
exec(LINES)
queue = interpreters.create_queue(3)
interp = interpreters.create()
interp.exec(LINES)
queue.put(1)
queue.put((b'x', [2]))
print(queue.qsize(), queue.full(), queue.empty(), queue.maxsize)
interp.prepare_main(queue=queue)
interp.exec('''
print(queue.get(), queue.get(), queue.empty())
queue.put({'from': __name__})
queue.put(queue)
''')
print(queue.get(), queue.get() is queue)
try:
    queue.get_nowait()
except interpreters.QueueEmpty as error:
    print(type(error).__name__)
interp.exec('queue.put(5)')
interp.close()
print(queue.get())

def work(numbers):
    return sum(number * number for number in numbers)

with InterpreterPoolExecutor(2) as pool:
    print(list(pool.map(math.factorial, range(6))))
    failed = pool.submit(divmod, 1, 0)
    print(type(failed.exception()).__name__, failed.exception())

results = []
def run(number):
    one = interpreters.create()
    for _ in range(3):
        results.append(one.call(lambda n: sum(range(n)), number))
    one.close()
threads = [threading.Thread(target=run, args=(number,)) for number in range(1000, 1004)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sorted(results), interpreters.list_all())

# A loop that runs here is none that runs there.
import asyncio
async def main():
    one = interpreters.create()
    one.exec(LINES)
    one.exec('import asyncio\nasync def f(): return asyncio.current_task() is not None\nprint(asyncio.run(f()))')
    one.close()
    return asyncio.current_task() is not None
print(asyncio.run(main()))
