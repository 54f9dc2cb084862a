import _json, json
from json.encoder import c_make_encoder
import re

class M: pass
def default(o): raise TypeError('nope')
def enc(**k):
    d=dict(markers={},default=default,encoder=_json.encode_basestring_ascii,indent=None,key_separator=': ',item_separator=', ',sort_keys=False,skipkeys=False,allow_nan=True); d.update(k)
    return c_make_encoder(*d.values())
a=[];a.append(a)
dd={};dd['x']=dd

def show(text):
    try:
        result = repr(eval(text))[:200]
    except BaseException as error:
        result = f"{type(error).__name__}: {error} {' '.join(getattr(error, '__notes__', []))}".rstrip()
    print(text, "->", re.sub("0x[0-9a-f]+", "0x", result))


for line in r'''
enc()({'a':1,'b':[1.5,None,True,"é"]},0)
enc(indent='  ')({'a':1,'b':[1.5,None,True,"é",[],{}]},0)
enc(markers=None)([1],0)
enc(markers=5)
enc()(M(),0)
enc()(a,0)
enc()(dd,0)
enc()({(1,2):1},0)
enc(skipkeys=True)({(1,2):1,'b':2},0)
enc()({1:1,1.5:2,True:3,None:4},0)
enc(allow_nan=False)(float('inf'),0)
enc(allow_nan=False)([float('nan')],0)
enc()(float('-inf'),0)
enc(sort_keys=True)({'b':1,'a':2},0)
enc(sort_keys=True)({1:1,'a':2},0)
enc(encoder=lambda s:5)("a",0)
enc(encoder=lambda s:'<'+s+'>')(["a",{"k":1}],0)
enc()([1,M()],0)
enc()({'k':[M()]},0)
enc()(10**30,0)
json.dumps(10**5000)
json.loads('[1,]')
json.loads('{"a":1,}')
json.loads('{"a" 1}')
json.loads('{a}')
json.loads('[1 2]')
json.loads('')
json.loads('nul')
json.loads('-')
json.loads('01')
json.loads('1.')
json.loads('1e')
json.loads('"\\ud83d\\ude00"')
json.loads('[')
json.loads('{')
json.loads('{"a"')
json.loads('{"a":')
json.loads('{"a":1')
json.loads('[1')
json.loads('[1,')
json.loads('NaN')
json.loads('-Infinity')
json.loads('1'*5000)
json.dumps(M())
json.dumps([M()])
json.dumps({'a':M()})
json.dumps({1j:1})
enc()
type(enc())
_json.make_scanner(json.JSONDecoder())
_json.make_scanner(json.JSONDecoder())("[1]",-1)
_json.make_scanner(json.JSONDecoder())("[1]",5)
_json.make_scanner(json.JSONDecoder())(5,5)
_json.make_scanner(json.JSONDecoder())(string="[1]",idx=0)
'''.strip().splitlines():
    show(line)
