"""Names are kept once, whatever they are bound to where they stand."""
import xml.etree.ElementTree as ET
from xml.parsers import expat

DOCUMENT = """<a xmlns="u1" xmlns:p="v1" p:k="1" k="2"><p:b p:k="3"/><a xmlns="" xmlns:p="v2"><p:b p:k="4">t</p:b><a/></a>
<p:b xmlns:q="v1" q:k="5\t6&#10;7" l=" x&amp;y "/><a xmlns="u1"/></a>"""

for separator in None, " ", "}":
    for shown in False, True:
        parser = expat.ParserCreate(None, separator)
        parser.namespace_prefixes = shown
        parser.ordered_attributes = True
        names = []
        parser.StartElementHandler = lambda name, attributes: (names.append(name), print("<", name, attributes))
        parser.EndElementHandler = lambda name: print(">", name, names.pop() is name)
        parser.StartNamespaceDeclHandler = lambda *args: print("+", args)
        parser.EndNamespaceDeclHandler = lambda *args: print("-", args)
        parser.Parse(DOCUMENT, True)
        print(sorted(filter(None, parser.intern)))

root = ET.fromstring(DOCUMENT)
for element in root.iter():
    print(element.tag, element.attrib, repr(element.text), repr(element.tail))
print(len({id(element.tag) for element in root.iter()}), len({element.tag for element in root.iter()}))

for text in "<a xmlns:p='u' xmlns:q='u' p:x='' q:x=''/>", "<a p:x=''/>", "<a x='' y='' x=''/>", "<a xmlns:p=''/>", "<a b='<'/>", "<a b='\x01'/>":
    try:
        ET.fromstring(text)
    except ET.ParseError as error:
        print(error, error.code, error.position)

# Text in pieces, and where it ends.
for pieces in ["<a>one\r", "\ntwo]", "]x\n", "]]", "</a>"], ["<a>é\ufeff", "\U0001f600]]", ">"], ["<a><![CDATA[x]", "]\n]", "]>\r\r\n</a>"], ["<a>" + "long line " * 20 + "\ufffe"]:
    parser = ET.XMLParser()
    try:
        for piece in pieces:
            parser.feed(piece)
        print(repr(parser.close().text))
    except ET.ParseError as error:
        print(error, error.code, error.position)
