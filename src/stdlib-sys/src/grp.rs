//! The module `grp`: the group database.

use crate::posix::stat::{id_number, identity};
use crate::pwd::look_up;
use native_macros::native_module;
use objects::path::{fs_bytes, fs_decode};
use objects::structseq::StructSeqDef;
use objects::{Cast, Module, R, Str, Value, key_error, new_str};
use std::ffi::CStr;

pub static STRUCT_GROUP: StructSeqDef = StructSeqDef::new(
    "grp",
    "struct_group",
    "grp.struct_group: Results from getgr*() routines.\n\nThis object may be accessed either as a tuple of\n  (gr_name,gr_passwd,gr_gid,gr_mem)\nor via the object attributes as named in the above tuple.\n",
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

/// Access to the Unix group database.
///
/// Group entries are reported as 4-tuples containing the following fields
/// from the group database, in order:
///
///   name   - name of the group
///   passwd - group password (encrypted); often empty
///   gid    - numeric ID of the group
///   mem    - list of members
///
/// The gid is an integer, name and password are strings.  (Note that most
/// users are not explicitly listed as members of the groups they are in
/// according to the password database.  Check both databases to get
/// complete membership information.)
#[native_module(name = "grp")]
impl Grp {
    /// Return the group database entry for the given numeric group ID.
    ///
    /// If id is not valid, raise KeyError.
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
    /// Return the group database entry for the given group name.
    ///
    /// If name is not valid, raise KeyError.
    #[sig("(name)")]
    fn getgrnam(name: objects::Gc<Str>) -> R {
        let bytes = fs_bytes(name.value())?;
        let pointer = bytes.as_ptr() as usize;
        // SAFETY: as above.
        let found = look_up(
            |data, buffer, size, result| unsafe { libc::getgrnam_r(pointer as *const _, data, buffer, size, result) },
            |data| unsafe { entry(data) },
        )?;
        match found {
            Some(found) => Ok(found),
            None => Err(key_error(new_str(&format!(
                "getgrnam(): name not found: {}",
                objects::repr(name.value())?.to_string_lossy()
            )))),
        }
    }
    /// Return a list of all available group entries, in arbitrary order.
    ///
    /// An entry whose name starts with '+' or '-' represents an instruction
    /// to use YP/NIS and may not be accessible via getgrnam or getgrgid.
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
