//! `_locale`: the C library's locale, and its message catalogues.

use objects::dict::dict_set_str;
use objects::path::{fs_bytes, fs_decode, fs_encode};
use objects::{
    Cast, Class, Gc, GcVec, Layout, Module, R, Raised, Slot, Str, Value, exc, intern, interned, native_module, new_dict, new_int,
    new_list, new_str, new_tuple, os_error, value_error,
};
use std::ffi::{CStr, CString, c_char};

pub struct Locale;

/// The exception `locale.Error`, once made.
static ERROR: Slot = Slot::empty();
/// The C library's locale is one for the process, and its answers are overwritten by later ones.
static LOCALE: heap::Mutex<()> = heap::Mutex::new(());

fn locale_error(text: &str) -> Raised {
    match ERROR.get().and_then(|class| class.cast::<Class>()) {
        Some(class) => objects::new_error(class, text),
        None => value_error!("{text}"),
    }
}

/// Bytes of the C library that end with NUL.
/// # Safety
/// `pointer` is null or such a string.
unsafe fn c_bytes<'a>(pointer: *const c_char) -> &'a [u8] {
    if pointer.is_null() { &[] } else { CStr::from_ptr(pointer).to_bytes() }
}
fn c_text(text: Gc<Str>) -> R<CString> {
    CString::new(fs_encode(text)?).map_err(|_| value_error!("embedded null character"))
}
/// The numbers of a grouping, as far as they matter.
fn grouping(bytes: &[u8]) -> Value {
    let mut numbers: GcVec = GcVec::new();
    for byte in bytes {
        numbers.push(new_int((*byte).into()));
        if *byte == c_char::MAX as u8 {
            break;
        }
    }
    if !numbers.is_empty() && bytes.last() != Some(&(c_char::MAX as u8)) {
        numbers.push(Value::small(0));
    }
    new_list(&numbers).value()
}

const CATEGORIES: &[(&str, i32)] = &[
    ("LC_CTYPE", libc::LC_CTYPE),
    ("LC_NUMERIC", libc::LC_NUMERIC),
    ("LC_TIME", libc::LC_TIME),
    ("LC_COLLATE", libc::LC_COLLATE),
    ("LC_MONETARY", libc::LC_MONETARY),
    ("LC_MESSAGES", libc::LC_MESSAGES),
    ("LC_ALL", libc::LC_ALL),
    ("CHAR_MAX", c_char::MAX as i32),
];

macro_rules! items {
    ($($name:ident)*) => { &[$((stringify!($name), libc::$name)),*] };
}
const ITEMS: &[(&str, libc::nl_item)] = items!(
    DAY_1 DAY_2 DAY_3 DAY_4 DAY_5 DAY_6 DAY_7 ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7
    MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10 MON_11 MON_12
    ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12
    RADIXCHAR THOUSEP YESEXPR NOEXPR CRNCYSTR D_FMT D_T_FMT T_FMT AM_STR PM_STR CODESET T_FMT_AMPM ERA ERA_D_FMT ERA_D_T_FMT ERA_T_FMT ALT_DIGITS
);
const DATE_FMT: libc::nl_item = 131180;

unsafe extern "C" {
    fn strcoll(a: *const c_char, b: *const c_char) -> i32;
    fn strxfrm(target: *mut c_char, source: *const c_char, size: usize) -> usize;
    fn gettext(message: *const c_char) -> *const c_char;
    fn dgettext(domain: *const c_char, message: *const c_char) -> *const c_char;
    fn dcgettext(domain: *const c_char, message: *const c_char, category: i32) -> *const c_char;
    fn textdomain(domain: *const c_char) -> *const c_char;
    fn bindtextdomain(domain: *const c_char, directory: *const c_char) -> *const c_char;
    fn bind_textdomain_codeset(domain: *const c_char, codeset: *const c_char) -> *const c_char;
}

/// Support for POSIX locales.
#[native_module(name = "_locale")]
impl Locale {
    /// Activates/queries locale processing.
    #[sig("(category, locale=None, /)")]
    fn setlocale(category: i32, locale: Option<&str>) -> R {
        let wanted = locale.map(CString::new).transpose().map_err(|_| value_error!("embedded null character"))?;
        if !CATEGORIES.iter().any(|(name, number)| *number == category && *name != "CHAR_MAX") {
            return Err(locale_error(if locale.is_some() { "unsupported locale setting" } else { "locale query failed" }));
        }
        let _guard = LOCALE.lock();
        // SAFETY: a string or null; the answer is copied under the lock.
        let answer = unsafe { libc::setlocale(category, wanted.as_deref().map_or(std::ptr::null(), CStr::as_ptr)) };
        if answer.is_null() {
            return Err(locale_error(if locale.is_some() { "unsupported locale setting" } else { "locale query failed" }));
        }
        // SAFETY: as above.
        Ok(fs_decode(unsafe { c_bytes(answer) }))
    }
    /// How the locale writes numbers and amounts of money.
    fn localeconv() -> R {
        let _guard = LOCALE.lock();
        let result = new_dict();
        // SAFETY: a structure of the C library, read under the lock.
        unsafe {
            let it = &*libc::localeconv();
            let text = |name: &str, value: *const c_char| dict_set_str(result, intern(name), fs_decode(c_bytes(value)));
            let number = |name: &str, value: c_char| dict_set_str(result, intern(name), new_int(value.into()));
            text("decimal_point", it.decimal_point)?;
            text("thousands_sep", it.thousands_sep)?;
            dict_set_str(result, intern("grouping"), grouping(c_bytes(it.grouping)))?;
            text("int_curr_symbol", it.int_curr_symbol)?;
            text("currency_symbol", it.currency_symbol)?;
            text("mon_decimal_point", it.mon_decimal_point)?;
            text("mon_thousands_sep", it.mon_thousands_sep)?;
            dict_set_str(result, intern("mon_grouping"), grouping(c_bytes(it.mon_grouping)))?;
            text("positive_sign", it.positive_sign)?;
            text("negative_sign", it.negative_sign)?;
            number("int_frac_digits", it.int_frac_digits)?;
            number("frac_digits", it.frac_digits)?;
            number("p_cs_precedes", it.p_cs_precedes)?;
            number("p_sep_by_space", it.p_sep_by_space)?;
            number("n_cs_precedes", it.n_cs_precedes)?;
            number("n_sep_by_space", it.n_sep_by_space)?;
            number("p_sign_posn", it.p_sign_posn)?;
            number("n_sign_posn", it.n_sign_posn)?;
        }
        Ok(result.value())
    }
    /// Compare two strings as the locale sorts.
    fn strcoll(os1: Gc<Str>, os2: Gc<Str>) -> R<i32> {
        let (a, b) = (c_text(os1)?, c_text(os2)?);
        // SAFETY: strings that end with NUL.
        Ok(unsafe { strcoll(a.as_ptr(), b.as_ptr()) })
    }
    /// A string that sorts bytewise as the argument sorts in the locale.
    fn strxfrm(string: Gc<Str>) -> R {
        let text = c_text(string)?;
        // SAFETY: asks for the size first, then fills a buffer of that size.
        unsafe {
            let size = strxfrm(std::ptr::null_mut(), text.as_ptr(), 0);
            let mut buffer = vec![0u8; size + 1];
            strxfrm(buffer.as_mut_ptr().cast(), text.as_ptr(), buffer.len());
            buffer.truncate(size);
            Ok(fs_decode(&buffer))
        }
    }
    /// What the locale says on key, a string.
    fn nl_langinfo(key: i32) -> R {
        if key != DATE_FMT && !ITEMS.iter().any(|(_, number)| *number == key) {
            return Err(value_error!("unsupported langinfo constant"));
        }
        let _guard = LOCALE.lock();
        // SAFETY: a known key; the answer is copied under the lock.
        Ok(fs_decode(unsafe { c_bytes(libc::nl_langinfo(key)) }))
    }
    /// The encoding of the locale.
    fn getencoding() -> &'static str {
        "UTF-8"
    }
    /// gettext(msg) -> string
    /// The translation of msg.
    fn gettext(msg: Value) -> R {
        let message = fs_bytes(msg)?;
        // SAFETY: strings that end with NUL; answers are the argument or live as long as the process.
        Ok(fs_decode(unsafe { c_bytes(gettext(message.as_ptr())) }))
    }
    /// dgettext(domain, msg) -> string
    /// The translation of msg in a domain.
    fn dgettext(domain: Option<&str>, msg: Value) -> R {
        let (domain, message) = (optional(domain)?, fs_bytes(msg)?);
        // SAFETY: as above.
        Ok(fs_decode(unsafe { c_bytes(dgettext(pointer(&domain), message.as_ptr())) }))
    }
    /// The translation of msg in a domain and category.
    fn dcgettext(domain: Option<&str>, msg: Value, category: i32) -> R {
        let (domain, message) = (optional(domain)?, fs_bytes(msg)?);
        // SAFETY: as above.
        Ok(fs_decode(unsafe { c_bytes(dcgettext(pointer(&domain), message.as_ptr(), category)) }))
    }
    /// Set the domain of translations and return it.
    #[sig("(domain, /)")]
    fn textdomain(domain: Option<&str>) -> R {
        let domain = optional(domain)?;
        let _guard = LOCALE.lock();
        // SAFETY: as above.
        let answer = unsafe { textdomain(pointer(&domain)) };
        if answer.is_null() {
            return Err(objects::last_os_error(None));
        }
        // SAFETY: as above.
        Ok(fs_decode(unsafe { c_bytes(answer) }))
    }
    /// Say in which directory a domain's translations are.
    #[sig("(domain, dir, /)")]
    fn bindtextdomain(domain: &str, dir: Option<Value>) -> R {
        if domain.is_empty() {
            return Err(locale_error("domain must be a non-empty string"));
        }
        let domain = CString::new(domain).map_err(|_| value_error!("embedded null character"))?;
        let directory = dir.filter(|dir| !dir.is_none()).map(fs_bytes).transpose()?;
        let _guard = LOCALE.lock();
        // SAFETY: as above.
        let answer = unsafe { bindtextdomain(domain.as_ptr(), directory.as_deref().map_or(std::ptr::null(), CStr::as_ptr)) };
        if answer.is_null() {
            return Err(os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(0), None, None));
        }
        // SAFETY: as above.
        Ok(fs_decode(unsafe { c_bytes(answer) }))
    }
    /// Say in which encoding a domain's translations come.
    #[sig("(domain, codeset, /)")]
    fn bind_textdomain_codeset(domain: &str, codeset: Option<&str>) -> R {
        let domain = CString::new(domain).map_err(|_| value_error!("embedded null character"))?;
        let codeset = optional(codeset)?;
        let _guard = LOCALE.lock();
        // SAFETY: as above.
        let answer = unsafe { bind_textdomain_codeset(domain.as_ptr(), pointer(&codeset)) };
        // SAFETY: as above.
        Ok(if answer.is_null() { Value::none() } else { fs_decode(unsafe { c_bytes(answer) }) })
    }

    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        for (name, number) in CATEGORIES.iter().chain(ITEMS) {
            module.set(name, new_int((*number).into()))?;
        }
        module.set("_DATE_FMT", new_int(DATE_FMT.into()))?;
        if ERROR.get().is_none() {
            follow_environment();
            let namespace = new_dict();
            dict_set_str(namespace, interned!("__module__"), new_str("locale"))?;
            let bases = new_tuple(&[exc::EXCEPTION.get().value()]);
            let class = objects::class_new::type_new(Class::class(), intern("Error"), bases, namespace, &[])?;
            objects::roots::keep_forever(class.value());
            ERROR.get_or_set(class.value());
        }
        module.set("Error", ERROR.get().unwrap_or(Value::none()))
    }
}

fn optional(text: Option<&str>) -> R<Option<CString>> {
    text.map(CString::new).transpose().map_err(|_| value_error!("embedded null character"))
}
fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_deref().map_or(std::ptr::null(), CStr::as_ptr)
}

/// The locale of characters is the environment's from the start, as C programs begin; no other one than of UTF-8, since text is UTF-8 here.
fn follow_environment() {
    // SAFETY: static text; the answer is read at once.
    unsafe {
        if !libc::setlocale(libc::LC_CTYPE, c"".as_ptr()).is_null()
            && std::ffi::CStr::from_ptr(libc::nl_langinfo(libc::CODESET)) != c"UTF-8"
        {
            libc::setlocale(libc::LC_CTYPE, c"C".as_ptr());
        }
    }
}
