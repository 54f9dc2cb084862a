"""Extended (`long double`) floats as bytes and as Python's floats."""
import math
import sys as _sys

from .memory import _MASK

def _long_double(data):
    """The value of an extended float; where there are none, of a quadruple one."""
    bits = int.from_bytes(data, 'little')
    if _sys.implementation._multiarch.startswith('x86_64'):
        mantissa, exponent, one = bits & _MASK, bits >> 64 & 0x7fff, 63
    else:
        mantissa, exponent, one = bits & (1 << 112) - 1 | 1 << 112, bits >> 112 & 0x7fff, 112
        if exponent == 0:
            return 0.0
    sign = -1.0 if bits >> (79 if one == 63 else 127) & 1 else 1.0
    if exponent == 0x7fff:
        return sign * (float('inf') if not mantissa << 1 & _MASK else float('nan'))
    return sign * math.ldexp(float(mantissa), exponent - 16383 - one)


def _long_double_bytes(number):
    sign = 1 if math.copysign(1.0, number) < 0 else 0
    extended = _sys.implementation._multiarch.startswith('x86_64')
    one = 63 if extended else 112
    if number != number or number in (math.inf, -math.inf):
        mantissa, exponent = (1 << one) | ((1 << one - 1) if number != number else 0), 0x7fff
    elif number == 0:
        mantissa = exponent = 0
    else:
        fraction, exponent = math.frexp(abs(number))
        mantissa, exponent = int(math.ldexp(fraction, 53)) << one + 1 - 53, exponent - 1 + 16383
    if not extended:
        mantissa &= (1 << 112) - 1
    bits = mantissa | exponent << (64 if extended else 112) | sign << (79 if extended else 127)
    return bits.to_bytes(16, 'little')
