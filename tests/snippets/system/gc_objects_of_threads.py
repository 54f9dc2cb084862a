# Whoever asks for all objects while threads make garbage gets those that live, not all the garbage there was.
import gc
import threading


class Node:
    pass


def nodes_seen(rounds):
    done = threading.Event()

    def make():
        while not done.is_set():
            a, b, c = Node(), Node(), Node()

    makers = [threading.Thread(target=make) for _ in range(3)]
    for maker in makers:
        maker.start()
    seen = 0
    for _ in range(rounds):
        objects = gc.get_objects()
        seen = max(seen, sum(type(item) is Node for item in objects))
    done.set()
    for maker in makers:
        maker.join()
    return seen


print(nodes_seen(40) < 1000)

kept = Node()
holders = [[kept], {"kept": kept}, (kept,)]
found = gc.get_referrers(kept)
print([any(item is holder for item in found) for holder in holders])
print(any(item is kept for item in gc.get_objects()))
