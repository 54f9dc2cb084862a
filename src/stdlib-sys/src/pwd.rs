//! The module `pwd`: the user database.

use crate::posix::stat::{id_number, identity};
use native_macros::native_module;
use objects::path::{fs_bytes, fs_decode};
use objects::structseq::StructSeqDef;
use objects::{Cast, Module, R, Str, Value, exc, key_error, new_str, os_error};
use std::ffi::CStr;

pub static STRUCT_PASSWD: StructSeqDef = StructSeqDef::new(
    "pwd",
    "struct_passwd",
    "pwd.struct_passwd: Results from getpw*() routines.\n\nThis object may be accessed either as a tuple of\n  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell)\nor via the object attributes as named in the above tuple.",
    &["pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell"],
    7,
);

/// The database's own cursor is shared by the whole process.
static CURSOR: heap::Mutex<()> = heap::Mutex::new(());

unsafe fn text(pointer: *const libc::c_char) -> Value {
    if pointer.is_null() { Value::none() } else { fs_decode(CStr::from_ptr(pointer).to_bytes()) }
}
unsafe fn entry(data: &libc::passwd) -> R {
    STRUCT_PASSWD.make(&[
        text(data.pw_name),
        text(data.pw_passwd),
        identity(data.pw_uid),
        identity(data.pw_gid),
        text(data.pw_gecos),
        text(data.pw_dir),
        text(data.pw_shell),
    ])
}

/// Calls a function of the `_r` kind with a buffer that is large enough.
pub(crate) fn look_up<T>(
    mut call: impl FnMut(*mut T, *mut libc::c_char, usize, *mut *mut T) -> i32,
    found: impl FnOnce(&T) -> R,
) -> R<Option<Value>> {
    let mut buffer: Vec<libc::c_char> = vec![0; 1024];
    loop {
        // SAFETY: plain C structures, valid when zero.
        let mut data: T = unsafe { std::mem::zeroed() };
        let mut result = std::ptr::null_mut();
        let errno = heap::blocking(|| call(&mut data, buffer.as_mut_ptr(), buffer.len(), &mut result));
        match errno {
            0 if result.is_null() => return Ok(None),
            0 => return found(&data).map(Some),
            libc::ERANGE if buffer.len() < 1 << 24 => buffer.resize(buffer.len() * 2, 0),
            libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
            errno => return Err(os_error(errno, None, None)),
        }
    }
}

pub struct Pwd;

/// This module provides access to the Unix password database.
/// It is available on all Unix versions.
///
/// Password database entries are reported as 7-tuples containing the following
/// items from the password database (see `<pwd.h>'), in order:
/// pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell.
/// The uid and gid items are integers, all others are strings. An
/// exception is raised if the entry asked for cannot be found.
#[native_module(name = "pwd")]
impl Pwd {
    /// Return the password database entry for the given numeric user ID.
    ///
    /// See `help(pwd)` for more on password database entries.
    #[sig("(uidobj, /)")]
    fn getpwuid(uidobj: Value) -> R {
        let uid = match id_number(uidobj, "uid") {
            Ok(uid) => uid,
            Err(raised) if raised.is(&exc::OVERFLOW_ERROR) => {
                raised.clear();
                return Err(key_error(new_str("getpwuid(): uid not found")));
            }
            Err(raised) => return Err(raised),
        };
        // SAFETY: buffers are those of `look_up`.
        let found = look_up(
            |data, buffer, size, result| unsafe { libc::getpwuid_r(uid, data, buffer, size, result) },
            |data| unsafe { entry(data) },
        )?;
        found.ok_or_else(|| key_error(new_str(&format!("getpwuid(): uid not found: {}", uid as i64))))
    }
    /// Return the password database entry for the given user name.
    ///
    /// See `help(pwd)` for more on password database entries.
    #[sig("(name, /)")]
    fn getpwnam(name: objects::Gc<Str>) -> R {
        let bytes = fs_bytes(name.value())?;
        let pointer = bytes.as_ptr() as usize;
        // SAFETY: as above.
        let found = look_up(
            |data, buffer, size, result| unsafe { libc::getpwnam_r(pointer as *const _, data, buffer, size, result) },
            |data| unsafe { entry(data) },
        )?;
        match found {
            Some(found) => Ok(found),
            None => Err(key_error(new_str(&format!(
                "getpwnam(): name not found: {}",
                objects::repr(name.value())?.to_string_lossy()
            )))),
        }
    }
    /// Return a list of all available password database entries, in arbitrary order.
    ///
    /// See help(pwd) for more on password database entries.
    fn getpwall() -> R {
        let _cursor = CURSOR.lock();
        let list = objects::new_list(&[]);
        // SAFETY: the cursor is locked; entries are copied before the next call.
        unsafe {
            libc::setpwent();
            loop {
                let data = libc::getpwent();
                if data.is_null() {
                    break;
                }
                objects::list::list_push(list, entry(&*data)?);
            }
            libc::endpwent();
        }
        Ok(list.value())
    }
    fn __exec__(module: Value) -> R<()> {
        match module.cast::<Module>() {
            Some(module) => module.set("struct_passwd", STRUCT_PASSWD.class()?.value()),
            None => Ok(()),
        }
    }
}
