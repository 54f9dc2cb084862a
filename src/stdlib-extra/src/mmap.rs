//! Module `mmap`: files and anonymous memory as mutable byte strings. Must not know: other modules.

use base::memory::copied;
use native_macros::{Layout, native_class, native_module};
use objects::buffer::{BufferView, Exporter, Exports, register};
use objects::slice::{as_slice, slice_bounds};
use objects::{
    Buf, Cast, Class, Gc, Header, Layout, Module, R, Slot, Value, exc, index_error, new_bytes, new_int, new_native, new_object,
    os_error, overflow_error, type_error, value_error,
};
use std::sync::atomic::{AtomicUsize, Ordering};

const ACCESS_DEFAULT: i32 = 0;
const ACCESS_READ: i32 = 1;
const ACCESS_WRITE: i32 = 2;
const ACCESS_COPY: i32 = 3;

/// What is known of a mapping.
struct Map {
    /// Null once closed.
    data: *mut u8,
    length: usize,
    position: usize,
    /// -1: anonymous, or the file is not tracked.
    fd: i32,
    tracks: bool,
    offset: i64,
    flags: i32,
    access: i32,
}
// SAFETY: the mapping belongs to this struct, which is only reached under the object's lock.
unsafe impl Send for Map {}
objects::no_references!(Map);

impl Map {
    fn close(&mut self) {
        self.data = std::ptr::null_mut();
        if self.fd >= 0 {
            // SAFETY: a duplicate that this struct owns.
            unsafe { libc::close(self.fd) };
            self.fd = -1;
        }
    }
    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for that length; readable unless the caller asked for a mapping that is not, as in C.
        unsafe { std::slice::from_raw_parts(self.data, self.length) }
    }
    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and the access was checked by the caller.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.length) }
    }
    /// Bytes from the position on, moving it.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let start = self.position.min(self.length);
        let end = start.saturating_add(count).min(self.length);
        self.position = end;
        copied(&self.bytes()[start..end])
    }
}
impl Drop for Map {
    fn drop(&mut self) {
        self.close();
    }
}

/// The mapped memory itself: views keep it when the object that lent it is closed.
#[derive(Layout)]
#[repr(C)]
pub struct Mapped {
    pub header: Header,
    address: AtomicUsize,
    length: AtomicUsize,
}

impl Mapped {
    fn unmap(&self) {
        let address = self.address.swap(0, Ordering::AcqRel);
        if address != 0 {
            // SAFETY: mapped for this object, unmapped once.
            unsafe { libc::munmap(address as *mut libc::c_void, self.length.load(Ordering::Acquire)) };
        }
    }
}
impl Drop for Mapped {
    fn drop(&mut self) {
        self.unmap();
    }
}

/// Memory of a mapping.
#[native_class(name = "mmap._mapped", base = object, flags = "final no_new")]
impl Mapped {}

#[derive(Layout)]
#[repr(C)]
pub struct Mmap {
    pub header: Header,
    map: heap::Mutex<Map>,
    memory: Slot,
    exports: Exports,
}

static EXPORTER: Exporter = Exporter { layout: <Mmap as Layout>::DESC, get: lend };

fn lend(value: Value, request: u32) -> R<BufferView> {
    // SAFETY: registered for this layout.
    let this: Gc<Mmap> = unsafe { value.cast_unchecked() };
    let pin = this.exports.pin(this.value());
    let (data, length, readonly) = this.with(|map| (map.data, map.length, map.access == ACCESS_READ))?;
    let view = BufferView { memory: this.memory.get(), ..BufferView::bytes(value, data, length, readonly, Some(pin)) };
    view.check_writable(request)
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

fn file_size(fd: i32) -> Result<(i64, bool), i32> {
    // SAFETY: a zeroed struct to fill.
    unsafe {
        let mut status: libc::stat64 = std::mem::zeroed();
        if libc::fstat64(fd, &mut status) != 0 {
            return Err(last_errno());
        }
        Ok((status.st_size, status.st_mode & libc::S_IFMT == libc::S_IFREG))
    }
}

impl Mmap {
    /// Works on the mapping, unless it is closed.
    fn with<T>(&self, work: impl FnOnce(&mut Map) -> T) -> R<T> {
        let mut map = self.map.lock();
        if map.data.is_null() {
            drop(map);
            return Err(value_error!("mmap closed or invalid"));
        }
        Ok(work(&mut map))
    }
    fn check_writable(&self) -> R<()> {
        let access = self.with(|map| map.access)?;
        if access == ACCESS_READ { Err(type_error!("mmap can't modify a readonly memory map.")) } else { Ok(()) }
    }
    fn index(&self, key: Value, text: &str) -> R<usize> {
        let length = self.with(|map| map.length)?;
        let index = match objects::index(key) {
            Ok(index) => index,
            Err(raised) if raised.is(&exc::OVERFLOW_ERROR) => {
                raised.clear();
                return Err(index_error!("cannot fit '{}' into an index-sized integer", objects::class_name(key)));
            }
            Err(raised) => return Err(raised),
        };
        let index = if index < 0 { index + length as i64 } else { index };
        usize::try_from(index).ok().filter(|index| *index < length).ok_or_else(|| index_error!("{text}"))
    }
    fn search(&self, wanted: &[u8], start: Option<Value>, end: Option<Value>, last: bool) -> R<i64> {
        let (position, length) = self.with(|map| (map.position as i64, map.length as i64))?;
        let bound = |value: Option<Value>, default: i64| match value.filter(|value| !value.is_none()) {
            None => Ok(default),
            Some(value) => objects::index_clamped(value),
        };
        let (start, end) = (bound(start, position)?, bound(end, length)?);
        let clamp = |bound: i64| (if bound < 0 { bound.saturating_add(length).max(0) } else { bound.min(length) }) as usize;
        let (start, end) = (clamp(start), clamp(end));
        self.with(|map| {
            let Some(area) = map.bytes().get(start..end) else { return -1 };
            let found = if last { base_rfind(area, wanted) } else { base_find(area, wanted) };
            found.map_or(-1, |found| (start + found) as i64)
        })
    }
}

fn base_find(area: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [] => Some(0),
        [one] => area.iter().position(|byte| byte == one),
        [first, ..] => {
            let last_start = area.len().checked_sub(wanted.len())?;
            let mut from = 0;
            while from <= last_start {
                from += area[from..=last_start].iter().position(|byte| byte == first)?;
                if area[from..].starts_with(wanted) {
                    return Some(from);
                }
                from += 1;
            }
            None
        }
    }
}
fn base_rfind(area: &[u8], wanted: &[u8]) -> Option<usize> {
    let last_start = area.len().checked_sub(wanted.len())?;
    (0..=last_start).rev().find(|start| area[*start..].starts_with(wanted))
}

#[derive(Layout)]
#[repr(C)]
pub struct MmapIterator {
    pub header: Header,
    target: Slot,
    next: AtomicUsize,
}

/// The bytes of a mapping, one after the other.
#[native_class(name = "mmap.mmap_iterator", base = object, flags = "final no_new")]
impl MmapIterator {
    fn __iter__(this: Gc<MmapIterator>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<MmapIterator>) -> R<Option<Value>> {
        let Some(target) = this.target.get().and_then(|target| target.cast::<Mmap>()) else { return Ok(None) };
        let index = this.next.fetch_add(1, Ordering::Relaxed);
        Ok(target.with(|map| map.bytes().get(index).copied())?.map(|byte| new_bytes(&[byte])))
    }
}

/// mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])
///
/// Memory onto which length bytes of a file are mapped; a length of 0 means all
/// that the file has now.
///
/// flags is MAP_SHARED, the default, if changes shall reach the file and all
/// others that map it, or MAP_PRIVATE if they shall stay in this process. The
/// fileno -1 makes memory without a file.
#[native_class(name = "mmap.mmap", base = object, flags = "mutable weakref")]
impl Mmap {
    #[new]
    #[sig("(fileno, length, flags=1, prot=3, access=0, offset=0, *, trackfd=True)", hidden)]
    fn new(cls: Gc<Class>, fileno: i32, length: isize, flags: i32, prot: i32, access: i32, offset: i64, trackfd: bool) -> R {
        if length < 0 {
            return Err(overflow_error!("memory mapped length must be positive"));
        }
        if offset < 0 {
            return Err(overflow_error!("memory mapped offset must be positive"));
        }
        let both = libc::PROT_READ | libc::PROT_WRITE;
        if access != ACCESS_DEFAULT && (flags != libc::MAP_SHARED || prot != both) {
            return Err(value_error!("mmap can't specify both access and flags, prot."));
        }
        let (mut flags, mut prot, mut access) = (flags, prot, access);
        match access {
            ACCESS_READ => (flags, prot) = (libc::MAP_SHARED, libc::PROT_READ),
            ACCESS_WRITE => (flags, prot) = (libc::MAP_SHARED, both),
            ACCESS_COPY => (flags, prot) = (libc::MAP_PRIVATE, both),
            ACCESS_DEFAULT => {
                if prot & both != both {
                    access = if prot & libc::PROT_WRITE != 0 { ACCESS_WRITE } else { ACCESS_READ };
                }
            }
            _ => return Err(value_error!("mmap invalid access parameter.")),
        }
        objects::audit::audit(
            "mmap.__new__",
            &[new_int(fileno as i64), new_int(length as i64), new_int(access as i64), new_int(offset)],
        )?;
        let mut length = length as i64;
        let mut fd = -1;
        if fileno == -1 {
            flags |= libc::MAP_ANONYMOUS;
        } else {
            let (size, is_regular) = match heap::blocking(|| file_size(fileno)) {
                Ok(found) => found,
                Err(libc::EBADF) => return Err(os_error(libc::EBADF, None, None)),
                Err(_) => (0, false),
            };
            if is_regular {
                if length == 0 {
                    if size == 0 {
                        return Err(value_error!("cannot mmap an empty file"));
                    }
                    if offset >= size {
                        return Err(value_error!("mmap offset is greater than file size"));
                    }
                    length = size - offset;
                } else if offset > size || size - offset < length {
                    return Err(value_error!("mmap length is greater than file size"));
                }
            }
            if trackfd {
                // SAFETY: plain call.
                fd = unsafe { libc::fcntl(fileno, libc::F_DUPFD_CLOEXEC, 0) };
                if fd < 0 {
                    return Err(objects::last_os_error(None));
                }
            }
        }
        let mut map =
            Map { data: std::ptr::null_mut(), length: length as usize, position: 0, fd, tracks: trackfd, offset, flags, access };
        // SAFETY: a new mapping at an address that the system chooses.
        let data = heap::blocking(|| unsafe {
            let data = libc::mmap64(std::ptr::null_mut(), length as usize, prot, flags, fileno, offset);
            if data == libc::MAP_FAILED { Err(last_errno()) } else { Ok(data as usize) }
        });
        match data {
            Ok(data) => map.data = data as *mut u8,
            Err(code) => return Err(os_error(code, None, None)),
        }
        register(&EXPORTER);
        let mapped = Mapped {
            header: Header::blank(),
            address: AtomicUsize::new(map.data as usize),
            length: AtomicUsize::new(map.length),
        };
        let memory = Slot::new(new_native(mapped).value());
        Ok(new_object(cls, Mmap { header: Header::blank(), map: heap::Mutex::new(map), memory, exports: Exports::new() }).value())
    }

    fn close(this: Gc<Mmap>) -> R<()> {
        let (is_left, mut map) = loop {
            let is_left = this.exports.check_or_leave(this.value(), "cannot close exported pointers exist")?;
            let map = this.map.lock();
            // A view that began in between is asked about in the next round.
            if is_left || this.exports.count() == 0 {
                break (is_left, map);
            }
        };
        if is_left {
            // Views that are garbage, though not collected yet, hold the memory until then.
            this.exports.detach();
        }
        let memory = this.memory.take();
        heap::blocking(|| map.close());
        if !is_left && let Some(memory) = memory.and_then(|memory| memory.cast::<Mapped>()) {
            memory.unmap();
        }
        Ok(())
    }
    #[getter]
    fn closed(this: Gc<Mmap>) -> bool {
        this.map.lock().data.is_null()
    }
    #[sig("($self, view, start=None, end=None, /)")]
    fn find(this: Gc<Mmap>, view: Buf, start: Option<Value>, end: Option<Value>) -> R<i64> {
        this.search(&view, start, end, false)
    }
    #[sig("($self, view, start=None, end=None, /)")]
    fn rfind(this: Gc<Mmap>, view: Buf, start: Option<Value>, end: Option<Value>) -> R<i64> {
        this.search(&view, start, end, true)
    }
    #[sig("($self, offset=0, size=None, /)")]
    fn flush(this: Gc<Mmap>, offset: isize, size: Option<isize>) -> R<()> {
        let (data, length, access) = this.with(|map| (map.data as usize, map.length, map.access))?;
        let size = match size {
            Some(size) => size,
            None => length as isize - offset,
        };
        if offset < 0 || size < 0 || length as isize - offset < size {
            return Err(value_error!("flush values out of range"));
        }
        if access == ACCESS_READ || access == ACCESS_COPY {
            return Ok(());
        }
        let _pin = this.exports.pin(this.value());
        // SAFETY: an area within the mapping, which is pinned.
        let done = heap::blocking(|| unsafe {
            let address = (data + offset as usize) as *mut libc::c_void;
            if libc::msync(address, size as usize, libc::MS_SYNC) == -1 { Err(last_errno()) } else { Ok(()) }
        });
        done.map_err(|code| os_error(code, None, None))
    }
    #[sig("($self, option, start=0, length=None, /)")]
    fn madvise(this: Gc<Mmap>, option: i32, start: isize, length: Option<isize>) -> R<()> {
        let (data, whole) = this.with(|map| (map.data as usize, map.length as isize))?;
        let length = length.unwrap_or(whole);
        if start < 0 || start >= whole {
            return Err(value_error!("madvise start out of bounds"));
        }
        if length < 0 {
            return Err(value_error!("madvise length invalid"));
        }
        if isize::MAX - start < length {
            return Err(overflow_error!("madvise length too large"));
        }
        let length = length.min(whole - start);
        let _pin = this.exports.pin(this.value());
        // SAFETY: an area within the mapping, which is pinned.
        let code = unsafe { libc::madvise((data + start as usize) as *mut libc::c_void, length as usize, option) };
        if code != 0 { Err(objects::last_os_error(None)) } else { Ok(()) }
    }
    #[sig("($self, dest, src, count, /)")]
    fn r#move(this: Gc<Mmap>, dest: isize, src: isize, count: isize) -> R<()> {
        this.check_writable()?;
        let moved = this.with(|map| {
            let length = map.length as isize;
            let fits = |at: isize| at >= 0 && count >= 0 && length - at >= count;
            if !fits(dest) || !fits(src) {
                return false;
            }
            map.bytes_mut().copy_within(src as usize..(src + count) as usize, dest as usize);
            true
        })?;
        if moved { Ok(()) } else { Err(value_error!("source, destination, or count out of range")) }
    }
    #[sig("($self, n=None, /)", hidden)]
    fn read(this: Gc<Mmap>, n: Option<Value>) -> R {
        let count = match n.filter(|n| !n.is_none()) {
            None => usize::MAX,
            Some(n) if objects::is_int(n) || objects::class_of(n).slots.index.get().is_some() => {
                usize::try_from(objects::index(n)?).unwrap_or(usize::MAX)
            }
            Some(n) => {
                return Err(type_error!("argument should be integer or None, not '{}'", objects::class_name(n)));
            }
        };
        Ok(new_bytes(&this.with(|map| map.take(count))?))
    }
    fn read_byte(this: Gc<Mmap>) -> R<i64> {
        let byte = this.with(|map| {
            let byte = map.bytes().get(map.position).copied();
            map.position += byte.is_some() as usize;
            byte
        })?;
        byte.map(i64::from).ok_or_else(|| value_error!("read byte out of range"))
    }
    fn readline(this: Gc<Mmap>) -> R {
        let line = this.with(|map| {
            let rest = map.bytes().get(map.position..).unwrap_or(&[]);
            let count = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |found| found + 1);
            map.take(count)
        })?;
        Ok(new_bytes(&line))
    }
    #[sig("($self, newsize, /)")]
    fn resize(this: Gc<Mmap>, newsize: isize) -> R<()> {
        this.with(|_| ())?;
        // Who wants a view waits for the lock, so none comes while it is held.
        let mut map = loop {
            let map = this.map.lock();
            if this.exports.count() == 0 {
                break map;
            }
            drop(map);
            this.exports.check(this.value(), "mmap can't resize with extant buffers exported.")?;
        };
        if map.data.is_null() {
            drop(map);
            return Err(value_error!("mmap closed or invalid"));
        }
        if !map.tracks {
            drop(map);
            return Err(value_error!("mmap can't resize with trackfd=False."));
        }
        if map.access != ACCESS_WRITE && map.access != ACCESS_DEFAULT {
            drop(map);
            return Err(type_error!("mmap can't resize a readonly or copy-on-write memory map."));
        }
        if newsize < 0 || (isize::MAX as i64 - newsize as i64) < map.offset {
            drop(map);
            return Err(value_error!("new size out of range"));
        }
        if map.fd < 0 && map.flags & libc::MAP_PRIVATE == 0 && newsize as usize > map.length {
            drop(map);
            return Err(value_error!("mmap: can't expand a shared anonymous mapping on Linux"));
        }
        let (fd, offset, data, length) = (map.fd, map.offset, map.data as usize, map.length);
        // SAFETY: the mapping is this object's own, nobody else holds an address of it, and the lock is held.
        let result = heap::blocking(|| unsafe {
            if fd >= 0 && libc::ftruncate64(fd, offset + newsize as i64) == -1 {
                return Err(last_errno());
            }
            let moved = libc::mremap(data as *mut libc::c_void, length, newsize as usize, libc::MREMAP_MAYMOVE);
            if moved == libc::MAP_FAILED { Err(last_errno()) } else { Ok(moved as usize) }
        });
        match result {
            Ok(moved) => {
                map.data = moved as *mut u8;
                map.length = newsize as usize;
                if let Some(memory) = this.memory.get().and_then(|memory| memory.cast::<Mapped>()) {
                    memory.address.store(moved, Ordering::Release);
                    memory.length.store(newsize as usize, Ordering::Release);
                }
                Ok(())
            }
            Err(code) => {
                drop(map);
                Err(os_error(code, None, None))
            }
        }
    }
    #[sig("($self, pos, whence=0, /)")]
    fn seek(this: Gc<Mmap>, pos: isize, whence: i32) -> R<i64> {
        let moved = this.with(|map| {
            let from = match whence {
                0 => 0,
                1 => map.position as isize,
                2 => map.length as isize,
                _ => return Err("unknown seek type"),
            };
            match from.checked_add(pos).filter(|at| *at >= 0 && *at as usize <= map.length) {
                Some(at) => {
                    map.position = at as usize;
                    Ok(at as i64)
                }
                None => Err("seek out of range"),
            }
        })?;
        moved.map_err(|text| value_error!("{text}"))
    }
    fn seekable(this: Gc<Mmap>) -> bool {
        let _ = this;
        true
    }
    fn size(this: Gc<Mmap>) -> R<i64> {
        let (fd, tracks, length) = this.with(|map| (map.fd, map.tracks, map.length))?;
        if fd < 0 {
            return if tracks { Ok(length as i64) } else { Err(os_error(libc::EBADF, None, None)) };
        }
        match heap::blocking(|| file_size(fd)) {
            Ok((size, _)) => Ok(size),
            Err(code) => Err(os_error(code, None, None)),
        }
    }
    fn tell(this: Gc<Mmap>) -> R<usize> {
        this.with(|map| map.position)
    }
    #[sig("($self, bytes, /)")]
    fn write(this: Gc<Mmap>, bytes: Buf) -> R<usize> {
        this.check_writable()?;
        let data = bytes.as_slice();
        let written = this.with(|map| {
            let start = map.position;
            if start > map.length || map.length - start < data.len() {
                return false;
            }
            map.bytes_mut()[start..start + data.len()].copy_from_slice(data);
            map.position += data.len();
            true
        })?;
        if written { Ok(data.len()) } else { Err(value_error!("data out of range")) }
    }
    #[sig("($self, byte, /)")]
    fn write_byte(this: Gc<Mmap>, byte: u8) -> R<()> {
        this.check_writable()?;
        let written = this.with(|map| {
            let position = map.position;
            match map.bytes_mut().get_mut(position) {
                Some(place) => {
                    *place = byte;
                    map.position += 1;
                    true
                }
                None => false,
            }
        })?;
        if written { Ok(()) } else { Err(value_error!("write byte out of range")) }
    }
    fn __enter__(this: Gc<Mmap>) -> R {
        this.with(|_| ())?;
        Ok(this.value())
    }
    #[sig("($self, exc_type, exc_value, traceback, /)")]
    fn __exit__(this: Gc<Mmap>, exc_type: Value, exc_value: Value, traceback: Value) -> R {
        let _ = (exc_type, exc_value, traceback);
        objects::call_method(this.value(), objects::intern("close"), &[])
    }
    fn __sizeof__(this: Gc<Mmap>) -> usize {
        let _ = this;
        std::mem::size_of::<Mmap>()
    }
    fn __buffer__(this: Gc<Mmap>, flags: Value) -> R {
        objects::memoryview::buffer_method(this.value(), flags)
    }

    fn __repr__(this: Gc<Mmap>) -> String {
        let map = this.map.lock();
        let name = objects::class_of(this.value()).name_text();
        if map.data.is_null() {
            return format!("<mmap.{name} closed=True>");
        }
        let access = ["ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY"][map.access as usize];
        format!("<mmap.{name} closed=False, access={access}, length={}, pos={}, offset={}>", map.length, map.position, map.offset)
    }
    fn __len__(this: Gc<Mmap>) -> R<usize> {
        this.with(|map| map.length)
    }
    fn __iter__(this: Gc<Mmap>) -> R {
        let fields = MmapIterator { header: Header::blank(), target: Slot::new(this.value()), next: AtomicUsize::new(0) };
        Ok(new_native(fields).value())
    }
    fn __contains__(this: Gc<Mmap>, item: Value) -> R<bool> {
        match item.cast::<objects::Bytes>().map(|bytes| copied(bytes.as_slice())) {
            Some(bytes) if bytes.len() == 1 => this.with(|map| map.bytes().contains(&bytes[0])),
            _ => this.with(|_| false),
        }
    }
    fn __reversed__(this: Gc<Mmap>) -> R {
        let bytes = this.with(|map| map.bytes().iter().rev().copied().collect::<Vec<u8>>())?;
        let list = objects::new_list(&[]);
        for byte in bytes {
            objects::list::list_append(list, new_bytes(&[byte]))?;
        }
        objects::iter(list.value())
    }
    fn __getitem__(this: Gc<Mmap>, key: Value) -> R {
        this.with(|_| ())?;
        if let Some(slice) = as_slice(key) {
            let run = slice_bounds(slice)?;
            let taken = this.with(|map| {
                let bytes = map.bytes();
                let run = run.adjust(bytes.len());
                run.positions().filter_map(|position| bytes.get(position).copied()).collect::<Vec<u8>>()
            })?;
            return Ok(new_bytes(&taken));
        }
        if !objects::is_int(key) && objects::class_of(key).slots.index.get().is_none() {
            return Err(type_error!("mmap indices must be integers"));
        }
        let index = this.index(key, "mmap index out of range")?;
        let byte = this.with(|map| map.bytes().get(index).copied())?;
        byte.map(|byte| new_int(byte as i64)).ok_or_else(|| index_error!("mmap index out of range"))
    }
    fn __setitem__(this: Gc<Mmap>, key: Value, value: Value) -> R<()> {
        this.check_writable()?;
        if let Some(slice) = as_slice(key) {
            let run = slice_bounds(slice)?;
            let data = Buf::new(value)?;
            let fits = this.with(|map| {
                let run = run.adjust(map.length);
                if run.count != data.as_slice().len() {
                    return false;
                }
                let bytes = map.bytes_mut();
                for (position, byte) in run.positions().zip(data.as_slice()) {
                    if let Some(place) = bytes.get_mut(position) {
                        *place = *byte;
                    }
                }
                true
            })?;
            return if fits { Ok(()) } else { Err(index_error!("mmap slice assignment is wrong size")) };
        }
        if !objects::is_int(key) && objects::class_of(key).slots.index.get().is_none() {
            return Err(type_error!("mmap indices must be integer"));
        }
        let index = this.index(key, "mmap index out of range")?;
        if !objects::is_int(value) && objects::class_of(value).slots.index.get().is_none() {
            return Err(type_error!("mmap item value must be an int"));
        }
        let Ok(byte) = u8::try_from(objects::index(value)?) else {
            return Err(value_error!("mmap item value must be in range(0, 256)"));
        };
        let done = this.with(|map| map.bytes_mut().get_mut(index).map(|place| *place = byte).is_some())?;
        if done { Ok(()) } else { Err(index_error!("mmap index out of range")) }
    }
    fn __delitem__(this: Gc<Mmap>, key: Value) -> R<()> {
        this.check_writable()?;
        if as_slice(key).is_some() {
            return Err(type_error!("mmap object doesn't support slice deletion"));
        }
        if !objects::is_int(key) && objects::class_of(key).slots.index.get().is_none() {
            return Err(type_error!("mmap indices must be integer"));
        }
        this.index(key, "mmap index out of range")?;
        Err(type_error!("mmap doesn't support item deletion"))
    }
}

pub struct MmapModule;

#[native_module(name = "mmap", classes = [Mmap])]
impl MmapModule {
    fn __exec__(module: Value) -> R<()> {
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        module.set("error", exc::OS_ERROR.get().value())?;
        // SAFETY: plain call.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        module.set("PAGESIZE", new_int(page))?;
        module.set("ALLOCATIONGRANULARITY", new_int(page))?;
        objects::class_new::native_class(MmapIterator::CLASS_DEF)?;
        objects::class_new::native_class(Mapped::CLASS_DEF)?;
        for (name, value) in NUMBERS {
            module.set(name, new_int(*value as i64))?;
        }
        Ok(())
    }
}

const NUMBERS: &[(&str, i32)] = &[
    ("ACCESS_DEFAULT", ACCESS_DEFAULT),
    ("ACCESS_READ", ACCESS_READ),
    ("ACCESS_WRITE", ACCESS_WRITE),
    ("ACCESS_COPY", ACCESS_COPY),
    ("PROT_EXEC", libc::PROT_EXEC),
    ("PROT_READ", libc::PROT_READ),
    ("PROT_WRITE", libc::PROT_WRITE),
    ("MAP_SHARED", libc::MAP_SHARED),
    ("MAP_PRIVATE", libc::MAP_PRIVATE),
    ("MAP_DENYWRITE", libc::MAP_DENYWRITE),
    ("MAP_EXECUTABLE", libc::MAP_EXECUTABLE),
    ("MAP_ANONYMOUS", libc::MAP_ANONYMOUS),
    ("MAP_ANON", libc::MAP_ANON),
    ("MAP_POPULATE", libc::MAP_POPULATE),
    ("MAP_STACK", libc::MAP_STACK),
    ("MAP_NORESERVE", libc::MAP_NORESERVE),
    ("MADV_NORMAL", libc::MADV_NORMAL),
    ("MADV_RANDOM", libc::MADV_RANDOM),
    ("MADV_SEQUENTIAL", libc::MADV_SEQUENTIAL),
    ("MADV_WILLNEED", libc::MADV_WILLNEED),
    ("MADV_DONTNEED", libc::MADV_DONTNEED),
    ("MADV_REMOVE", libc::MADV_REMOVE),
    ("MADV_DONTFORK", libc::MADV_DONTFORK),
    ("MADV_DOFORK", libc::MADV_DOFORK),
    ("MADV_HWPOISON", libc::MADV_HWPOISON),
    ("MADV_MERGEABLE", libc::MADV_MERGEABLE),
    ("MADV_UNMERGEABLE", libc::MADV_UNMERGEABLE),
    ("MADV_HUGEPAGE", libc::MADV_HUGEPAGE),
    ("MADV_NOHUGEPAGE", libc::MADV_NOHUGEPAGE),
    ("MADV_DONTDUMP", libc::MADV_DONTDUMP),
    ("MADV_DODUMP", libc::MADV_DODUMP),
    ("MADV_FREE", libc::MADV_FREE),
    #[cfg(target_arch = "x86_64")]
    ("MAP_32BIT", libc::MAP_32BIT),
];
