# Keys from passwords: PBKDF2 and scrypt.
import hashlib
print(hashlib.pbkdf2_hmac('sha256',b'pw',b'salt',1000).hex(), hashlib.pbkdf2_hmac('SHA512',b'pw'*100,b'salt',10,100).hex())
print(hashlib.scrypt(b'pw',salt=b's',n=16384,r=8,p=1).hex()[:40])
for f in (lambda: hashlib.pbkdf2_hmac('sha256',b'',b'',0), lambda: hashlib.scrypt(b'',salt=b'',n=3,r=1,p=1), lambda: hashlib.pbkdf2_hmac('md5',b'a',b'b',1,0)):
    try: f()
    except Exception as e: print(type(e).__name__, e)
