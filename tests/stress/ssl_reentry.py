"""A TLS connection that is used again by a callback of its own handshake, or by a signal handler while it reads: an error, not a hang."""
import ast
import os
import signal
import socket
import ssl
import tempfile
import threading

source = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../snippets/libraries/ssl_memory.py")).read()
KEYCERT = next(ast.literal_eval(node.value) for node in ast.parse(source).body
               if isinstance(node, ast.Assign) and node.targets[0].id == "KEYCERT")

with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
    file.write(KEYCERT)
    file.flush()
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(file.name)
ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ours.check_hostname = False
ours.verify_mode = ssl.CERT_NONE


def in_a_callback():
    told = []

    def name_comes(connection, name, context):
        for use in connection.do_handshake, lambda: connection.read(1), connection.unwrap:
            try:
                use()
            except RuntimeError as error:
                told.append(str(error))
    theirs.sni_callback = name_comes
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ours.wrap_bio(one, other, server_hostname="localhost")
    server = theirs.wrap_bio(other, one, server_side=True)
    for _ in range(4):
        for end in client, server:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
    assert client.version() == "TLSv1.3" and len(told) == 3, (client.version(), told)
    theirs.sni_callback = None


def in_a_signal_handler():
    a, b = socket.socketpair()
    made = []
    thread = threading.Thread(target=lambda: made.append(theirs.wrap_socket(b, server_side=True)))
    thread.start()
    client = ours.wrap_socket(a)
    thread.join()
    told = []

    def handler(*_):
        try:
            client.read(1)
        except RuntimeError as error:
            told.append(str(error))
        made[0].write(b"x")
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    assert client.read(1) == b"x" and len(told) == 1, told
    client.close()
    made[0].close()


in_a_callback()
in_a_signal_handler()
print("ok")
