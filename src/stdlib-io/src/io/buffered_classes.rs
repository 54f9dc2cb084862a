//! `BufferedReader`, `BufferedWriter`, `BufferedRandom`, `BufferedRWPair`.
//!
//! Must not know: how buffering works (`buffered.rs`).

use super::base::BufferedIoBase;
use super::buffered::{self, Buffered};
use super::chain;
use super::common::{self, Size, call0};
use native_macros::{Layout, native_class};
use objects::shape::get_instance_attr;
use objects::{
    Args, Buf, Cast, Class, Gc, Layout as _, R, Slot, Value, WritableBuf, call_method, get_attr, interned, is_true, new_object,
    value_error,
};
use std::sync::atomic::Ordering::Relaxed;

macro_rules! buffered_layout {
    ($($name:ident)*) => { $(
        #[derive(Layout)]
        #[layout(parent = Buffered)]
        #[repr(C)]
        pub struct $name {
            pub base: Buffered,
        }
        impl $name {
            fn whole(this: Gc<$name>) -> Gc<Buffered> {
                // SAFETY: the layout begins with `Buffered`.
                unsafe { this.cast_unchecked() }
            }
            fn is_exact(this: Gc<$name>) -> bool {
                objects::class_of(this.value()) == $name::class()
            }
            pub fn blank() -> $name {
                $name { base: Buffered::blank() }
            }
        }
    )* };
}
buffered_layout! { BufferedReader BufferedWriter BufferedRandom }

/// Makes the class with what all three have and the items given.
macro_rules! buffered_class {
    ($(#[doc = $doc:literal])* $class:ident $name:tt { $($items:tt)* }) => {
        $(#[doc = $doc])*
        #[native_class(name = $name, base = BufferedIoBase)]
        impl $class {
            #[new]
            fn new(cls: Gc<Class>, _args: Args) -> R {
                Ok(new_object(cls, $class::blank()).value())
            }
            #[sig("($self, /)")]
            fn detach(this: Gc<$class>) -> R {
                buffered::detach($class::whole(this))
            }
            #[sig("($self, /)")]
            fn close(this: Gc<$class>) -> R {
                buffered::close($class::whole(this))
            }
            #[sig("($self, /)")]
            fn seekable(this: Gc<$class>) -> R {
                call0(buffered::raw($class::whole(this))?, interned!("seekable"))
            }
            #[sig("($self, /)")]
            fn fileno(this: Gc<$class>) -> R {
                call0(buffered::raw($class::whole(this))?, interned!("fileno"))
            }
            #[sig("($self, /)")]
            fn isatty(this: Gc<$class>) -> R {
                call0(buffered::raw($class::whole(this))?, interned!("isatty"))
            }
            #[sig("($self, source, /)")]
            fn _dealloc_warn(this: Gc<$class>, source: Value) {
                buffered::dealloc_warn($class::whole(this), source)
            }
            #[sig("($self, target, whence=0, /)")]
            fn seek(this: Gc<$class>, target: Value, whence: i32) -> R<i64> {
                buffered::seek($class::whole(this), target, whence)
            }
            #[sig("($self, /)")]
            fn tell(this: Gc<$class>) -> R<i64> {
                buffered::tell($class::whole(this))
            }
            #[sig("($self, pos=None, /)")]
            fn truncate(this: Gc<$class>, pos: Option<Value>) -> R {
                buffered::truncate($class::whole(this), pos.unwrap_or(Value::none()))
            }
            #[sig("($self, /)")]
            fn __sizeof__(this: Gc<$class>) -> usize {
                buffered::size_in_bytes($class::whole(this))
            }
            #[sig("($self, /)")]
            fn __getstate__(this: Gc<$class>) -> R {
                Err(common::cannot_pickle(this.value()))
            }
            fn __repr__(this: Gc<$class>) -> R<String> {
                buffered::repr($class::whole(this))
            }
            #[getter]
            fn raw(this: Gc<$class>) -> Option<Value> {
                buffered::raw_opt($class::whole(this))
            }
            #[getter]
            fn closed(this: Gc<$class>) -> R {
                chain::closed(buffered::raw($class::whole(this))?)
            }
            #[getter]
            fn name(this: Gc<$class>) -> R {
                get_attr(buffered::raw($class::whole(this))?, interned!("name"))
            }
            #[getter]
            fn mode(this: Gc<$class>) -> R {
                get_attr(buffered::raw($class::whole(this))?, interned!("mode"))
            }
            #[getter]
            fn _finalizing(this: Gc<$class>) -> bool {
                this.base.finalizing.load(Relaxed)
            }
            #[setter(_finalizing)]
            fn set_finalizing(this: Gc<$class>, flag: Option<Value>) -> R<()> {
                this.base.finalizing.store(common::strict_bool(flag)?, Relaxed);
                Ok(())
            }
            $($items)*
        }
    };
}

buffered_class! {
    /// A buffer for reading from a raw stream.
    BufferedReader "_io.BufferedReader" {
        #[sig("(raw, buffer_size=DEFAULT_BUFFER_SIZE)")]
        fn __init__(this: Gc<BufferedReader>, raw: Value, #[default(common::DEFAULT_BUFFER_SIZE as isize)] buffer_size: isize) -> R<()> {
            buffered::unmake(BufferedReader::whole(this));
            common::check_readable(raw)?;
            buffered::init(BufferedReader::whole(this), raw, buffer_size, true, false, BufferedReader::is_exact(this))
        }
        #[sig("($self, /)")]
        fn flush(this: Gc<BufferedReader>) -> R {
            call0(buffered::raw(BufferedReader::whole(this))?, interned!("flush"))
        }
        #[sig("($self, /)")]
        fn readable(this: Gc<BufferedReader>) -> R {
            call0(buffered::raw(BufferedReader::whole(this))?, interned!("readable"))
        }
        #[sig("($self, size=-1, /)")]
        fn read(this: Gc<BufferedReader>, #[default(Size(-1))] size: Size) -> R {
            buffered::read(BufferedReader::whole(this), Some(size.0))
        }
        #[sig("($self, size=0, /)")]
        fn peek(this: Gc<BufferedReader>, size: isize) -> R {
            let _ = size;
            buffered::peek(BufferedReader::whole(this))
        }
        #[sig("($self, size=-1, /)")]
        fn read1(this: Gc<BufferedReader>, #[default(-1)] size: isize) -> R {
            buffered::read1(BufferedReader::whole(this), size)
        }
        #[sig("($self, buffer, /)")]
        fn readinto(this: Gc<BufferedReader>, mut buffer: WritableBuf) -> R<Option<usize>> {
            buffered::read_into(BufferedReader::whole(this), &mut buffer, false)
        }
        #[sig("($self, buffer, /)")]
        fn readinto1(this: Gc<BufferedReader>, mut buffer: WritableBuf) -> R<Option<usize>> {
            buffered::read_into(BufferedReader::whole(this), &mut buffer, true)
        }
        #[sig("($self, size=-1, /)")]
        fn readline(this: Gc<BufferedReader>, #[default(Size(-1))] size: Size) -> R {
            buffered::read_line(BufferedReader::whole(this), size.limit())
        }
        fn __next__(this: Gc<BufferedReader>) -> R<Option<Value>> {
            buffered::next_line(BufferedReader::whole(this), BufferedReader::is_exact(this))
        }
    }
}

buffered_class! {
    /// A buffer for writing to a raw stream, without seeking.
    ///
    /// buffer_size is its size in bytes, by default DEFAULT_BUFFER_SIZE.
    BufferedWriter "_io.BufferedWriter" {
        #[sig("(raw, buffer_size=DEFAULT_BUFFER_SIZE)")]
        fn __init__(this: Gc<BufferedWriter>, raw: Value, #[default(common::DEFAULT_BUFFER_SIZE as isize)] buffer_size: isize) -> R<()> {
            buffered::unmake(BufferedWriter::whole(this));
            common::check_writable(raw)?;
            buffered::init(BufferedWriter::whole(this), raw, buffer_size, false, true, BufferedWriter::is_exact(this))
        }
        #[sig("($self, /)")]
        fn flush(this: Gc<BufferedWriter>) -> R<()> {
            buffered::flush(BufferedWriter::whole(this))
        }
        #[sig("($self, /)")]
        fn writable(this: Gc<BufferedWriter>) -> R {
            call0(buffered::raw(BufferedWriter::whole(this))?, interned!("writable"))
        }
        /// Write a buffer and return its length in bytes.
        ///
        /// Raises BlockingIOError if there is no more space and the raw stream cannot
        /// take anything at the moment.
        #[sig("($self, buffer, /)")]
        fn write(this: Gc<BufferedWriter>, buffer: Buf) -> R<usize> {
            buffered::write(BufferedWriter::whole(this), &buffer)
        }
    }
}

buffered_class! {
    /// A buffer for reading and writing a raw stream that can be seeked.
    ///
    /// buffer_size is its size in bytes, by default DEFAULT_BUFFER_SIZE.
    BufferedRandom "_io.BufferedRandom" {
        #[sig("(raw, buffer_size=DEFAULT_BUFFER_SIZE)")]
        fn __init__(this: Gc<BufferedRandom>, raw: Value, #[default(common::DEFAULT_BUFFER_SIZE as isize)] buffer_size: isize) -> R<()> {
            buffered::unmake(BufferedRandom::whole(this));
            common::check_seekable(raw)?;
            common::check_readable(raw)?;
            common::check_writable(raw)?;
            buffered::init(BufferedRandom::whole(this), raw, buffer_size, true, true, BufferedRandom::is_exact(this))
        }
        #[sig("($self, /)")]
        fn flush(this: Gc<BufferedRandom>) -> R<()> {
            buffered::flush(BufferedRandom::whole(this))
        }
        #[sig("($self, /)")]
        fn readable(this: Gc<BufferedRandom>) -> R {
            call0(buffered::raw(BufferedRandom::whole(this))?, interned!("readable"))
        }
        #[sig("($self, /)")]
        fn writable(this: Gc<BufferedRandom>) -> R {
            call0(buffered::raw(BufferedRandom::whole(this))?, interned!("writable"))
        }
        #[sig("($self, size=-1, /)")]
        fn read(this: Gc<BufferedRandom>, #[default(Size(-1))] size: Size) -> R {
            buffered::read(BufferedRandom::whole(this), Some(size.0))
        }
        #[sig("($self, size=0, /)")]
        fn peek(this: Gc<BufferedRandom>, size: isize) -> R {
            let _ = size;
            buffered::peek(BufferedRandom::whole(this))
        }
        #[sig("($self, size=-1, /)")]
        fn read1(this: Gc<BufferedRandom>, #[default(-1)] size: isize) -> R {
            buffered::read1(BufferedRandom::whole(this), size)
        }
        #[sig("($self, buffer, /)")]
        fn readinto(this: Gc<BufferedRandom>, mut buffer: WritableBuf) -> R<Option<usize>> {
            buffered::read_into(BufferedRandom::whole(this), &mut buffer, false)
        }
        #[sig("($self, buffer, /)")]
        fn readinto1(this: Gc<BufferedRandom>, mut buffer: WritableBuf) -> R<Option<usize>> {
            buffered::read_into(BufferedRandom::whole(this), &mut buffer, true)
        }
        #[sig("($self, size=-1, /)")]
        fn readline(this: Gc<BufferedRandom>, #[default(Size(-1))] size: Size) -> R {
            buffered::read_line(BufferedRandom::whole(this), size.limit())
        }
        #[sig("($self, buffer, /)")]
        fn write(this: Gc<BufferedRandom>, buffer: Buf) -> R<usize> {
            buffered::write(BufferedRandom::whole(this), &buffer)
        }
        fn __next__(this: Gc<BufferedRandom>) -> R<Option<Value>> {
            buffered::next_line(BufferedRandom::whole(this), BufferedRandom::is_exact(this))
        }
    }
}

#[derive(Layout)]
#[layout(parent = BufferedIoBase)]
#[repr(C)]
pub struct BufferedRwPair {
    pub base: BufferedIoBase,
    reader: Slot,
    writer: Slot,
}

fn side(slot: &Slot) -> R {
    slot.get().ok_or_else(common::uninitialized)
}

/// A reader and a writer as one stream that cannot be seeked.
///
/// The two are raw streams, such as the ends of pipes or a socket's.
/// buffer_size is the size of each buffer, by default DEFAULT_BUFFER_SIZE.
#[native_class(name = "_io.BufferedRWPair", base = BufferedIoBase)]
impl BufferedRwPair {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, BufferedRwPair { base: BufferedIoBase::blank(), reader: Slot::empty(), writer: Slot::empty() })
            .value())
    }
    #[sig("(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)")]
    fn __init__(
        this: Gc<BufferedRwPair>,
        reader: Value,
        writer: Value,
        #[default(common::DEFAULT_BUFFER_SIZE as isize)] buffer_size: isize,
    ) -> R<()> {
        common::check_readable(reader)?;
        common::check_writable(writer)?;
        let size = objects::new_int(buffer_size as i64);
        let reader = objects::call(BufferedReader::class().value(), &[reader, size])?;
        let writer = objects::call(BufferedWriter::class().value(), &[writer, size])?;
        this.reader.set(reader);
        this.writer.set(writer);
        Ok(())
    }
    fn read(this: Gc<BufferedRwPair>, args: &[Value]) -> R {
        call_method(side(&this.reader)?, interned!("read"), args)
    }
    fn peek(this: Gc<BufferedRwPair>, args: &[Value]) -> R {
        call_method(side(&this.reader)?, interned!("peek"), args)
    }
    fn read1(this: Gc<BufferedRwPair>, args: &[Value]) -> R {
        call_method(side(&this.reader)?, interned!("read1"), args)
    }
    fn readinto(this: Gc<BufferedRwPair>, args: &[Value]) -> R {
        call_method(side(&this.reader)?, interned!("readinto"), args)
    }
    fn readinto1(this: Gc<BufferedRwPair>, args: &[Value]) -> R {
        call_method(side(&this.reader)?, interned!("readinto1"), args)
    }
    fn write(this: Gc<BufferedRwPair>, args: &[Value]) -> R {
        call_method(side(&this.writer)?, interned!("write"), args)
    }
    #[sig("($self, /)")]
    fn flush(this: Gc<BufferedRwPair>) -> R {
        call0(side(&this.writer)?, interned!("flush"))
    }
    #[sig("($self, /)")]
    fn readable(this: Gc<BufferedRwPair>) -> R {
        call0(side(&this.reader)?, interned!("readable"))
    }
    #[sig("($self, /)")]
    fn writable(this: Gc<BufferedRwPair>) -> R {
        call0(side(&this.writer)?, interned!("writable"))
    }
    #[sig("($self, /)")]
    fn close(this: Gc<BufferedRwPair>) -> R {
        let (reader, writer) = (this.reader.get(), this.writer.get());
        let end = |file: Option<Value>| match file {
            Some(file) => call0(file, interned!("close")),
            None => Err(common::uninitialized()),
        };
        common::finally(end(writer), || end(reader))
    }
    #[sig("($self, /)")]
    fn isatty(this: Gc<BufferedRwPair>) -> R {
        let answer = call0(side(&this.writer)?, interned!("isatty"))?;
        if is_true(answer)? { Ok(answer) } else { call0(side(&this.reader)?, interned!("isatty")) }
    }
    #[getter]
    fn closed(this: Gc<BufferedRwPair>) -> R {
        match this.writer.get() {
            Some(writer) => get_attr(writer, interned!("closed")),
            None => Err(value_error!("I/O operation on uninitialized object")),
        }
    }
}

fn exact_pair(value: Value) -> Option<Gc<BufferedRwPair>> {
    Some(value).filter(|value| objects::class_of(*value) == BufferedRwPair::class())?.cast::<BufferedRwPair>()
}
pub fn writer_of_pair(value: Value) -> Option<Value> {
    exact_pair(value)?.writer.get()
}
/// What answers for `readinto` of a value, of built-in classes: a buffer, or that of a pair. None as well if an object has its own `readinto`.
pub fn exact_source(value: Value) -> Option<Gc<Buffered>> {
    let plain = |value: &Value| get_instance_attr(*value, interned!("readinto")).is_none();
    let value = Some(value).filter(plain)?;
    exact_reader(value).or_else(|| exact_reader(exact_pair(value)?.reader.get().filter(plain)?))
}

/// The buffer behind a value, if it is of a built-in class without Python overrides.
pub fn exact_writer(value: Value) -> Option<Gc<Buffered>> {
    let class = objects::class_of(value);
    if class == BufferedWriter::class() || class == BufferedRandom::class() { value.cast::<Buffered>() } else { None }
}
pub fn exact_reader(value: Value) -> Option<Gc<Buffered>> {
    let class = objects::class_of(value);
    if class == BufferedReader::class() || class == BufferedRandom::class() { value.cast::<Buffered>() } else { None }
}
