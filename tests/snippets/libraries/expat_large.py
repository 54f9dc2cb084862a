# A large document in one piece: the place of each event is known without walking over the text again.
import pyexpat
import xml.etree.ElementTree as ElementTree

rows = "".join(f"<row id='{i}'>\r\n  é<b>{i}</b>\r<c/>\n&amp;</row>" for i in range(20000))
document = f"<root>{rows}</root>"
parser = pyexpat.ParserCreate()
total = [0, 0, 0, 0]


def start(name, attributes):
    total[0] += 1
    total[1] += parser.CurrentLineNumber
    total[2] += parser.CurrentColumnNumber
    total[3] += parser.CurrentByteIndex


parser.StartElementHandler = start
parser.Parse(document, True)
print(total, parser.CurrentLineNumber, parser.CurrentColumnNumber, parser.CurrentByteIndex)
data = document.encode()
parser = pyexpat.ParserCreate()
total = [0, 0, 0, 0]
parser.StartElementHandler = start
for at in range(0, len(data), 997):
    parser.Parse(data[at:at + 997], False)
parser.Parse(b"", True)
print(total, parser.CurrentLineNumber, parser.CurrentColumnNumber, parser.CurrentByteIndex)
tree = ElementTree.fromstring(document)
print(len(tree), sum(int(b.text) for b in tree.iter("b")), len(ElementTree.tostring(tree)))
