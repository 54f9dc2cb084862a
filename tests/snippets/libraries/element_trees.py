# xml.etree.ElementTree: elements, builder, parser, their errors.
import copy
import io
import pickle
import re
import warnings
import weakref
import xml.etree.ElementTree as ET


def show(action):
    try:
        result = repr(action())
    except Exception as error:
        result = f"{type(error).__name__}: {error}"
    print(re.sub("0x[0-9a-f]+", "0x", result))


Element = ET.Element
element, child = Element("a", {"x": "1"}, y="2"), Element("c")
element.append(child)

print("-- arguments")
for action in [
    lambda: element.append(None),
    lambda: element.append(),
    lambda: element.extend(None),
    lambda: element.extend([1]),
    lambda: element.insert(0, None),
    lambda: element.insert("a", child),
    lambda: element.insert(0),
    lambda: Element(),
    lambda: Element("a", "b"),
    lambda: Element("a", attrib="b"),
    lambda: Element("a", {}, attrib={}).attrib,
    lambda: Element("a", attrib={"q": "1"}, z="2").attrib,
    lambda: Element("a", {}, {}),
    lambda: Element(tag="a"),
    lambda: ET.SubElement(1, "a"),
    lambda: ET.SubElement(element),
    lambda: ET.SubElement(Element("a"), "a", "b"),
    lambda: ET.SubElement(Element("a"), "a", attrib=1),
    lambda: ET.SubElement(Element("a"), "a", attrib={"q": "1"}, w="2").attrib,
    lambda: element.remove(Element("z")),
    lambda: element.remove(1),
    lambda: element.makeelement("a", 1),
    lambda: element.makeelement("a"),
    lambda: element.find(),
    lambda: element.find(1),
    lambda: element.get(),
    lambda: element.set("a"),
    lambda: setattr(element, "attrib", 1),
    lambda: setattr(element, "foo", 1),
    lambda: setattr(Element, "foo", 1),
    lambda: type(element.iter())(),
]:
    show(action)
for name in ("tag", "text", "tail", "attrib"):
    show(lambda: delattr(element, name))

print("-- places")
for action in [
    lambda: element[5],
    lambda: element["a"],
    lambda: element.__setitem__(5, child),
    lambda: element.__setitem__(0, 1),
    lambda: element.__setitem__("a", child),
    lambda: element.__delitem__(5),
    lambda: element.__setitem__(slice(None), 1),
    lambda: element.__setitem__(slice(None), [1]),
    lambda: element.__setitem__(slice(None, None, 2), [child, child]),
]:
    show(action)
many = Element("many")
many.extend(Element(str(number)) for number in range(10))
del many[2:8:2], many[-1]
many[0:2] = [child] * 3
many.insert(-1, Element("last but one"))
print([item.tag for item in many], [item.tag for item in many[1:6:2]], [item.tag for item in reversed(many)])

print("-- copies")
clone, deep = copy.copy(element), copy.deepcopy(element)
print(clone[0] is child, clone.attrib == element.attrib, deep[0] is child, deep.attrib is element.attrib)
shared = Element("s")
shared.extend([child, child])
twice = copy.deepcopy(shared)
print(twice[0] is twice[1])
show(lambda: element.__deepcopy__(1))
print(pickle.loads(pickle.dumps(element)).attrib, sorted(element.__getstate__()))
show(lambda: element.__setstate__(1))
show(lambda: element.__setstate__({"tag": "q", "x": 1}))
show(lambda: element.__setstate__({"_children": [1]}))


class Special(Element):
    pass


special = Special("q")
special.note = 1
print(type(special.makeelement("a", {})) is Element, type(copy.copy(special)) is Element, weakref.ref(special)() is special)
loop = Element("a")
loop.tag = loop
show(lambda: repr(loop))
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(bool(Element("a")), caught[0].category.__name__)

print("-- text and tags")
TEXT = "<r>one<!--c--><b>two<i>three</i>four</b>five<b k='v'/>six</r>"
root = ET.fromstring(TEXT, ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))
print(list(root.itertext()), list(root[1].itertext()), list(ET.Comment("x").itertext()), root[0].text)
print([item.tag for item in root.iter("*") if item.tag is not ET.Comment], len(list(root.iter(b"*"))), len(list(root.iter("b"))))
print(root.findtext("b"), repr(root.findtext("b[@k]")), root.findtext("no", 5), root.find("b/i").text, len(root.findall("b")))
print(root.find("{}b").text, root.find(".//i").text, [item.tag for item in root.iterfind("b/*")])
spaces = ET.fromstring('<a xmlns="u" xmlns:p="v"><p:b p:c="1"/></a>')
print(spaces.tag, spaces[0].tag, spaces[0].attrib, spaces.find("q:b", {"q": "v"}) is spaces[0])

print("-- builder")
builder = ET.TreeBuilder()
print(builder.close(), builder.data("early"))
show(lambda: builder.end("x"))
show(lambda: builder.start("x", None))
show(lambda: builder.start("x"))
builder.start("x", {})
builder.data("a")
builder.data("b")
builder.start("y", {"k": "v"})
builder.end("anything")
builder.data("tail")
builder.end("x")
print(ET.tostring(builder.close()))
show(lambda: builder.start("second", {}))
show(lambda: ET.TreeBuilder(1, 2))
show(lambda: ET.TreeBuilder(foo=1))
made = []
builder = ET.TreeBuilder(lambda tag, attrib: made.append((tag, attrib)) or Element(tag, attrib))
ET.fromstring("<a><b c='d'/></a>", ET.XMLParser(target=builder))
print(made)

print("-- parser")
for text in ["<a>", "<a></b>", "<a>&x;</a>", "", "<a/>x", "<a b='1' b='2'/>", "<a>\n <b></a>"]:
    try:
        ET.fromstring(text)
    except ET.ParseError as error:
        print(error, error.code, error.position)
parser = ET.XMLParser()
parser.entity["known"] = "value"
parser.feed("<!DOCTYPE a SYSTEM 'x'><a>&known;")
try:
    parser.feed("\n&other;</a>")
except ET.ParseError as error:
    print(error, error.code, error.position)
for action in [
    lambda: ET.XMLParser(1),
    lambda: ET.XMLParser(encoding=1),
    lambda: ET.XMLParser.__new__(ET.XMLParser).feed(""),
    lambda: ET.XMLParser().feed(1),
    lambda: setattr(ET.XMLParser(), "target", 1),
    lambda: ET.XMLParser()._setevents([], ["x"]),
    lambda: ET.XMLParser()._setevents([], [1]),
    lambda: ET.XMLParser()._setevents([], 1),
    lambda: ET.XMLParser(target=object())._setevents([]),
]:
    show(action)


class Target:
    def __getattr__(self, name):
        if name in ("start", "end", "data", "comment", "pi", "start_ns", "end_ns", "doctype", "close"):
            return lambda *args: print("  ", name, args)
        raise AttributeError(name)


parser = ET.XMLParser(target=Target())
parser.feed('<!DOCTYPE a PUBLIC "p" "s" [<!ENTITY e "val">]><?go now?><a x="1" xmlns:n="u">t\nu&e;&amp;<![CDATA[cd]]>')
parser.feed("<n:b/></a>")
parser.close()
pull = ET.XMLPullParser(["start", "end", "start-ns", "end-ns", "comment", "pi"])
pull.feed('<?p d?><a xmlns="u"><!--note--><b/>t</a>')
pull.close()
print([(event, getattr(item, "tag", item) if event in ("start", "end") else event) for event, item in pull.read_events()])
print([(event, item.tag) for event, item in ET.iterparse(io.BytesIO(b"<a><b/><c/></a>"))])
tree = ET.parse(io.StringIO("<a>\u00e9<b/>\u4e2d</a>"))
print(ET.tostring(tree.getroot(), "unicode"), ET.tostring(tree.getroot()))
print(ET.fromstring("<?xml version='1.0' encoding='latin-1'?><a>\xe9</a>".encode("latin-1")).text)
deep = ET.fromstring("<a>" * 3000 + "</a>" * 3000)
print(sum(1 for item in deep.iter()))
