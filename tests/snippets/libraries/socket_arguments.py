# What functions of sockets say to wrong arguments, and addresses with a scope.
import socket
import sys


def tell(function, *args):
    try:
        print(function.__name__, args, function(*args))
    except Exception as error:
        print(function.__name__, args, type(error).__name__, error)


for name in ("ntohs", "htons", "ntohl", "htonl"):
    for number in (1, -1, 1 << 16, 1 << 32, -1 << 100, 1 << 100, "x", 1.0):
        tell(getattr(socket, name), number)
for name in ("_NONE", 0, b"_none", "a\0b"):
    tell(socket.if_nametoindex, name)
for length in (0, 1, 100, (1 << 31) - 1 - socket.CMSG_LEN(0), (1 << 31) - socket.CMSG_LEN(0), (1 << 31) - 1 - socket.CMSG_SPACE(1), sys.maxsize, -1):
    tell(socket.CMSG_LEN, length)
    tell(socket.CMSG_SPACE, length)
for address in (("127.0.0.1", 0, 0), ("::1", "x", 0), ("::1", 0, 1 << 20), ("::1", 0, -1), ("::1", 0, 0, 0, 0), "x", ("::1", 0, "a")):
    tell(socket.getnameinfo, address, 0)
datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for buffers in (5, None, "ab", [b"x"], [bytearray(2), 5], iter([5])):
    try:
        datagrams.recvmsg_into(buffers)
    except TypeError as error:
        print(error)
with socket.socket(socket.AF_INET6) as six:
    for address in (("::1", 0, -10), ("::1", 0, 1 << 21), ("::1", 70000)):
        try:
            six.bind(address)
        except OverflowError as error:
            print(error)
socket.close(datagrams.fileno())
try:
    datagrams.close()
except OSError as error:
    print(error)
for number in (None, -1):
    tell(socket.close, number)
index, name = socket.if_nameindex()[0]
host = "ff02::1de:c0:face:8D"
print(socket.getaddrinfo(host + "%" + name, 1234, socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP)[0][4] == (host.lower(), 1234, 0, index))
print(socket.getnameinfo((host, 1234, 0, index), socket.NI_NUMERICHOST | socket.NI_NUMERICSERV) == (host.lower() + "%" + name, "1234"))
