"""The call fuzzer's child: rounds of calls of everything with anything. `cargo xtask fuzz-calls` starts it and looks after it.

    fuzz.py run FOLDER SEED SECONDS THREADS ROUNDS
                                                rounds from SEED on, at most so many (0: no limit); FOLDER/calls-<thread> gets a line for
                                                each call before it is made
    fuzz.py replay FOLDER SEED FILE             the pool of SEED, and the calls that FILE records
    fuzz.py check                               what is wrong with the pool

What matters happens outside: the process must not die by a signal, panic, or stop answering its clock. Exceptions are all right.
"""
import gc
import json
import os
import random
import resource
import signal
import sys
import threading
import time

import nasty
import targets

CALLS = 400
RESULTS = 160
TICK = 0.2
# The parent knows these: a panic, and an end that means nothing.
PANIC = 70
GIVEN_UP = 71


class Stuck(BaseException):
    """Raised by the clock into a call that takes long; natives and loops must let it through."""


class Clock:
    """Interrupts a call that has run for one to two ticks, again and again."""
    def __init__(self):
        self.calls = self.seen = 0

    def start(self):
        signal.signal(signal.SIGALRM, self.tick)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def stop(self):
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)

    def tick(self, *_):
        if self.calls and self.calls == self.seen:
            raise Stuck
        self.seen = self.calls


clock = Clock()


def confine(folder):
    """Limits, a folder of its own, and no rights: whatever is called must not harm the machine."""
    os.chdir(folder)
    for limit, value in ((resource.RLIMIT_FSIZE, 1 << 24), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 900)):
        resource.setrlimit(limit, (value, value))
    if os.getuid() == 0:
        os.chown(folder, 65534, 65534)
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        resource.setrlimit(resource.RLIMIT_NPROC, (400, 400))


class Log:
    """One line for each call, in the file before the call is made."""
    def __init__(self, number):
        plain = os.open(f"calls-{number}", os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o666)
        # Out of the way of the small numbers that are called descriptors.
        self.fd = 700 + number
        os.dup2(plain, self.fd, inheritable=False)
        os.close(plain)

    def begin(self, seed):
        os.ftruncate(self.fd, 0)
        os.lseek(self.fd, 0, os.SEEK_SET)
        os.write(self.fd, b"%d\n" % seed)

    def call(self, record):
        os.write(self.fd, json.dumps(record).encode() + b"\n")


def all_subclasses_made():
    nasty.chance.seed(1)
    nasty.make_subclasses()


class Round:
    """One pool and the calls on it."""
    def __init__(self, seed, known):
        self.seed = seed
        self.targets, self.classes = known
        nasty.chance.seed(seed)
        self.slots = [nasty.make(text) for _, text in nasty.POOL]
        self.by_kind = {}
        for index, (kind, _) in enumerate(nasty.POOL):
            self.by_kind.setdefault(kind, []).append(index)
        self.fixed = len(self.slots)
        self.slots += list(self.classes.values())
        self.class_slots = {name: self.fixed + index for index, name in enumerate(self.classes)}
        self.by_kind["class"] += self.class_slots.values()
        self.results = len(self.slots)
        self.slots += [None] * RESULTS
        self.next_result = 0

    def choose_focus(self, chance):
        """Each round looks at a few classes and modules: what they leave behind meets itself."""
        groups = {}
        for target in self.targets.values():
            groups.setdefault(target.group, []).append(target)
        names = sorted(groups)
        self.focus = [target for name in chance.sample(names, 5) for target in groups[name]]
        self.focus += chance.sample(groups["operations"], 30)
        self.everything = list(self.targets.values())

    def instance_slot(self, owner, chance):
        start = chance.randrange(len(self.slots))
        for step in range(len(self.slots)):
            index = (start + step) % len(self.slots)
            if owner in targets.mro_of(type(self.slots[index])):
                return index
        return None

    def slot_for(self, name, chance):
        kind = nasty.KIND_OF.get(name)
        draw = chance.randrange(10)
        if draw < 6 and kind is not None:
            return chance.choice(self.by_kind[kind])
        if draw < 8:
            return self.results + chance.randrange(RESULTS)
        return chance.choice(self.by_kind[chance.choice(sorted(self.by_kind))])

    def draw(self, chance):
        """The record of a call."""
        target = chance.choice(self.focus if chance.randrange(10) < 8 else self.everything)
        parameters, names = target.parameters, {}
        if parameters is None:
            wanted = [None] * (chance.choice((0, 1, 1, 2, 2, 3, 4)) if target.group != "operations" else 4)
        else:
            wanted = parameters[:chance.randrange(len(parameters) + 1)] if chance.randrange(3) else list(parameters)
            if chance.randrange(12) == 0:
                wanted = [None] * chance.randrange(6)
            if wanted and chance.randrange(6) == 0:
                names = {wanted.pop(): 0}
        args = [self.slot_for(name, chance) for name in wanted]
        names = {name: self.slot_for(name, chance) for name in names if name}
        if target.owner is not None:
            found = self.instance_slot(target.owner, chance) if chance.randrange(12) else None
            args.insert(0, chance.randrange(len(self.slots)) if found is None else found)
        self.next_result = (self.next_result + 1) % RESULTS
        return {"t": target.name, "a": args, "k": names, "r": self.results + self.next_result, "s": chance.randrange(1 << 30)}

    def call(self, record):
        target = self.targets[record["t"]]
        args = [self.slots[index] for index in record["a"]]
        names = {name: self.slots[index] for name, index in record["k"].items()}
        nasty.chance.seed(record["s"])
        nasty.current[:] = args
        try:
            result = target.call(*args, **names)
        except Exception as error:
            if type(error) is SystemError and "internal error" in str(error):
                # A panic: the parent finds it in the error stream, and this call last in the log.
                os._exit(PANIC)
            result = error
        except Stuck:
            result = None
        except BaseException as error:
            result = error
        if type(result) not in (str, bytes):
            # Texts are left out: they may be paths.
            self.slots[record["r"]] = result


def unhook():
    sys.settrace(None)
    sys.setprofile(None)


def restore():
    """What calls may have switched on that would slow down or change all the others."""
    unhook()
    gc.enable()
    sys.setrecursionlimit(1000)
    for tool in range(6):
        if sys.monitoring.get_tool(tool) is not None:
            sys.monitoring.free_tool_id(tool)


def rounds(log, seed, known, deadline, most):
    first, chance = seed, random.Random()
    while time.monotonic() < deadline and (most == 0 or seed < first + most):
        log.begin(seed)
        this = guarded(lambda: begun(seed, known, chance))
        if this is None:
            raise MemoryError
        for number in range(CALLS):
            if number < 12:
                # Something of the focus to work on.
                chosen = chance.choice([target for target in this.focus if target.name in this.classes] or this.focus)
                name = chosen.name + chance.choice(("", ".__new__"))
                record = this.draw(chance)
                record["t"] = name if name in this.targets else chosen.name
                record["a"] = [this.slot_for(name, chance) for name in (chosen.parameters or [None] * chance.randrange(3))]
                record["k"] = {}
            else:
                record = this.draw(chance)
            one_call(log, this, record)
            if number % 40 == 0:
                guarded(restore)
        guarded(restore)
        this = None
        nasty.current.clear()
        guarded(gc.collect)
        seed += 1


def begun(seed, known, chance):
    """A round that knows what it will call."""
    chance.seed(seed)
    this = Round(seed, known)
    this.choose_focus(chance)
    return this


def one_call(log, this, record):
    try:
        log.call(record)
        clock.calls += 1
        this.call(record)
    except BaseException:
        # The clock may strike between calls, too.
        pass
    # Trace functions that a call has set may fail.
    try:
        guarded(unhook)
    except BaseException:
        guarded(unhook)


def guarded(work):
    for _ in range(3):
        try:
            return work()
        except BaseException:
            pass


def threaded(seed, known, deadline, count):
    """All threads work on the slots of one round."""
    logs = [Log(number) for number in range(count)]
    while time.monotonic() < deadline:
        this = Round(seed, known)
        this.choose_focus(random.Random(seed))
        done = []

        def work(number):
            chance = random.Random(seed * 100 + number)
            logs[number].begin(seed)
            for _ in range(CALLS):
                record = this.draw(chance)
                try:
                    logs[number].call(record)
                    this.call(record)
                    unhook()
                except BaseException:
                    sys.settrace(None)
                    sys.setprofile(None)
            done.append(number)

        crew = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(count)]
        for thread in crew:
            thread.start()
        limit = time.monotonic() + 6
        while len(done) < count and time.monotonic() < limit:
            # A thread that goes round in a native without looking up stops this for ever, and the parent sees it.
            gc.collect()
            os.write(699, b".")
            time.sleep(0.05)
        restore()
        if len(done) < count:
            # Somebody waits for a lock, or for the end of an endless iterator.
            return
        seed += 1


def main():
    sys.setswitchinterval(0.001)
    command = sys.argv[1]
    all_subclasses_made()
    if command == "check":
        nasty.check()
        found, classes = targets.collect()
        print(len(found), "targets,", len(classes), "classes,", len(nasty.POOL), "values")
        return
    folder, seed = sys.argv[2], int(sys.argv[3])
    known = targets.collect()
    if command == "replay":
        with open(sys.argv[4]) as file:
            records = [json.loads(line) for line in file if line.startswith("{")]
        confine(folder)
        log = Log(0)
        clock.start()
        log.begin(seed)
        this = Round(seed, known)
        for record in records:
            one_call(log, this, record)
        clock.stop()
        gc.collect()
        os._exit(0)
    seconds, count = float(sys.argv[4]), int(sys.argv[5])
    confine(folder)
    os.dup2(2, 699, inheritable=False)
    deadline = time.monotonic() + seconds
    if count > 1:
        os.dup2(os.open("progress", os.O_CREAT | os.O_WRONLY, 0o666), 699, inheritable=False)
        threaded(seed, known, deadline, count)
        os._exit(0)
    log = Log(0)
    clock.start()
    try:
        rounds(log, seed, known, deadline, most=int(sys.argv[6]))
    except (MemoryError, Stuck):
        # Nothing is left for the fuzzer itself, or its clock struck late.
        os._exit(GIVEN_UP)
    clock.stop()
    log.call({"t": "exit", "a": [], "k": {}, "r": 0, "s": 0})
    os._exit(0) if seed % 2 else None


main()
