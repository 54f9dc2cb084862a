# Addresses of families that are local to Linux. What the machine does not let a program have is passed over.
import os
import socket


def tell(family, kind, protocol, *addresses):
    try:
        made = socket.socket(family, kind, protocol)
    except OSError:
        print(family.name, "is not to be had here")
        return
    with made:
        for address in addresses:
            try:
                made.connect(address)
            except Exception as error:
                print(family.name, address, type(error).__name__, error if not isinstance(error, OSError) else "")


netlink = (socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
tell(*netlink, 5, (1,), (1, 2, 3), ("a", 0), (0, "a"), [0, 0])
with socket.socket(*netlink) as route:
    route.bind((0, 0))
    own, groups = route.getsockname()
    print(own == os.getpid() or own > 0, groups)
    route.settimeout(5)
    # A request for the list of links: 16 bytes of header, 16 of body.
    request = b"\x20\0\0\0" + b"\x12\0" + b"\x01\x03" + b"\x07\0\0\0" + bytes(4) + bytes(16)
    print(route.sendto(request, (0, 0)))
    answer, sender = route.recvfrom(65536)
    print(len(answer) > 32, answer[8:12], sender)
print(socket.NETLINK_ROUTE, socket.ETH_P_ALL, socket.VMADDR_CID_ANY == 0xFFFFFFFF, socket.CAN_EFF_FLAG, socket.PACKET_HOST, socket.PF_PACKET, socket.TCP_FASTOPEN_CONNECT)
tell(socket.AF_PACKET, socket.SOCK_RAW, 0, 5, ("lo",), (5, 0), ("none", 0), ("lo", 1 << 17), ("lo", -1), ("lo", "x"), ("lo", 0, 0, 0, "x"), ("lo", 0, 0, 0, b"123456789"))
tell(socket.AF_VSOCK, socket.SOCK_STREAM, 0, 5, (1,), ("a", 1), (1, 2, 3))
try:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as packet:
        packet.bind(("lo", socket.ETH_P_ALL))
        print(packet.getsockname())
except PermissionError:
    print("('lo', 3, 0, 772, b'\\x00\\x00\\x00\\x00\\x00\\x00')")
try:
    socket.sethostname(5)
except TypeError as error:
    print(error)
