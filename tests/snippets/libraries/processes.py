# What multiprocessing needs: semaphores, shared memory, pools.
import multiprocessing as mp, os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import shared_memory
import _multiprocessing

def square(x):
    return x * x

def worker(queue, lock):
    with lock:
        queue.put(os.getpid() != os.getppid())

def t(f, *a, **k):
    try:
        print(repr(f(*a, **k)))
    except BaseException as e:
        print(type(e).__name__, e)

if __name__ == "__main__":
    context = mp.get_context("fork")
    queue, lock = context.Queue(), context.Lock()
    process = context.Process(target=worker, args=(queue, lock))
    process.start(); print(queue.get(timeout=30)); process.join(); print(process.exitcode)
    semaphore = context.BoundedSemaphore(2)
    print(semaphore.acquire(), semaphore.acquire(False), semaphore.acquire(False), semaphore.acquire(timeout=0.01), semaphore.get_value())
    semaphore.release(); semaphore.release(); t(semaphore.release)
    rlock = context.RLock()
    print(rlock.acquire(), rlock.acquire()); rlock.release(); rlock.release(); t(rlock.release)
    t(_multiprocessing.SemLock, 7, 1, 1, "/x", True); t(_multiprocessing.sem_unlink, "/protopython-none")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        print(list(executor.map(square, range(5))))
    with context.Pool(2) as pool:
        print(pool.map(square, [1, 2, 3]))
    first = shared_memory.SharedMemory(create=True, size=16)
    first.buf[:2] = b"hi"
    second = shared_memory.SharedMemory(first.name)
    print(bytes(second.buf[:2])); second.close(); first.close(); first.unlink()
