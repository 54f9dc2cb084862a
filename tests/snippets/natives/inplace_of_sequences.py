"""Native sequences come after the number methods of the other operand, in place too; % of str is no sequence operation."""
from collections import UserString
class A:
    def __rmod__(self,o): return 'R'
    def __radd__(self,o): return 'RA'
    def __iter__(self): return iter('ab')
    def __str__(self): return 'A'
print('x%s' % A())
class B(UserString):
    def __rmod__(self, other): return 'RB'
print('x%s' % B('t'))
l=[1]
l+=A()
print(l)
import array, collections
b=bytearray(b'x')
try:
    b+=A(); print(b)
except Exception as e: print(e)
d=collections.deque([1]); d+=A(); print(d)
a=array.array('i',[1]); 
try:
    a+=A(); print(a)
except Exception as e: print(e)
t=(1,); t+=A(); print(t)
class M:
    def __rmul__(self,o): return 'RM'
    def __index__(self): return 2
l=[1]; l*=M(); print(l)
