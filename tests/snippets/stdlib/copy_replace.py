# copy.replace() of what has native fields.
import copy
import os
import time
import types

print(copy.replace(types.SimpleNamespace(a=1, b=2), a=3))
print(copy.replace(time.localtime(0), tm_year=5).tm_year)
try:
    copy.replace(time.localtime(0), nothing=5)
except TypeError as error:
    print(error)
try:
    types.SimpleNamespace(a=1).__replace__(1)
except TypeError as error:
    print(error)
try:
    copy.replace(os.stat("/"), st_mode=1)
except TypeError as error:
    print(error)
