# Search functions of a program come after those of the package `encodings`, whoever is asked first.
import codecs, sys
def mine(name):
    if name == "mine": return codecs.CodecInfo(name="mine", encode=lambda s, e="strict": (b"M"+s.encode(), len(s)), decode=lambda b, e="strict": ("m", len(b)))
codecs.register(mine)
print("abc".encode("mine"), "ä".encode("cp437"))
codecs.unregister(mine)
try: "abc".encode("mine")
except LookupError as e: print(e)
import encodings
codecs.register_error("q", lambda e: ("?", e.end))
print("aä".encode("ascii", "q"), "ä".encode("ascii","xmlcharrefreplace"), "ä".encode("ascii","namereplace"))
try: "ä".encode("ascii", "nix")
except LookupError as e: print(e)
