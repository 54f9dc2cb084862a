//! A table of things that all interpreters see, by number: queues, channels. What is on its way in them is alive.
//!
//! Must not know: what its entries do.

use objects::{R, Raised, Value};

pub trait Entry: 'static {
    /// The values that are in it.
    fn values(&self) -> impl Iterator<Item = Value>;
    fn not_found(id: i64) -> Raised;
}

struct Rows<T> {
    next: i64,
    /// In the order of their numbers.
    entries: Vec<(i64, T)>,
}

pub struct Table<T: 'static> {
    rows: heap::Mutex<Rows<T>>,
    roots: heap::Once,
}

impl<T: Entry> Table<T> {
    pub const fn numbered_from(first: i64) -> Table<T> {
        Table { rows: heap::Mutex::new(Rows { next: first, entries: Vec::new() }), roots: heap::Once::new() }
    }
    /// Gives the entry its number.
    pub fn add(&'static self, entry: T) -> i64 {
        self.roots.call_once(|| heap::register_root_callback(Self::trace, self as *const Self as *mut ()));
        let mut rows = self.rows.lock();
        let id = rows.next;
        rows.next += 1;
        rows.entries.push((id, entry));
        id
    }
    fn trace(tracer: &mut heap::Tracer, table: *mut ()) {
        // SAFETY: `add` registered a static table; the world is stopped while roots are traced, and nobody stops holding the lock.
        let entries = unsafe { &(*(*table.cast::<Self>()).rows.data_ptr()).entries };
        entries.iter().flat_map(|(_, entry)| entry.values()).for_each(|value| tracer.value(value));
    }
    /// Does something with an entry. Nothing of Python may run or be made in `work`.
    pub fn with<U>(&self, id: i64, work: impl FnOnce(&mut T) -> U) -> R<U> {
        let outcome = self.rows.lock().entries.iter_mut().find(|row| row.0 == id).map(|row| work(&mut row.1));
        outcome.ok_or_else(|| T::not_found(id))
    }
    /// Does something with every entry, under the same condition.
    pub fn each(&self, mut work: impl FnMut(&mut T)) {
        self.rows.lock().entries.iter_mut().for_each(|row| work(&mut row.1))
    }
    /// Takes an entry out if it may go.
    pub fn remove_if(&self, id: i64, may_go: impl FnOnce(&T) -> bool) -> R<()> {
        let mut rows = self.rows.lock();
        let Some(place) = rows.entries.iter().position(|row| row.0 == id) else {
            drop(rows);
            return Err(T::not_found(id));
        };
        let gone = may_go(&rows.entries[place].1).then(|| rows.entries.remove(place));
        drop(rows);
        drop(gone);
        Ok(())
    }
    /// What `show` tells of entries, the last one first.
    pub fn list<U>(&self, show: impl Fn(i64, &T) -> Option<U>) -> Vec<U> {
        self.rows.lock().entries.iter().rev().filter_map(|row| show(row.0, &row.1)).collect()
    }
}
