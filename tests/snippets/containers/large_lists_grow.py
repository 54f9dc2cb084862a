# Lists beyond the small sizes, which grow where they lie: alone, side by side, while something looks at them, and from several threads.
import threading


def check(items, length):
    return len(items) == length and all(item == number for number, item in enumerate(items))


def side_by_side(count, length):
    lists = [[] for _ in range(count)]
    for number in range(length):
        for items in lists:
            items.append(number)
    return all(check(items, length) for items in lists)


print(side_by_side(1, 300_000), side_by_side(3, 60_000), side_by_side(20, 20_000))

items = list(range(10_000))
for _ in range(6):
    items.extend(items)
print(len(items), all(items[place] == place % 10_000 for place in range(0, len(items), 777)))
items += (number for number in range(50_000))
print(len(items), items[-1], items[-50_001])

items = list(range(70_000))
seen = 0
for item in items:
    seen += 1
    if item < 90_000 and item % 2:
        items.append(item + 70_000)
print(seen, len(items), items[70_000], items[-1])

items = []
for number in range(40_000):
    items.insert(len(items) // 2 if number % 1000 == 0 else len(items), number)
    if number % 10_000 == 9_999:
        del items[5_000:6_000]
print(len(items), sum(items))

items = [(number, [number]) for number in range(100_000)]
kept = items[::3]
items.clear()
kept.extend((number, [number]) for number in range(100_000))
print(len(kept), all(pair[0] == pair[1][0] for pair in kept))

items = list(range(50_000))
items.sort(key=lambda item: (-item, items.append(item)) if item < 0 else (-item,))
items.append(7)
items[:0] = range(100_000)
print(len(items), items[99_999], items[100_000], items[-1])


def add(items, first, count):
    for number in range(first, first + count):
        items.append(number)


def look(items, stop, found):
    while not stop.is_set():
        length = len(items)
        if length and items[length - 1] is None:
            found.append(length)
        for item in items[-5:]:
            if type(item) is not int:
                found.append(item)


shared, stop, found = [], threading.Event(), []
writers = [threading.Thread(target=add, args=(shared, first * 60_000, 60_000)) for first in range(4)]
readers = [threading.Thread(target=look, args=(shared, stop, found)) for _ in range(2)]
for thread in readers + writers:
    thread.start()
for thread in writers:
    thread.join()
stop.set()
for thread in readers:
    thread.join()
print(len(shared), sorted(shared) == list(range(240_000)), found)
