"""Names that are too long for the system's databases and loader are told as such."""
import ctypes
import grp
import os
import pwd
import socket
import types


def told(call):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, len(str(error)), str(error)[-70:])


for name in "a" * 300, "a" * 5000, "/" + "a" * 5000, "/tmp" + "/a" * 3000:
    told(lambda: ctypes.CDLL(name))
for length in 63, 64, 70:
    told(lambda: socket.getaddrinfo("a" * length + "..", 80))
told(lambda: socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM))
told(lambda: socket.inet_aton("1" * 5000))
for find in pwd.getpwnam, grp.getgrnam:
    told(lambda: find("a" * 70_000))
print(len(os.path.expanduser("~" + "a" * 70_000)))
print(types.SimpleNamespace(), types.SimpleNamespace(a=1, **{"b c": "d", "": 2}), ascii(types.SimpleNamespace(**{"é": "ü"})))
told(lambda: getattr(5, "é" * 300))
