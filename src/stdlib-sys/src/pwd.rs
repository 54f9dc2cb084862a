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
    "pwd.struct_passwd: A user, as getpw*() return it.\n\nA named tuple of\n  (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell).",
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

/// No name of a user or a group is longer.
const LONGEST_NAME: usize = 1 << 16;

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

/// `look_up` by a name. (Libraries behind the database may copy names to their stack, or end the process.)
pub(crate) fn look_up_name<T>(
    name: &CStr,
    call: impl FnMut(*mut T, *mut libc::c_char, usize, *mut *mut T) -> i32,
    found: impl FnOnce(&T) -> R,
) -> R<Option<Value>> {
    if name.count_bytes() > LONGEST_NAME { Ok(None) } else { look_up(call, found) }
}

pub struct Pwd;

/// The users of the system.
///
/// A user is a named tuple of pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos,
/// pw_dir, pw_shell, which <pwd.h> explains. pw_uid and pw_gid are ints, the
/// others strings. Asking for a user that does not exist raises KeyError.
#[native_module(name = "pwd")]
impl Pwd {
    /// The user with that number.
    ///
    /// Raises KeyError if there is none.
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
    /// The user with that name.
    ///
    /// Raises KeyError if there is none.
    #[sig("(name, /)")]
    fn getpwnam(name: objects::Gc<Str>) -> R {
        let bytes = fs_bytes(name.value())?;
        let pointer = bytes.as_ptr() as usize;
        // SAFETY: as above.
        let found = look_up_name(
            &bytes,
            |data, buffer, size, result| unsafe { libc::getpwnam_r(pointer as *const _, data, buffer, size, result) },
            |data| unsafe { entry(data) },
        )?;
        match found {
            Some(found) => Ok(found),
            None => {
                let name = objects::repr(name.value())?.to_string_lossy();
                Err(key_error(new_str(&base::memory::formatted(format_args!("getpwnam(): name not found: {name}")))))
            }
        }
    }
    /// The list of all users, in any order.
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
