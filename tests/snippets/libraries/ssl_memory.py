# A TLS conversation through memory: contexts, handshake, data, certificates, errors. The certificate is made for this test.
import ssl, tempfile, os

def t(f, *a, **k):
    try:
        print(repr(f(*a, **k)))
    except BaseException as e:
        print(type(e).__name__, getattr(e, "reason", None), str(e).split(" (_ssl")[0])

KEYCERT = """-----BEGIN PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQDOubxjV4860NOz
Sh53tZADN9NWaoQF1uUqM+6B6AjFcdpGaUTLynTPD40b3gJrOiEsuCDa0qspXTg6
VTCZCBdhbUgWxzTjSkz+90OYAMrVqYofoXbuQorvd0Vd+mHTah0rNgDMYDgPuLyl
vA3tgk82SoYCCfqcbnjI8TLpiK4DGG6G7uQRY/NRkvM7f9ESeKjzrosmOvgeVQ/A
sxZSDUQm5ajj+ELUKjkrAbvixxTIO4in3bicfjJpA/gOxnj0hk1hNirj2gJlN4Zs
EU1DoUxy/PUbLbZ3HHRrv/0NyeNJebtdf0t74sjpeo9g0qfjkYcgAbwTqaFcNL0C
2sKwEm7fAgMBAAECggEATGka2R1kM7k8hui+mkDiGk5oL2jvo7jqu862Og4qL9EF
fUErzKfoxSBaaBKHklrKKF1mx3tXCNMMFYOnkukKu1hJbSH0yo6MJzH+KhEg6Bji
lQ55h1fRQvIzEamavypZ3b74TJLEJguCrz/zZfbkkIy7O8W0fF3ZB20gBHIg38Nd
8v8G7g7M+6EvmrJFcFhrgCpJ4CN4mmfLbGyN/Sx+DpEXhmo8P9hkiubDMicXXSua
+DscMFn1oMFvJHOXar50i/QwIU2QpyVaQiW8MjA2D5nDBCWg2Bf+jknQyd35UcCI
6G9Z+H4UF/HNiwzWUeC4gJPMNGQrBOYYmaaXcPTeAQKBgQDtGCwC8bLaDS20Aadz
uAJmWGLwTqFTo94ghFKo1F+J8rIS2R0VsUdWo9yYDZiLueIZAt2da6hrFdFeKv42
2Dy5mgiRknCc2wUPIgS667g370oKc+GoqEPFLt9kMnhDM/J5RGfxoUxvPdTbZmOw
ee95aUURQOHN4sGpwcj4cm4ppwKBgQDfNaQrYmvTJ4AusuSJoHy6vOH8zaboeXIj
cIprsn4YRPNEoaoczBhFPaQlQqR1ZZFRgZi/FeKQ7zEUlfj/2Gu9mhu3ht43VDHG
V+oYWMs7vrZwl/zeJiv5kgJsr4m6okZid9zSKXdxcsVvBf2ppT8yOSSw0vIau+O2
7z079SRICQKBgEDJPh1/1hNnTnnFifBA88brl/16PvMP7/6KqdugTIrxWl90HFJ1
Ir02AW07KdfkbzfOZKhDZr38ND27GcP6yn0c7gJ5NXRnFLbR4OEC0E/Yfy7kA2GG
uR4EdN54PAyBAVzJqG2KWcx75NIe5FawuxM+BLV2OT19HNY6MaRSAHA5AoGAc2oK
JEC03i7bkcoAb8VjGS+Xbp9rwWMiiH6lpEBcAPKOExvAmTlTB2JzIK0P2oAVHt7y
+0M2rphveWR+ptPiCdzIniIHfvZy8kr9CW/ITnEzZo7AOqHkNRyxUj+F6NIFsN6n
eKfmUev1eI3RdsmyHqb7eM7qTrZ+bVXRBNKh2vkCgYADmhldfJk3tLpDZNWYOyYI
TU8ciPgrLDnj6ARpabS+OP1lMSTI3K72QBZ9LqF1FrzO3zprsTLCllrg51K8oikJ
GFEZEUi7Gry2UYHTo+2bupaiyPIJxehzPMkTlBjP6vkim65AY6qdybx6Wim5cK1B
5WXzZfMqEo8MKGbCaWAdNA==
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIDmTCCAoGgAwIBAgIUFMnYCpggpWhENUE55kQ5kIYIEDowDQYJKoZIhvcNAQEL
BQAwPTELMAkGA1UEBhMCWFkxGjAYBgNVBAoMEXByb3RvcHl0aG9uIHRlc3RzMRIw
EAYDVQQDDAlsb2NhbGhvc3QwIBcNMjYxMTIxMDczOTM0WhgPMjEyNjEwMjgwNzM5
MzRaMD0xCzAJBgNVBAYTAlhZMRowGAYDVQQKDBFwcm90b3B5dGhvbiB0ZXN0czES
MBAGA1UEAwwJbG9jYWxob3N0MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKC
AQEAzrm8Y1ePOtDTs0oed7WQAzfTVmqEBdblKjPugegIxXHaRmlEy8p0zw+NG94C
azohLLgg2tKrKV04OlUwmQgXYW1IFsc040pM/vdDmADK1amKH6F27kKK73dFXfph
02odKzYAzGA4D7i8pbwN7YJPNkqGAgn6nG54yPEy6YiuAxhuhu7kEWPzUZLzO3/R
Enio866LJjr4HlUPwLMWUg1EJuWo4/hC1Co5KwG74scUyDuIp924nH4yaQP4DsZ4
9IZNYTYq49oCZTeGbBFNQ6FMcvz1Gy22dxx0a7/9DcnjSXm7XX9Le+LI6XqPYNKn
45GHIAG8E6mhXDS9AtrCsBJu3wIDAQABo4GOMIGLMB0GA1UdDgQWBBTUSzlnFF44
YRt7q50249XSwQYZWTAfBgNVHSMEGDAWgBTUSzlnFF44YRt7q50249XSwQYZWTA7
BgNVHREENDAygglsb2NhbGhvc3SCDSouZXhhbXBsZS5uZXSHBH8AAAGBBWFAYi5j
hglodHRwOi8veC8wDAYDVR0TAQH/BAIwADANBgkqhkiG9w0BAQsFAAOCAQEABDaa
wz3AI7jTfAMwL5L1vkxoz8nU2r88Vq6s1DlQpspJCFOBJNZFXPTo7aHCA1R3yrk0
LPNwR37scRciW/NkHtkLhrJghi4mWVho9Kst7uOq289NvKqeGlXdwmiHYrpEH0wo
l8gbMGsVImo/r75m2UFG3GgLiz+3PK8Z9iV5Jhousd5c6YTcXuHy7QfRuKp7RX8l
FUmF5bMkx6A8fXOVsbWH9FuYWmYhUSkbun2uMPZ/UUCw9DlJ8rTXaU7UCvHS5nsJ
oxecRj1w/F9ePivp7OfxgP1Mg801B3ZwJaMBSXJEBes/NI77a+zofCwT4mAFsflG
xDA3PBwApUf3npEqtQ==
-----END CERTIFICATE-----
"""
with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as f:
    f.write(KEYCERT)
server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(f.name)
server_context.set_alpn_protocols(["h2", "http/1.1"])
client_context = ssl.create_default_context(cafile=f.name)
client_context.set_alpn_protocols(["http/1.1", "x"])
print(client_context.cert_store_stats(), client_context.check_hostname, client_context.verify_mode, server_context.verify_mode)
os.unlink(f.name)

def pair(client_context, server_context, name):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    return client_context.wrap_bio(a, b, server_hostname=name), server_context.wrap_bio(b, a, server_side=True)

def shake(client, server):
    for _ in range(10):
        done = 0
        for side in (client, server):
            try:
                side.do_handshake()
                done += 1
            except ssl.SSLWantReadError:
                pass
        if done == 2:
            return

client, server = pair(client_context, server_context, "localhost")
print(client.version(), client.cipher(), client.getpeercert if False else None)
t(client.do_handshake)
shake(client, server)
print(client.version(), server.version(), client.selected_alpn_protocol(), server.selected_alpn_protocol(), client.cipher() == server.cipher(), client.compression())
certificate = client.getpeercert()
for key in sorted(certificate):
    print(key, certificate[key])
print(ssl.DER_cert_to_PEM_cert(client.getpeercert(True)) in KEYCERT.replace("\n\n", "\n"), server.getpeercert())
print(client.write(b"from the client"), server.read(), server.write(b"x" * 40000))
got = b""
while len(got) < 40000:
    got += client.read(7000)
print(len(got), client.pending()); t(client.read)
t(client.unwrap); print(server.read()); t(server.unwrap); t(client.unwrap)
t(lambda: shake(*pair(client_context, server_context, "example.org")))
t(lambda: shake(*pair(client_context, server_context, "127.0.0.2")))
other = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
t(lambda: shake(*pair(other, server_context, "localhost")))
other.check_hostname = False
t(setattr, other, "verify_mode", 7); other.verify_mode = ssl.CERT_NONE
client, server = pair(other, server_context, None); shake(client, server); print(client.getpeercert(), len(client.getpeercert(True)) > 500)
other.maximum_version = ssl.TLSVersion.TLSv1_2
client, server = pair(other, server_context, "anything"); shake(client, server); print(client.version(), client.cipher()[1])
seen = []
server_context.sni_callback = lambda conn, name, ctx: seen.append((name, ctx is server_context))
client, server = pair(other, server_context, "some.host"); shake(client, server); print(seen)
server_context.sni_callback = lambda conn, name, ctx: ssl.ALERT_DESCRIPTION_ACCESS_DENIED
client, server = pair(other, server_context, "some.host"); t(lambda: shake(client, server)); t(client.do_handshake)
client, server = pair(other, server_context, None)
t(lambda: server.do_handshake()); ssl_in = ssl.MemoryBIO(); ssl_in.write(b"GET / HTTP/1.0\r\n\r\n")
t(server_context.wrap_bio(ssl_in, ssl.MemoryBIO(), server_side=True).do_handshake)
ssl_in.write(b"junk junk"); t(other.wrap_bio(ssl_in, ssl.MemoryBIO()).do_handshake)
bio = ssl.MemoryBIO(); bio.write(b"abc"); print(bio.pending, bio.eof, bio.read(2), bio.read(), bio.read()); bio.write_eof(); print(bio.eof); t(bio.write, b"x")
ended = ssl.MemoryBIO(); ended.write_eof(); t(other.wrap_bio(ended, ssl.MemoryBIO()).do_handshake)
t(other.set_ciphers, "^$:,;?*'dorothyx"); t(other.load_verify_locations); t(other.load_verify_locations, cadata="broken"); t(other.load_verify_locations, cadata=b"broken")
t(other.load_verify_locations, "/nonexistent"); t(other.load_cert_chain, "/nonexistent"); t(other.wrap_bio, bio, bio, server_side=True)
t(ssl.SSLContext, 99); t(ssl.RAND_bytes, -5); print(len(ssl.RAND_bytes(8)), ssl.RAND_status())
print(ssl._ASN1Object.fromname("serverAuth"), ssl.Purpose.CLIENT_AUTH.value.nid if hasattr(ssl.Purpose.CLIENT_AUTH.value, "nid") else ssl.Purpose.CLIENT_AUTH.nid)
t(ssl._ASN1Object.fromnid, 100000); t(ssl._ASN1Object.fromname, "nothing")
