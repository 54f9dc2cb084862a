def handlers():
    r = []
    for enc in ('ascii', 'latin-1', 'utf-8', 'utf-16', 'utf-16-le', 'utf-32-be', 'UTF8', 'Latin_1', 'US-ASCII'):
        for err in ('ignore', 'replace', 'backslashreplace', 'xmlcharrefreplace', 'namereplace', 'surrogateescape', 'surrogatepass'):
            for txt in ('abc', 'aé€😀z', 'a\udc80b\ud800c'):
                try: r.append(txt.encode(enc, err))
                except UnicodeEncodeError as e: r.append((e.encoding, e.start, e.end, e.reason, e.object == txt))
        for err in ('strict', 'ignore', 'replace', 'backslashreplace', 'surrogateescape', 'surrogatepass'):
            for dat in (b'abc', 'aé€😀z'.encode(), b'a\xff\xfeb\xed\xa0\x80c\xe2\x82', b'\xff\xfea\x00\x00\xd8', b'\x00\x00\x00a\x00\x11\x00\x00', b'\xfe\xff\x00a\xd8\x00'):
                try: r.append(dat.decode(enc, err))
                except UnicodeDecodeError as e: r.append((e.encoding, e.start, e.end, e.reason, e.object == dat))
    return r
for item in handlers():
    print(ascii(item))
