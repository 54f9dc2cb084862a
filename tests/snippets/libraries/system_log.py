# syslog: arguments, masks, errors; the messages go where nobody looks.
import logging.handlers
import sys
import syslog

print({name: getattr(syslog, name) for name in dir(syslog) if name.startswith("LOG_") and not callable(getattr(syslog, name))})
for args in [(), (1,), (1, 2), ("a", 1), ("a", "b", "c"), ("a\0b",)]:
    try:
        print(syslog.syslog(*args))
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
for args in [(1,), ("a", "b"), ("a", 1, "c")]:
    try:
        print(syslog.openlog(*args))
    except TypeError as error:
        print(error)
try:
    syslog.openlog("\ud800")
except UnicodeEncodeError as error:
    print(error.reason)
seen = []
sys.addaudithook(lambda event, args: event.startswith("syslog.") and seen.append((event, args)))
syslog.openlog("snippet", syslog.LOG_PID, facility=syslog.LOG_LOCAL3)
print(syslog.syslog("a message"), syslog.syslog(syslog.LOG_DEBUG, "another"), syslog.closelog(), syslog.closelog())
print(syslog.LOG_MASK(3), syslog.LOG_UPTO(3), syslog.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR)), syslog.setlogmask(0))
print(seen)
