import collections, functools, itertools, operator
import re


def show(text):
    try:
        result = repr(eval(text))[:200]
    except BaseException as error:
        result = f"{type(error).__name__}: {error} {' '.join(getattr(error, '__notes__', []))}".rstrip()
    print(text, "->", re.sub("0x[0-9a-f]+", "0x", result))


for line in r'''
collections.deque(1)
collections.deque([],-1)
collections.deque([],"a")
collections.deque(x=1)
collections.deque([1,2,3],2)
collections.deque([1])+[1]
collections.deque([1])*1.5
collections.deque([1])*3
collections.deque([1]).index(5)
collections.deque([1])[3]
collections.deque([1])["a"]
collections.deque().pop()
collections.deque().popleft()
collections.deque([1]).remove(5)
collections.deque([1,2],2).insert(0,1)
collections.deque([1,2,3]).__reduce__()[:3]
collections.deque([1,2],3).__reduce__()[:3]
collections.deque([1,2]) < collections.deque([1,3])
collections.deque([1,2]) < [1]
hash(collections.deque())
collections.defaultdict(5)
collections.defaultdict(list,[],[])
collections.defaultdict(list,a=1)
collections.defaultdict(None)[5]
collections.defaultdict(list,{1:2})|{3:4}
{3:4}|collections.defaultdict(list,{1:2})
collections.defaultdict(list,{1:2}).copy()
collections.defaultdict(list,{1:2}).__reduce__()[:4]
functools.reduce(1,2)
functools.reduce(lambda a,b:a,[])
functools.partial()
functools.partial(5)
functools.partial(int,functools.Placeholder)
functools.partial(int,a=functools.Placeholder)
functools.partial(print,functools.Placeholder,1)()
functools.partial(functools.partial(max,functools.Placeholder,1),2,3)
functools.partial(int,base=2)
functools.Placeholder
functools.cmp_to_key(lambda a,b:a-b)(1)<functools.cmp_to_key(lambda a,b:a-b)(2)
functools.cmp_to_key(lambda a,b:a-b)(1)<5
functools.cmp_to_key()
sorted([3,1,2],key=functools.cmp_to_key(lambda a,b:b-a))
functools._lru_cache_wrapper(5,1,False,tuple)
functools._lru_cache_wrapper(len,'a',False,tuple)
operator.itemgetter()
operator.itemgetter(1)
operator.itemgetter(1,2)
operator.itemgetter(1)(5)
operator.itemgetter(1)()
operator.itemgetter(a=1)
operator.attrgetter(5)
operator.attrgetter('a.b','c')
operator.attrgetter('a')(5)
operator.attrgetter('a','b').__reduce__()
operator.methodcaller()
operator.methodcaller(5)
operator.methodcaller('foo',1,a=2)
operator.methodcaller('upper')('a')
operator.methodcaller('upper').__reduce__()
operator.length_hint(5,-1)
operator.length_hint([],"a")
operator.concat(5,6)
operator.indexOf([1],5)
operator.countOf(5,5)
operator.add(1,"a")
operator.add(1)
operator._compare_digest("a","é")
operator._compare_digest("a",b"a")
operator._compare_digest(b"a",bytearray(b"a"))
operator.abs("a")
operator.call(int,"5",base=8)
itertools.count("a")
itertools.count(5)
itertools.count(5,2)
itertools.count(1.5)
itertools.repeat(5,2)
itertools.repeat(5)
itertools.repeat(5,"a")
itertools.repeat(5).__length_hint__()
itertools.islice([1],-1)
itertools.islice([1],1,-1)
itertools.islice([1],1,1,0)
itertools.islice([1])
itertools.islice([1],1,x=1)
itertools.batched([],0)
list(itertools.batched([1,2,3],2))
list(itertools.batched([1,2,3],2,strict=True))
itertools.permutations([],"a")
itertools.permutations([],-1)
itertools.combinations([],-1)
itertools.combinations([])
itertools.product([],repeat=-1)
itertools.product([],x=1)
itertools.zip_longest(x=1)
itertools.tee([],-1)
itertools.cycle()
itertools.cycle([],x=1)
itertools.groupby(1)
itertools.accumulate(1)
itertools.chain.from_iterable(1)
itertools.starmap(1)
list(itertools.starmap(pow,[(1,2),5]))
[(k,list(g)) for k,g in itertools.groupby("aabbc")]
list(itertools.pairwise([1,2,3]))
list(itertools.accumulate([1,2,3],initial=5))
list(itertools.product("ab",repeat=2))
list(itertools.combinations_with_replacement("abc",2))
list(itertools.zip_longest([1,2],[3],fillvalue=0))
list(map(list,itertools.tee([1,2,3])))
list(itertools.compress("abc",[1,0,1]))
sum(1 for _ in itertools.permutations(range(6)))
'''.strip().splitlines():
    show(line)
