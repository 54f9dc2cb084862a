# zlib streams that never ran, filters of lzma, lists that shrink below select, encodings and limits of expat.
import lzma
import select
import sys
import zlib
from xml.parsers import expat

for wbits in (15, -15, 31, 47):
    stream = zlib.decompressobj(wbits)
    copy = stream.copy()
    data = zlib.compressobj(wbits=wbits if wbits != 47 else 15)
    packed = data.compress(b"hello" * 10) + data.flush()
    print(wbits, copy.decompress(packed) == stream.decompress(packed) == b"hello" * 10)

for filters in ({}, 5):
    try:
        lzma.decompress(b"", format=lzma.FORMAT_RAW, filters=filters)
    except (TypeError, lzma.LZMAError) as error:
        print(type(error).__name__)


class Shrinking:
    def fileno(self):
        del streams[-1]
        return sys.__stdout__.fileno()


streams = []
streams[:] = [Shrinking()] * 10
read, write, odd = select.select([], streams, [], 5)
print(len(read), len(write), len(odd), len(streams))

for encoding in ("iso8859-1", "mac_arabic", "mac_farsi", "cp1026", "koi8-r"):
    parser = expat.ParserCreate()
    try:
        print(encoding, parser.Parse(f'<?xml version="1.0" encoding="{encoding}"?>\n<root/>'.encode(), True))
    except expat.ExpatError as error:
        print(encoding, error)

document = "<!DOCTYPE d [<!ENTITY a 'text'><!ENTITY b '&a;&a;'>]><d>&b;</d>"
for threshold, factor in ((3, 1.0), (0, 1.0), (10**9, 1.0), (0, 1e6)):
    parser = expat.ParserCreate()
    print(parser.SetAllocTrackerActivationThreshold(threshold), parser.SetAllocTrackerMaximumAmplification(factor))
    try:
        print(threshold, factor, parser.Parse(document, True))
    except expat.ExpatError as error:
        print(threshold, factor, str(error).partition(":")[0])
parser = expat.ParserCreate()
inner = parser.ExternalEntityParserCreate(None)
for call in (
    lambda: parser.SetAllocTrackerMaximumAmplification(0.99),
    lambda: parser.SetAllocTrackerMaximumAmplification(float("nan")),
    lambda: parser.SetAllocTrackerMaximumAmplification(float("inf")),
    lambda: parser.SetAllocTrackerActivationThreshold(-5),
    lambda: inner.SetAllocTrackerActivationThreshold(5),
    lambda: inner.SetAllocTrackerMaximumAmplification(5),
):
    try:
        print(call())
    except (expat.ExpatError, ValueError) as error:
        print(type(error).__name__, error)
