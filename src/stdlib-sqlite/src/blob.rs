//! `sqlite3.Blob`: one value that is read and written in place. Must not know: statements.

use crate::calls;
use crate::connection::Connection;
use crate::errors;
use base::memory::zeros;
use libsqlite3_sys as ffi;
use native_macros::{Layout, native_class};
use objects::slice::{as_slice, slice_bounds};
use objects::{Buf, Cast, Gc, Header, R, Slot, Value, index_error, new_bytes, new_int, type_error, value_error};
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

#[derive(Layout)]
#[repr(C)]
pub struct Blob {
    pub header: Header,
    pub connection: Slot,
    pub pointer: AtomicPtr<ffi::sqlite3_blob>,
    pub offset: AtomicI64,
}

impl Drop for Blob {
    fn drop(&mut self) {
        calls::leave_blob(*self.pointer.get_mut());
    }
}

impl Blob {
    fn check(&self) -> R<Gc<Connection>> {
        let Some(connection) = self.connection.get().and_then(|connection| connection.cast::<Connection>()) else {
            return Err(errors::PROGRAMMING.raise("Cannot operate on a closed blob."));
        };
        connection.check()?;
        if self.pointer.load(Ordering::Acquire).is_null() {
            return Err(errors::PROGRAMMING.raise("Cannot operate on a closed blob."));
        }
        Ok(connection)
    }
    /// How long it is; 0 once it is closed.
    fn size(&self, connection: Gc<Connection>) -> usize {
        let _guard = connection.lock.lock();
        // SAFETY: an open blob, which nobody else closes meanwhile, or null.
        unsafe { ffi::sqlite3_blob_bytes(self.pointer.load(Ordering::Acquire)) as usize }
    }
    fn fail(&self, connection: Gc<Connection>, code: i32) -> objects::Raised {
        if code == ffi::SQLITE_ABORT {
            return errors::OPERATIONAL.raise("Cannot operate on modified blob");
        }
        errors::from_database(connection.db())
    }
    fn get(&self, connection: Gc<Connection>, start: usize, length: usize) -> R<Vec<u8>> {
        let mut data = zeros::<u8>(length);
        let _guard = connection.enter()?;
        let pointer = self.pointer.load(Ordering::Acquire) as usize;
        // SAFETY: an open blob; the library checks the range.
        let code = calls::call(|| unsafe {
            ffi::sqlite3_blob_read(pointer as *mut ffi::sqlite3_blob, data.as_mut_ptr().cast(), length as i32, start as i32)
        });
        if code != ffi::SQLITE_OK { Err(self.fail(connection, code)) } else { Ok(data) }
    }
    fn put(&self, connection: Gc<Connection>, start: usize, data: &[u8]) -> R<()> {
        let _guard = connection.enter()?;
        let pointer = self.pointer.load(Ordering::Acquire) as usize;
        // SAFETY: as above.
        let code = calls::call(|| unsafe {
            ffi::sqlite3_blob_write(pointer as *mut ffi::sqlite3_blob, data.as_ptr().cast(), data.len() as i32, start as i32)
        });
        if code != ffi::SQLITE_OK { Err(self.fail(connection, code)) } else { Ok(()) }
    }
    fn index(&self, connection: Gc<Connection>, key: Value) -> R<usize> {
        let index = match objects::index(key) {
            Ok(index) => index,
            Err(raised) if raised.is(&objects::exc::OVERFLOW_ERROR) => {
                raised.clear();
                return Err(index_error!("cannot fit 'int' into an index-sized integer"));
            }
            Err(raised) => return Err(raised),
        };
        let size = self.size(connection) as i64;
        let index = if index < 0 { index + size } else { index };
        if (0..size).contains(&index) { Ok(index as usize) } else { Err(index_error!("Blob index out of range")) }
    }
    fn is_index(key: Value) -> bool {
        objects::is_int(key) || objects::class_of(key).slots.index.get().is_some()
    }
}

#[native_class(name = "sqlite3.Blob", base = object, flags = "final no_new")]
impl Blob {
    /// Close the blob.
    fn close(this: Gc<Blob>) -> R<()> {
        let Some(connection) = this.connection.get().and_then(|connection| connection.cast::<Connection>()) else {
            return Ok(());
        };
        connection.check()?;
        let _guard = connection.enter()?;
        let pointer = this.pointer.swap(std::ptr::null_mut(), Ordering::AcqRel) as usize;
        if pointer != 0 {
            // SAFETY: an open blob, closed once.
            calls::call(|| unsafe { ffi::sqlite3_blob_close(pointer as *mut ffi::sqlite3_blob) });
        }
        Ok(())
    }
    /// Read from the current position on.
    ///
    ///   length
    ///     how many bytes
    ///
    /// The rest of the blob is read if length is missing or negative, or if there
    /// is not as much.
    #[sig("($self, length=-1, /)")]
    fn read(this: Gc<Blob>, length: i64) -> R {
        let connection = this.check()?;
        let offset = this.offset.load(Ordering::Relaxed) as usize;
        let left = this.size(connection).saturating_sub(offset);
        let length = usize::try_from(length).map_or(left, |length| length.min(left));
        if length == 0 {
            return Ok(new_bytes(&[]));
        }
        let data = this.get(connection, offset, length)?;
        this.offset.store((offset + length) as i64, Ordering::Relaxed);
        Ok(new_bytes(&data))
    }
    /// Write data at the current position.
    ///
    /// The blob keeps its length: ValueError is raised if the data would go beyond
    /// the end.
    #[sig("($self, data, /)")]
    fn write(this: Gc<Blob>, data: Buf) -> R<()> {
        let connection = this.check()?;
        let offset = this.offset.load(Ordering::Relaxed) as usize;
        if data.len() > this.size(connection).saturating_sub(offset) {
            return Err(value_error!("data longer than blob length"));
        }
        this.put(connection, offset, &data)?;
        this.offset.store((offset + data.len()) as i64, Ordering::Relaxed);
        Ok(())
    }
    /// Move to a position.
    ///
    /// origin says from where offset counts: os.SEEK_SET (the default) is the
    /// beginning of the blob, os.SEEK_CUR the current position, os.SEEK_END the
    /// end.
    #[sig("($self, offset, origin=0, /)")]
    fn seek(this: Gc<Blob>, offset: i32, origin: i32) -> R<()> {
        let connection = this.check()?;
        let size = this.size(connection) as i64;
        let from = match origin {
            0 => 0,
            1 => this.offset.load(Ordering::Relaxed),
            2 => size,
            _ => return Err(value_error!("'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")),
        };
        let target = from + offset as i64;
        if target > i32::MAX as i64 {
            return Err(objects::overflow_error!("seek offset results in offset overflow"));
        }
        if !(0..=size).contains(&target) {
            return Err(value_error!("offset out of blob range"));
        }
        this.offset.store(target, Ordering::Relaxed);
        Ok(())
    }
    /// The current position in the blob.
    fn tell(this: Gc<Blob>) -> R<i64> {
        this.check()?;
        Ok(this.offset.load(Ordering::Relaxed))
    }
    /// Blob context manager enter.
    fn __enter__(this: Gc<Blob>) -> R {
        this.check()?;
        Ok(this.value())
    }
    /// Blob context manager exit.
    #[sig("($self, type, val, tb, /)")]
    fn __exit__(this: Gc<Blob>, kind: Value, val: Value, tb: Value) -> R<bool> {
        let _ = (kind, val, tb);
        this.check()?;
        Blob::close(this)?;
        Ok(false)
    }
    fn __len__(this: Gc<Blob>) -> R<usize> {
        let connection = this.check()?;
        Ok(this.size(connection))
    }
    fn __getitem__(this: Gc<Blob>, key: Value) -> R {
        let connection = this.check()?;
        if let Some(slice) = as_slice(key) {
            let run = slice_bounds(slice)?.adjust(this.size(connection));
            if run.count == 0 {
                return Ok(new_bytes(&[]));
            }
            let positions: Vec<usize> = run.positions().collect();
            let (low, high) = (positions.iter().min().copied().unwrap_or(0), positions.iter().max().copied().unwrap_or(0));
            let data = this.get(connection, low, high - low + 1)?;
            let taken: Vec<u8> = positions.iter().map(|position| data[position - low]).collect();
            return Ok(new_bytes(&taken));
        }
        if !Blob::is_index(key) {
            return Err(type_error!("Blob indices must be integers"));
        }
        let index = this.index(connection, key)?;
        Ok(new_int(this.get(connection, index, 1)?[0] as i64))
    }
    fn __setitem__(this: Gc<Blob>, key: Value, value: Value) -> R<()> {
        let connection = this.check()?;
        if let Some(slice) = as_slice(key) {
            let run = slice_bounds(slice)?.adjust(this.size(connection));
            let data = Buf::new(value)?;
            if data.len() != run.count {
                return Err(index_error!("Blob slice assignment is wrong size"));
            }
            if run.count == 0 {
                return Ok(());
            }
            let positions: Vec<usize> = run.positions().collect();
            let (low, high) = (positions.iter().min().copied().unwrap_or(0), positions.iter().max().copied().unwrap_or(0));
            let mut area = this.get(connection, low, high - low + 1)?;
            for (position, byte) in positions.iter().zip(data.as_slice()) {
                area[position - low] = *byte;
            }
            return this.put(connection, low, &area);
        }
        if !Blob::is_index(key) {
            return Err(type_error!("Blob indices must be integers"));
        }
        let index = this.index(connection, key)?;
        if !objects::is_int(value) {
            return Err(type_error!("'{}' object cannot be interpreted as an integer", objects::class_name(value)));
        }
        let Ok(byte) = u8::try_from(objects::index_clamped(value)?) else {
            return Err(value_error!("byte must be in range(0, 256)"));
        };
        this.put(connection, index, &[byte])
    }
    fn __delitem__(this: Gc<Blob>, key: Value) -> R<()> {
        this.check()?;
        if as_slice(key).is_some() {
            return Err(type_error!("Blob doesn't support slice deletion"));
        }
        if !Blob::is_index(key) {
            return Err(type_error!("Blob indices must be integers"));
        }
        Err(type_error!("Blob doesn't support item deletion"))
    }
}
