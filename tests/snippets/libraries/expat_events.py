# Events, positions and errors of pyexpat, whole documents and piece by piece.
from xml.parsers import expat
import xml.etree.ElementTree as ET
import xml.dom.minidom as minidom

NAMES = [n for n in dir(expat.ParserCreate()) if n.endswith("Handler") and n not in ("DefaultHandlerExpand", "ExternalEntityRefHandler", "NotStandaloneHandler")]

def events(pieces, without=("DefaultHandler",), **kw):
    p = expat.ParserCreate(**kw)
    p.ordered_attributes = True
    p.buffer_text = True
    for name in NAMES:
        if name not in without:
            setattr(p, name, lambda *a, name=name: print(name, p.CurrentLineNumber, p.CurrentColumnNumber, a))
    try:
        for piece in pieces[:-1]:
            p.Parse(piece)
        p.Parse(pieces[-1], True)
    except expat.ExpatError as e:
        print("error", e, e.code, e.lineno, e.offset, p.ErrorByteIndex)

DOCUMENT = b"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<?pi some data?><!-- comment -->
<!DOCTYPE r SYSTEM "r.dtd" [
  <!ELEMENT r (a|(b,c?)*)+>
  <!ELEMENT a (#PCDATA|b)*>
  <!ATTLIST a k CDATA "dflt" n NMTOKENS #IMPLIED e (x|y) #REQUIRED f CDATA #FIXED "v">
  <!ENTITY ent "in &lt;b/> &#65;">
  <!ENTITY ext SYSTEM "ext.xml">
  <!NOTATION note PUBLIC "-//p">
  <!ENTITY un SYSTEM "u.gif" NDATA note>
  <!ENTITY % pe "x">
]>
<r x="1 &amp; &#x41;&ent2;" xmlns:p="urn:p">
 <a n=" q  w ">t\xc3\xa9xt<![CDATA[<raw>]]>&ent;</a>
 <p:b p:z="1"/>tail
</r>
"""
events([DOCUMENT.replace(b"&ent2;", b"")])
print("--- pieces")
events([DOCUMENT.replace(b"&ent2;", b"")[i:i + 7] for i in range(0, len(DOCUMENT) - 6, 7)])
print("--- namespaces")
events([b'<a xmlns="urn:d" xmlns:p="urn:p" p:k="v" k="w"><p:b xmlns=""><c/></p:b></a>'], namespace_separator="|")
print("--- default")
p = expat.ParserCreate(); out = []
p.DefaultHandler = out.append
p.Parse('<!DOCTYPE q [<!ENTITY e "v">]><q a="1">x &e; <!--c--> y</q>', True)
print("".join(out))
print("--- encodings")
for data in ("<a>é€</a>".encode("utf-16"), '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("latin-1"),
             '<?xml version="1.0" encoding="cp1252"?><a>€</a>'.encode("cp1252"), b"\xef\xbb\xbf<a/>", b"<a>\xff</a>", "<a>\u20ac</a>"):
    events([data])
print("--- errors")
for bad in ("<a>", "<a></b>", '<a b="1" b="2"/>', "x", "<a/><b/>", "<a>&foo;</a>", "<a>\x01</a>", "", "<a><![CDATA[x</a>", "<a b=1/>",
            "<a>]]></a>", '<a b="<"/>', '<?xml version="1.0"?><?xml version="1.0"?><a/>', "<a>&#0;</a>", "<a", '<a x="&u;"/>', "<a>\n <b></c></a>",
            '<!DOCTYPE a [<!ENTITY a "&b;"><!ENTITY b "&a;">]><a>&a;</a>', '<?xml version="2"?', '<a xmlns:x=""/>', "<!DOCTYPE a [<!ELEMENT>]><a/>"):
    events([bad])
events(["<p:a/>"], namespace_separator=" ")
print("--- trees")
root = ET.fromstring('<a x="1&amp;2"><b>t&lt;&#65;</b><c/>tail</a>')
print(ET.tostring(root), [e.tag for e in root.iter()])
print(minidom.parseString('<!DOCTYPE q [<!ENTITY e "ent"><!ELEMENT q (#PCDATA|b)*>]><q a="x">hi &e; <b/><!-- c --><?pi data?></q>').toxml())
