//! Iteration over matches: `Pattern.scanner` and `Pattern.finditer`.

use super::machine::UNSET;
use super::matching::{Match, Range, new_match};
use super::pattern::Pattern;
use super::subject::{Mode, Subject, Walk, with_scratch};
use objects::buffer::{BufferView, get_buffer, release_view};
use objects::{Bytes, Cast, DeriveLayout, Gc, Header, R, Slot, Str, Value, native_class};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where an iteration stands. Two threads may race for a match; each gets a true one.
#[derive(DeriveLayout)]
#[repr(C)]
pub struct Scanner {
    header: Header,
    pattern: Gc<Pattern>,
    string: Slot,
    range: [usize; 2],
    /// `UNSET` when finished.
    start: AtomicUsize,
    /// The end of an empty match just found.
    advance_from: AtomicUsize,
    /// Keeps memory that could move in place until the end.
    view: heap::Mutex<Option<BufferView>>,
}

pub fn new_scanner(pattern: Gc<Pattern>, string: Value, pos: usize, endpos: usize) -> R<Gc<Scanner>> {
    let is_fixed = string.cast::<Str>().is_some() || string.cast::<Bytes>().is_some();
    let view = if is_fixed { None } else { Some(get_buffer(string, objects::buffer::flags::SIMPLE)?) };
    Ok(objects::new_native(Scanner {
        header: Header::blank(),
        pattern,
        string: Slot::new(string),
        range: [pos, endpos],
        start: AtomicUsize::new(pos),
        advance_from: AtomicUsize::new(UNSET),
        view: heap::Mutex::new(view),
    }))
}

impl Scanner {
    fn next(&self, mode: Mode) -> R<Option<Gc<Match>>> {
        let start = self.start.load(Ordering::Relaxed);
        if start == UNSET {
            return Ok(None);
        }
        let subject = Subject::new(self.string.get().unwrap_or(Value::none()))?;
        let endpos = self.range[1].min(subject.len());
        let mut walk = Walk::resume(start.min(subject.len()), endpos, self.advance_from.load(Ordering::Relaxed));
        with_scratch(|scratch| {
            let Some(span) = walk.next(&subject, self.pattern.program(), scratch, mode)? else {
                self.start.store(UNSET, Ordering::Relaxed);
                let view = self.view.lock().take();
                if let Some(view) = view {
                    release_view(view);
                }
                return Ok(None);
            };
            let range = Range { pos: self.range[0], endpos: self.range[1] };
            self.start.store(span.1, Ordering::Relaxed);
            self.advance_from.store(if span.0 == span.1 { span.1 } else { UNSET }, Ordering::Relaxed);
            Ok(Some(new_match(self.pattern, subject.value(), range, span, scratch)))
        })
    }
}

#[native_class(name = "_sre.SRE_Scanner", base = object, flags = "final no_new")]
impl Scanner {
    #[name("match")]
    fn match_(this: Gc<Scanner>) -> R<Option<Gc<Match>>> {
        this.next(Mode::Match)
    }
    fn search(this: Gc<Scanner>) -> R<Option<Gc<Match>>> {
        this.next(Mode::Search)
    }
    #[getter]
    fn pattern(this: Gc<Scanner>) -> Gc<Pattern> {
        this.pattern
    }
}

/// What `finditer` gives.
#[derive(DeriveLayout)]
#[repr(C)]
pub struct FindIter {
    header: Header,
    scanner: Gc<Scanner>,
}

pub fn new_iterator(scanner: Gc<Scanner>) -> Gc<FindIter> {
    objects::new_native(FindIter { header: Header::blank(), scanner })
}

#[native_class(name = "callable_iterator", base = object, flags = "final no_new")]
impl FindIter {
    fn __iter__(this: Gc<FindIter>) -> R {
        Ok(this.value())
    }
    fn __next__(this: Gc<FindIter>) -> R<Option<Value>> {
        Ok(this.scanner.next(Mode::Search)?.map(Gc::value))
    }
}
