"""Operations on tricky operands in changing contexts: results and flags."""
from decimal import *
state = 20141006
def rnd(n):
    global state
    state=(state*6364136223846793005+1442695040888963407)&((1<<64)-1)
    return (state>>33)%n
def pick(*a): return a[rnd(len(a))]
def digits(n):
    k=rnd(6)
    if k==0: return '9'*n
    if k==1: return '1'+'0'*(n-1)
    if k==2: return '5'+'0'*(n-1)
    if k==3: return str(1+rnd(9))+'0'*max(0,n-2)+(str(rnd(10)) if n>1 else '')
    return ''.join(str(rnd(10)) for _ in range(n))
def number():
    k=rnd(40)
    if k==0: return pick('NaN','sNaN','-NaN12','sNaN123456789','Infinity','-Infinity','NaN'+digits(40))
    if k==1: return pick('0','-0','0E+5','-0E-7','0.00','0E+400','0E-400')
    n=pick(1,1,2,3,5,8,9,10,17,18,19,20,27,28,29,37,38,39,40,57,60,90,200)
    e=pick(0,0,-1,-2,-n,-n+1,-n//2,1,2,rnd(60)-30,rnd(900)-450, rnd(20)-10)
    return pick('','-','')+digits(n)+'E'+str(e)
def small():
    k=rnd(8)
    if k==0: return number()
    return pick('','-','')+digits(pick(1,2,3,5,10,20))+'E'+str(rnd(20)-15)
rounds=[ROUND_UP,ROUND_DOWN,ROUND_CEILING,ROUND_FLOOR,ROUND_HALF_UP,ROUND_HALF_DOWN,ROUND_HALF_EVEN,ROUND_05UP]
def context():
    c=Context(prec=pick(1,2,3,5,9,16,28,28,28,34,38,50,100),rounding=pick(*rounds),
      Emax=pick(10,96,384,999999,0,MAX_EMAX),Emin=pick(-10,-95,-383,-999999,0,MIN_EMIN),capitals=rnd(2),clamp=rnd(4)==0 and 1 or 0,traps=[],flags=[])
    return c
bins='add subtract multiply divide divide_int remainder remainder_near compare compare_signal compare_total compare_total_mag copy_sign logical_and logical_or logical_xor max max_mag min min_mag next_toward quantize rotate same_quantum scaleb shift divmod'.split()
uns='abs plus minus copy_abs copy_negate is_canonical is_finite is_infinite is_nan is_normal is_qnan is_signed is_snan is_subnormal is_zero logb logical_invert next_minus next_plus normalize number_class to_integral_value to_integral_exact to_integral to_sci_string to_eng_string create_decimal _apply sqrt'.split()
trans='exp ln log10'.split()
def flags(c): return ','.join(k.__name__ for k,v in c.flags.items() if v)
def show(f,*a):
    try: r=f(*a)
    except Exception as e: return type(e).__name__+':'+str(e)[:200]
    return repr(r)
D=Decimal
for i in range(700):
    c=context()
    k=rnd(100)
    setcontext(Context(traps=[],prec=200,Emax=MAX_EMAX,Emin=MIN_EMIN))
    k=rnd(70)
    if k<35:
        op=pick(*bins); a,b=D(number()),D(number())
        if op in('shift','rotate','scaleb') and rnd(3): b=D(rnd(60)-30)
        if op.startswith('logical') and rnd(4):
            a=D(''.join(pick('0','1') for _ in range(1+rnd(60)))); b=D(''.join(pick('0','1') for _ in range(1+rnd(60))))
        if op=='quantize' and rnd(3): b=D('1E'+str(rnd(40)-25))
        print(i,op,a,b,c,show(getattr(c,op),a,b),flags(c))
    elif k<50:
        op=pick(*uns); a=D(number())
        print(i,op,a,c,show(getattr(c,op),a),flags(c))
    elif k<55:
        a,b,d=D(number()),D(number()),D(number())
        print(i,'fma',a,b,d,c,show(c.fma,a,b,d),flags(c))
    elif k<60:
        a,b=D(number()),D(number())
        setcontext(c)
        for f in (D.__lt__,D.__le__,D.__eq__,D.__ne__,D.__gt__,D.__ge__): print(i,f.__name__,show(f,a,b),flags(c)); 
        if not a.is_snan() and not a.is_nan(): print(hash(a)==hash(a.normalize(Context(prec=999,Emax=MAX_EMAX,Emin=MIN_EMIN))), hash(a))
    elif k<65:
        a=D(number()); setcontext(c)
        fm=pick('','','*<','x^','0','=','>')+('' )
        spec=fm if fm!='0' else ''
        spec+=pick('','+',' ','-')+pick('','z')+pick('','','#')
        if not fm or fm=='0': spec+=pick('','0')
        spec+=pick('','12','40','3')+pick('','',',','_')+pick('','.0','.1','.3','.10','.30','.5_','._','.,')+pick('','e','E','f','F','g','G','%','n')
        print(i,'format',a,repr(spec),c,show(format,a,spec),flags(c))
    elif k<70:
        a=D(number()); setcontext(c)
        n=rnd(60)-30
        print(i,'misc',a,c,show(round,a,n),show(round,a) if a.is_nan() or a.is_infinite() or abs(a.adjusted())<3000 else '',show(int,a),show(float,a),show(a.as_tuple),show(a.as_integer_ratio),show(D.__floor__,a),show(D.__ceil__,a),flags(c))
    elif k<80:
        x=(rnd(1<<30)-(1<<29))*2.0**(rnd(200)-100)
        n=(rnd(1<<30)<<rnd(300))*pick(1,-1)
        setcontext(c)
        print(i,'conv',show(c.create_decimal_from_float,x),show(D.from_float,x),show(D,n),show(c.create_decimal,n),show(D(number()).__lt__,x),show(D(number()).__eq__,n),hash(D(n))==hash(n),hash(D(x))==hash(x),flags(c))
    elif k<90:
        op=pick(*trans); a=D(small())
        if c.prec>50 and rnd(2): c.prec=28
        c.Emax=min(c.Emax,999999); c.Emin=max(c.Emin,-999999)
        print(i,op,a,c,show(getattr(c,op),a),flags(c))
    else:
        a=D(small()); b=D(pick(str(rnd(50)-25),str(rnd(5)),small(),str(rnd(2000)-1000),'0.5'))
        c.Emax=min(c.Emax,999999); c.Emin=max(c.Emin,-999999)
        print(i,'power',a,b,c,show(c.power,a,b),flags(c))
        if rnd(4)==0:
            a,b,m=D(rnd(10000)-5000),D(rnd(1000)-20),D(rnd(1000)-20)
            print(i,'powmod',a,b,m,c,show(c.power,a,b,m),flags(c))
