//! The module `grp`: the group database.

use crate::posix::stat::{id_number, identity};
use crate::pwd::{look_up, look_up_name};
use native_macros::native_module;
use objects::path::{fs_bytes, fs_decode};
use objects::structseq::StructSeqDef;
use objects::{Cast, Module, R, Str, Value, key_error, new_str};
use std::ffi::CStr;

pub static STRUCT_GROUP: StructSeqDef = StructSeqDef::new(
    "grp",
    "struct_group",
    "grp.struct_group: A group, as getgr*() return it.\n\nA named tuple of (gr_name,gr_passwd,gr_gid,gr_mem).",
    &["gr_name", "gr_passwd", "gr_gid", "gr_mem"],
    4,
);

static CURSOR: heap::Mutex<()> = heap::Mutex::new(());

unsafe fn text(pointer: *const libc::c_char) -> Value {
    if pointer.is_null() { Value::none() } else { fs_decode(CStr::from_ptr(pointer).to_bytes()) }
}
unsafe fn entry(data: &libc::group) -> R {
    let members = objects::new_list(&[]);
    let mut member = data.gr_mem;
    while !member.is_null() && !(*member).is_null() {
        objects::list::list_push(members, text(*member));
        member = member.add(1);
    }
    STRUCT_GROUP.make(&[text(data.gr_name), text(data.gr_passwd), identity(data.gr_gid), members.value()])
}

pub struct Grp;

/// The groups of the system.
///
/// A group is a tuple of four:
///
///   name   - its name
///   passwd - its password (encrypted), often empty
///   gid    - its number
///   mem    - the list of the names of its members
///
/// A user whose own group it is, by the module pwd, is a member too, though
/// usually not in that list.
#[native_module(name = "grp")]
impl Grp {
    /// The group with that number; KeyError if there is none.
    #[sig("(id)")]
    fn getgrgid(id: Value) -> R {
        let gid = id_number(id, "gid")?;
        // SAFETY: buffers are those of `look_up`.
        let found = look_up(
            |data, buffer, size, result| unsafe { libc::getgrgid_r(gid, data, buffer, size, result) },
            |data| unsafe { entry(data) },
        )?;
        found.ok_or_else(|| key_error(new_str(&format!("getgrgid(): gid not found: {gid}"))))
    }
    /// The group with that name; KeyError if there is none.
    #[sig("(name)")]
    fn getgrnam(name: objects::Gc<Str>) -> R {
        let bytes = fs_bytes(name.value())?;
        let pointer = bytes.as_ptr() as usize;
        // SAFETY: as above.
        let found = look_up_name(
            &bytes,
            |data, buffer, size, result| unsafe { libc::getgrnam_r(pointer as *const _, data, buffer, size, result) },
            |data| unsafe { entry(data) },
        )?;
        match found {
            Some(found) => Ok(found),
            None => {
                let name = objects::repr(name.value())?.to_string_lossy();
                Err(key_error(new_str(&base::memory::formatted(format_args!("getgrnam(): name not found: {name}")))))
            }
        }
    }
    /// The list of all groups, in any order.
    ///
    /// Names that begin with '+' or '-' are instructions for YP/NIS, and not for
    /// getgrnam or getgrgid.
    fn getgrall() -> R {
        let _cursor = CURSOR.lock();
        let list = objects::new_list(&[]);
        // SAFETY: the cursor is locked; entries are copied before the next call.
        unsafe {
            libc::setgrent();
            loop {
                let data = libc::getgrent();
                if data.is_null() {
                    break;
                }
                objects::list::list_push(list, entry(&*data)?);
            }
            libc::endgrent();
        }
        Ok(list.value())
    }
    fn __exec__(module: Value) -> R<()> {
        match module.cast::<Module>() {
            Some(module) => module.set("struct_group", STRUCT_GROUP.class()?.value()),
            None => Ok(()),
        }
    }
}
