# The functions of heapq are one step for other threads, also when comparisons run Python code, wait, or use other heaps.
import heapq
import threading

THREADS = 4


def run(*functions):
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def is_heap(heap, largest_first=False):
    pairs = [(heap[(place - 1) // 2], heap[place]) for place in range(1, len(heap))]
    return not any(a < b if largest_first else b < a for a, b in pairs)


class Item:
    def __init__(self, rank):
        self.rank = rank

    def __lt__(self, other):
        return self.rank < other.rank


def push_and_pop(make, count):
    heap = []
    taken = []
    in_order = []

    def push():
        for rank in range(count, 0, -1):
            heapq.heappush(heap, make(rank))

    run(*[push] * THREADS)
    print(len(heap), is_heap(heap))

    def pop():
        mine = [heapq.heappop(heap) for _ in range(count)]
        taken.extend(mine)
        in_order.append(all(not b < a for a, b in zip(mine, mine[1:])))

    run(*[pop] * THREADS)
    print(len(heap), len(taken), in_order)


for make in (int, float, str, lambda rank: (rank % 7, rank, None), lambda rank: (1, (rank, "x")), Item):
    push_and_pop(make, 300)

heap = list(range(500))
heapq.heapify_max(heap)


def replace():
    for number in range(300):
        heapq.heapreplace_max(heap, number)
        heapq.heappushpop_max(heap, number)
        heapq.heappush_max(heap, heapq.heappop_max(heap))


run(*[replace] * THREADS)
print(len(heap), is_heap(heap, largest_first=True))


# A comparison that waits for a lock whose holder uses the same heap.
gate = threading.Lock()
entered = threading.Event()
heap = []


class Patient(Item):
    def __lt__(self, other):
        entered.set()
        with gate:
            return self.rank < other.rank


def wait_inside():
    heapq.heappush(heap, Patient(2))
    heapq.heappush(heap, Patient(1))


def hold_gate():
    with gate:
        threads_meet.wait()
        entered.wait()
        heapq.heapify(other_list)
        print(heapq.heappushpop([1], 0), len(heap) >= 1)


threads_meet = threading.Event()
other_list = [3, 2, 1]
holder = threading.Thread(target=hold_gate)
holder.start()
while not gate.locked():
    pass
waiter = threading.Thread(target=wait_inside)
waiter.start()
threads_meet.set()
holder.join()
waiter.join()
print(other_list[0], [item.rank for item in heap])


# Two heaps whose comparisons use the other one.
left, right = [], []


class Crossing(Item):
    def __init__(self, rank, other):
        self.rank, self.other = rank, other

    def __lt__(self, other):
        heapq.heappush(self.other, self.rank)
        return self.rank < other.rank


first, second = [Crossing(1, right)], [Crossing(1, left)]
heaps = {id(first): left, id(second): right}


def cross(heap, other):
    for rank in range(200):
        try:
            heapq.heappush(heap, Crossing(rank, other))
        except RuntimeError:
            pass  # Another thread had its turn while this one waited for the other heap.


run(lambda: cross(first, left), lambda: cross(second, left), lambda: cross(first, right), lambda: cross(second, right))
print(is_heap(left), is_heap(right))


# A comparison that changes the heap itself.
class Greedy(Item):
    def __lt__(self, other):
        heap.clear()
        return self.rank < other.rank


def in_two_threads():
    for function in (heapq.heappop, heapq.heapify, lambda heap: heapq.heappush(heap, Greedy(0)), lambda heap: heapq.heappushpop(heap, Greedy(9))):
        heap[:] = [Greedy(rank) for rank in range(5)]
        try:
            function(heap)
        except (IndexError, RuntimeError) as error:
            print(type(error).__name__, error)


stop = threading.Event()
idle = threading.Thread(target=stop.wait)
idle.start()
in_two_threads()
stop.set()
idle.join()
in_two_threads()
