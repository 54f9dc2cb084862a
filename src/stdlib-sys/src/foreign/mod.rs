//! The module `_foreign`: memory by address, shared libraries, and calls by the platform's C convention, both ways. `lib/_ctypes`
//! builds the types of `ctypes` on it.
//!
//! Must not know: what the words mean; a call takes and gives 64-bit words and is told how they travel (`kinds`).

mod callbacks;
mod kinds;
#[cfg(target_arch = "x86_64")]
#[path = "x86_64.rs"]
mod machine;
#[cfg(not(target_arch = "x86_64"))]
#[path = "plain.rs"]
mod machine;
mod memory;
mod python_api;

use crate::util::fs_str;
use kinds::Part;
use native_macros::native_module;
use objects::{Buf, R, Value, new_bytes, new_list, not_implemented_error, overflow_error, value_error};
use std::cell::Cell;
use std::ffi::{CStr, CString, c_void};

thread_local! {
    /// `errno` as programs see it: swapped with the real one around calls that ask for it.
    static SAVED_ERRNO: Cell<i32> = const { Cell::new(0) };
}

fn swap_errno() {
    // SAFETY: the C library's own variable of this thread.
    unsafe {
        let errno = libc::__errno_location();
        *errno = SAVED_ERRNO.replace(*errno);
    }
}

fn c_text(bytes: &[u8]) -> R<CString> {
    base::memory::c_string(base::memory::copied(bytes)).ok_or_else(|| value_error!("embedded null byte"))
}

fn last_loader_error() -> String {
    // SAFETY: dlerror gives a string that lives until the next call, or null.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() {
            "unknown error".to_owned()
        } else {
            base::memory::copied_text(&CStr::from_ptr(text).to_string_lossy())
        }
    }
}

pub struct Foreign;

/// Memory, shared libraries and C calls by address.
#[native_module(name = "_foreign", classes = [callbacks::Callback, memory::Memory])]
impl Foreign {
    /// Address of a buffer's first byte; the buffer must stay alive and keep its size.
    fn address_of(buffer: Buf) -> u64 {
        buffer.as_slice().as_ptr() as u64
    }
    /// Bytes at an address.
    fn read(address: u64, size: usize) -> R {
        if address == 0 && size > 0 {
            return Err(value_error!("NULL pointer access"));
        }
        if size > isize::MAX as usize {
            return Err(overflow_error!("size is too large"));
        }
        if size == 0 {
            return Ok(new_bytes(&[]));
        }
        // SAFETY: the program vouches for the address, as with C.
        Ok(new_bytes(unsafe { std::slice::from_raw_parts(address as *const u8, size) }))
    }
    /// Puts bytes at an address.
    fn write(address: u64, data: Buf) -> R<()> {
        let data = data.as_slice();
        if address == 0 && !data.is_empty() {
            return Err(value_error!("NULL pointer access"));
        }
        // SAFETY: the program vouches for the address, as with C; the two may overlap.
        unsafe { std::ptr::copy(data.as_ptr(), address as *mut u8, data.len()) };
        Ok(())
    }
    /// Number of items before the zero one.
    fn length(address: u64, item: usize) -> R<u64> {
        if address == 0 {
            return Err(value_error!("NULL pointer access"));
        }
        // SAFETY: the program vouches for the address, as with C.
        unsafe {
            match item {
                4 => {
                    let mut count = 0;
                    while (address as *const u32).add(count).read_unaligned() != 0 {
                        count += 1;
                    }
                    Ok(count as u64)
                }
                _ => Ok(libc::strlen(address as *const libc::c_char) as u64),
            }
        }
    }
    /// Handle of a shared library; None stands for the program itself.
    fn open(path: Option<Buf>, mode: i32) -> R<u64> {
        let path = path.map(|path| c_text(path.as_slice())).transpose()?;
        // The loader copies names to its stack.
        if let Some(path) = path.as_ref().filter(|path| path.count_bytes() >= libc::PATH_MAX as usize) {
            base::memory::expect_room(path.count_bytes().saturating_mul(3));
            let name = path.to_string_lossy();
            let text = base::memory::formatted(format_args!("{name}: cannot open shared object file: File name too long"));
            return Err(os_error_text(&text));
        }
        let name = path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr());
        // SAFETY: a NUL-terminated name or null.
        let handle = heap::blocking(|| unsafe { libc::dlopen(name, mode | libc::RTLD_NOW) });
        if handle.is_null() { Err(os_error_text(&last_loader_error())) } else { Ok(handle as u64) }
    }
    /// Address of a name in a library; 0 if there is none.
    fn symbol(handle: u64, name: Buf) -> R<u64> {
        let name = c_text(name.as_slice())?;
        // SAFETY: a NUL-terminated name, a handle from `open`; the program's own is counted up and down again.
        let (found, is_program) = unsafe {
            let program = libc::dlopen(std::ptr::null(), libc::RTLD_NOW);
            libc::dlclose(program);
            (libc::dlsym(handle as *mut c_void, name.as_ptr()) as u64, program as u64 == handle)
        };
        Ok(if found == 0 && is_program { python_api::find(name.to_bytes()) } else { found })
    }
    /// From now on no attribute of the class can be set or deleted, and messages name it with its module.
    fn freeze(class: objects::Gc<objects::Class>) {
        class.flags.add(objects::class::IMMUTABLE | objects::class::NAMED_WITH_MODULE);
    }
    /// The names of the libraries that are loaded; the program itself has an empty one.
    fn libraries() -> Value {
        unsafe extern "C" fn note(info: *mut libc::dl_phdr_info, _size: usize, names: *mut c_void) -> i32 {
            // SAFETY: the loader gives a description that lives as long as the call, and hands on our vector.
            unsafe {
                let name = std::ffi::CStr::from_ptr((*info).dlpi_name).to_bytes().to_vec();
                (*names.cast::<Vec<Vec<u8>>>()).push(name);
            }
            0
        }
        let mut names = Vec::<Vec<u8>>::new();
        // SAFETY: the function takes what is given here.
        unsafe { libc::dl_iterate_phdr(Some(note), (&raw mut names).cast()) };
        let list = new_list(&[]);
        names.iter().for_each(|name| objects::list::list_push(list, fs_str(name)));
        list.value()
    }
    /// What the loader said last.
    fn loader_error() -> Value {
        fs_str(last_loader_error().as_bytes())
    }
    fn close(handle: u64) -> R<()> {
        // SAFETY: a handle from `open`.
        if unsafe { libc::dlclose(handle as *mut c_void) } != 0 {
            return Err(os_error_text(&last_loader_error()));
        }
        Ok(())
    }
    /// Calls a function. `kinds` describes the words, `returned` the result, of which two words come back as bytes. Other threads need
    /// not wait for the call.
    fn call(address: u64, kinds: Buf, words: Buf, returned: Buf, use_errno: bool) -> R {
        if address == 0 {
            return Err(value_error!("attempt to call a NULL function pointer"));
        }
        let described = (kinds::parts(kinds.as_slice()), kinds::returned(returned.as_slice()));
        let (Some(parts), Some(returned)) = described else { return Err(value_error!("not a description of a call")) };
        let words: Vec<u64> =
            words.as_slice().chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().unwrap_or_default())).collect();
        if parts.iter().map(Part::words).sum::<usize>() != words.len() {
            return Err(value_error!("not as many words as described"));
        }
        let Some(frame) = machine::Frame::arrange(&parts, &words) else {
            return Err(not_implemented_error!("ctypes: such arguments on this machine"));
        };
        let result = heap::blocking(|| {
            if use_errno {
                swap_errno();
            }
            // SAFETY: the program vouches for the address and the types, as with C.
            let result = unsafe { frame.call(address as *const c_void, &returned) };
            if use_errno {
                swap_errno();
            }
            result
        });
        match result {
            Some(words) => Ok(new_bytes(&[words[0].to_le_bytes(), words[1].to_le_bytes()].concat())),
            None => Err(not_implemented_error!("ctypes: such results on this machine")),
        }
    }
    /// An entry that C can call: `function` gets the words that `kinds` describes and gives one word (`result`: `i`, `f`, `d`) or none.
    fn callback(function: Value, shown: Value, kinds: Buf, result: Buf, use_errno: bool) -> R {
        let result = result.as_slice().first().copied().unwrap_or(0);
        Ok(callbacks::make(function, shown, kinds.as_slice(), result, use_errno)?.value())
    }
    /// Tells of an exception that nobody can catch.
    fn ignore(exception: Value, text: &str) {
        objects::unraisable::report_unraisable(exception, Some(text), None);
    }
    /// Whether structures can be passed by value here, and how: the name of the convention.
    fn convention() -> Option<&'static str> {
        cfg!(target_arch = "x86_64").then_some("system-v")
    }
    /// An object that lends the memory at an address, which `owner` keeps.
    #[sig("($module, owner, address, item_size, format, shape, readonly, /)")]
    fn lender(owner: Value, address: usize, item_size: usize, format: &str, shape: Value, readonly: bool) -> R {
        let counts = objects::to_vec(shape)?;
        let shape: R<Vec<isize>> = counts.iter().map(|count| objects::index(*count).map(|count| count as isize)).collect();
        memory::make(owner, address, item_size, format, shape?, readonly)
    }
    /// The object with that `id`.
    fn object_at(word: u64) -> R {
        if word == 0 {
            return Err(value_error!("PyObject is NULL"));
        }
        memory::object_at(word).ok_or_else(|| value_error!("there is no object at {word:#x}"))
    }
    fn __exec__(_module: Value) -> R<()> {
        objects::buffer::register(&memory::EXPORTER);
        Ok(())
    }
    fn get_errno() -> i32 {
        SAVED_ERRNO.get()
    }
    /// Gives the one before.
    fn set_errno(value: i32) -> i32 {
        SAVED_ERRNO.replace(value)
    }
}

fn os_error_text(text: &str) -> objects::Raised {
    objects::new_error_args(objects::exc::OS_ERROR.get(), &[objects::new_str(text)])
}
