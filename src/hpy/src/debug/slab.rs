//! Numbered places for what is opened and closed and is not a handle: builders and trackers. A closed place is told from a reused one.
//!
//! Must not know: what lies in the places.

use std::sync::{Mutex, MutexGuard};

const TAG: u64 = 0xB5;

struct Place<T> {
    serial: u32,
    content: Option<T>,
}

struct Places<T> {
    all: Vec<Place<T>>,
    free: Vec<u32>,
}

/// Never locked across a safepoint.
pub struct Slab<T>(Mutex<Places<T>>);

impl<T> Slab<T> {
    pub const fn new() -> Slab<T> {
        Slab(Mutex::new(Places { all: Vec::new(), free: Vec::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, Places<T>> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The word of a new place.
    pub fn open(&self, content: T) -> u64 {
        let mut places = self.lock();
        // The oldest free place: the longer it rests, the longer a stale word is noticed as closed.
        let index = if places.free.len() > 1024 { places.free.remove(0) } else { places.all.len() as u32 };
        if index as usize == places.all.len() {
            places.all.push(Place { serial: 0, content: None });
        }
        let place = &mut places.all[index as usize];
        place.serial = place.serial.wrapping_add(1) & 0xFF_FFFF;
        place.content = Some(content);
        u64::from(place.serial) << 40 | u64::from(index) << 8 | TAG
    }

    /// Looks at an open place; None if the word is stale or never was one. `look` reaches no safepoint.
    pub fn with<U>(&self, word: u64, look: impl FnOnce(&mut T) -> U) -> Option<U> {
        let mut places = self.lock();
        places.find(word)?.content.as_mut().map(look)
    }

    /// Closes a place and gives what was in it.
    pub fn close(&self, word: u64) -> Option<T> {
        let mut places = self.lock();
        let content = places.find(word)?.content.take()?;
        places.free.push((word >> 8) as u32);
        Some(content)
    }
}

impl<T> Places<T> {
    fn find(&mut self, word: u64) -> Option<&mut Place<T>> {
        if word & 0xFF != TAG {
            return None;
        }
        self.all.get_mut((word >> 8) as u32 as usize).filter(|place| u64::from(place.serial) == word >> 40)
    }
}

#[cfg(test)]
mod tests {
    use super::Slab;

    #[test]
    fn closed_places_are_told() {
        let slab = Slab::new();
        let (one, two) = (slab.open(1), slab.open(2));
        assert_eq!((slab.close(one), slab.close(one)), (Some(1), None));
        assert_eq!(slab.with(two, |content| *content), Some(2));
        assert_eq!(slab.with(0, |content| *content), None);
    }
}
