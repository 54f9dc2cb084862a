//! What the cmath functions give when a part is infinite or not a number.

/// Tables of 7 rows (real part) by 7 columns (imaginary part): -inf, negative, -0, 0, positive, inf, nan. An entry is
/// real and imaginary result; capital letters are negative. z 0, o 1, q pi/4, h pi/2, t 3pi/4, p pi, i inf, n nan;
/// "EE" is a domain error, ".." is for finite arguments, which need no table.
pub(super) const ACOS: &str = "ti pi pi pI pI tI ni hi .. .. .. .. hI nn hi .. .. .. .. hI hn hi .. .. .. .. hI hn hi .. .. .. .. hI nn qi zi zi zI zI qI ni ni nn nn nn nn nI nn";
pub(super) const ACOSH: &str = "iT iP iP ip ip it in iH .. .. .. .. ih nn iH .. .. .. .. ih nh iH .. .. .. .. ih nh iH .. .. .. .. ih nn iQ iZ iZ iz iz iq in in nn nn nn nn in nn";
pub(super) const ASINH: &str = "IQ IZ IZ Iz Iz Iq In IH .. .. .. .. Ih nn IH .. .. .. .. Ih nn iH .. .. .. .. ih nn iH .. .. .. .. ih nn iQ iZ iZ iz iz iq in in nn nZ nz nn in nn";
pub(super) const ATANH: &str = "ZH ZH ZH Zh Zh Zh Zn ZH .. .. .. .. Zh nn ZH .. .. .. .. Zh Zn zH .. .. .. .. zh zn zH .. .. .. .. zh nn zH zH zH zh zh zh zn zH nn nn nn nn zh nn";
pub(super) const COSH: &str = "EE Ii iz iZ II EE in EE .. .. .. .. EE nn EE .. .. .. .. EE nz EE .. .. .. .. EE nz EE .. .. .. .. EE nn EE II iZ iz Ii EE in nn nn nz nz nn nn nn";
pub(super) const SINH: &str = "EE iI IZ Iz ii EE in EE .. .. .. .. EE nn EE .. .. .. .. EE zn EE .. .. .. .. EE zn EE .. .. .. .. EE nn EE II iZ iz Ii EE in nn nn nZ nz nn nn nn";
pub(super) const TANH: &str = "Oz Oz OZ Oz OZ Oz Oz EE .. .. .. .. EE nn EE .. .. .. .. EE Zn EE .. .. .. .. EE zn EE .. .. .. .. EE nn oz oz oZ oz oZ oz oz nn nn nZ nz nn nn nn";
pub(super) const EXP: &str = "zz ZZ zZ zz Zz zz zz EE .. .. .. .. EE nn EE .. .. .. .. EE nn EE .. .. .. .. EE nn EE .. .. .. .. EE nn EE II iZ iz Ii EE in nn nn nZ nz nn nn nn";
pub(super) const LOG: &str = "iT iP iP ip ip it in iH .. .. .. .. ih nn iH .. .. .. .. ih nn iH .. .. .. .. ih nn iH .. .. .. .. ih nn iQ iZ iZ iz iz iq in in nn nn nn nn in nn";
pub(super) const SQRT: &str = "iI zI zI zi zi ii ni iI .. .. .. .. ii nn iI .. .. .. .. ii nn iI .. .. .. .. ii nn iI .. .. .. .. ii nn iI iZ iZ iz iz ii in iI nn nn nn nn ii nn";
pub(super) const RECT: &str = "EE ii Iz IZ iI EE in EE .. .. .. .. EE nn zz .. .. .. .. zz zz zz .. .. .. .. zz zz EE .. .. .. .. EE nn EE II iZ iz Ii EE in nn nn nz nz nn nn nn";

/// The table entry for `z`: `None` for finite arguments, `Some(None)` for a domain error.
pub(super) fn look_up(table: &str, z: super::Complex) -> Option<Option<super::Complex>> {
    if z.0.is_finite() && z.1.is_finite() {
        return None;
    }
    let at = 3 * (7 * class_of(z.0) + class_of(z.1));
    let entry = table.as_bytes().get(at..at + 2)?;
    if entry == b"EE" {
        return Some(None);
    }
    Some(Some((value(entry[0]), value(entry[1]))))
}

fn class_of(x: f64) -> usize {
    if x.is_nan() {
        return 6;
    }
    let outward = if x.is_infinite() {
        3
    } else if x != 0.0 {
        2
    } else {
        1
    };
    if x.is_sign_negative() { 3 - outward } else { 2 + outward }
}

fn value(code: u8) -> f64 {
    use std::f64::consts::PI;
    let size = match code.to_ascii_lowercase() {
        b'z' => 0.0,
        b'o' => 1.0,
        b'q' => PI / 4.0,
        b'h' => PI / 2.0,
        b't' => 3.0 * PI / 4.0,
        b'p' => PI,
        b'i' => f64::INFINITY,
        _ => return f64::NAN,
    };
    if code.is_ascii_uppercase() { -size } else { size }
}
