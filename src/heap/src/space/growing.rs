//! Large objects that grow where they are: room is held free behind their runs of blocks.
//! Must not know: what grows, and how memory is cleared.
//!
//! A held block is free but not offered: its free bit is clear, it counts for nothing, and its pages may be given back. Holding costs
//! address space only. The holds of runs that died end with the sweep, all of them when room is short.

use super::{BLOCKS_IN_USE, Space, bytes_in_use, free_word, limit};
use crate::block::{self, BlockKind};
use crate::region::{self, BLOCK_SHIFT};
use std::sync::atomic::Ordering;

/// Runs that have room held behind them: the ones that grew last.
const HOLDS: usize = 8;

#[derive(Clone, Copy)]
struct Hold {
    /// First block of the run.
    head: usize,
    /// The held blocks, behind the run; none if the two are equal.
    first: usize,
    end: usize,
}

pub(super) struct Holds {
    places: [Hold; HOLDS],
    /// The place that is used next.
    turn: usize,
}

impl Holds {
    pub(super) const fn none() -> Holds {
        Holds { places: [Hold { head: 0, first: 0, end: 0 }; HOLDS], turn: 0 }
    }
}

impl Space {
    /// As `take_run`, with as much again held behind it if there is room anywhere.
    pub fn take_growing_run(&mut self, size: usize) -> Option<(usize, bool)> {
        let count = block::blocks_for(size);
        let both = count * 2;
        if bytes_in_use() + (count << BLOCK_SHIFT) > limit() {
            return None;
        }
        // A row of both finds the place; what is not needed yet is held.
        let Some(first) = self.row_of_blocks(both) else { return self.take_run(size) };
        self.hold(Hold { head: first, first: first + count, end: first + both });
        Some((first, self.describe_run(first, count, size)))
    }

    /// Gives the run of `head` blocks behind it, so that its object can have `wanted` bytes, at any rate `needed`. The bytes that it has now,
    /// or None if there is no room. The new blocks are not cleared.
    pub fn extend_run(&mut self, head: usize, needed: usize, wanted: usize) -> Option<usize> {
        // SAFETY: the caller's object keeps its run.
        let count = unsafe { (*block::meta(head)).run } as usize;
        let end = head + count;
        let least = block::blocks_for(needed).saturating_sub(count);
        let most = block::blocks_for(wanted).saturating_sub(count).max(least);
        let allowed = limit().saturating_sub(bytes_in_use()) >> BLOCK_SHIFT;
        let held = self.holds.places.iter().position(|hold| hold.head == head && hold.first == end && hold.end > end);
        let held_end = held.map_or(end, |place| self.holds.places[place].end);
        let more = self.room_behind(end, held_end, most.min(allowed));
        if more < least {
            return None;
        }
        self.withdraw(held_end.max(end), end + more);
        let rest = match held {
            Some(place) => {
                self.holds.places[place].first = (end + more).min(held_end);
                self.holds.places[place].end - self.holds.places[place].first
            }
            None => 0,
        };
        BLOCKS_IN_USE.fetch_add(more, Ordering::Relaxed);
        let total = count + more;
        let size = total << BLOCK_SHIFT;
        for index in count..total {
            // SAFETY: the blocks were free and are now the run's.
            unsafe { self.describe_tail(head, index, size) };
        }
        // SAFETY: as above; the head is described last, though nobody looks before the lock is free.
        unsafe {
            (*block::meta(head)).run = total as u32;
            (*block::meta(head)).size = size;
        }
        if rest == 0 {
            let next = head + total;
            let room = self.room_behind(next, next, total);
            self.withdraw(next, next + room);
            let hold = Hold { head, first: next, end: next + room };
            match held {
                Some(place) => self.holds.places[place] = hold,
                None => self.hold(hold),
            }
        }
        Some(size)
    }

    /// How many blocks from `first` on, up to `most`, are held (below `held_end`), free, or beyond the frontier.
    fn room_behind(&self, first: usize, held_end: usize, most: usize) -> usize {
        let mut count = 0;
        while count < most {
            let block = first + count;
            if block >= self.frontier {
                return most.min(count + region::block_count() - block);
            }
            if block >= held_end && *free_word(block / 64) >> (block % 64) & 1 == 0 {
                break;
            }
            count += 1;
        }
        count
    }

    /// Takes blocks that `room_behind` found out of the free ones.
    fn withdraw(&mut self, first: usize, end: usize) {
        if first >= end {
            return;
        }
        let used = end.min(self.frontier);
        if first < used {
            self.unfree(first, used - first);
        }
        self.frontier = self.frontier.max(end);
    }

    fn hold(&mut self, hold: Hold) {
        let place = self.holds.turn;
        self.holds.turn = (place + 1) % HOLDS;
        let old = std::mem::replace(&mut self.holds.places[place], hold);
        self.offer(old.first, old.end);
    }

    /// Makes blocks that nobody uses free for everybody. What they hold and whether it is dirty stays as it is.
    fn offer(&mut self, first: usize, end: usize) {
        if first >= end {
            return;
        }
        for block in first..end {
            *free_word(block / 64) |= 1 << (block % 64);
        }
        self.free_blocks += end - first;
        self.lowest_free_word = self.lowest_free_word.min(first / 64);
        self.failed_run = usize::MAX;
    }

    /// Ends all holds. False if there was none.
    pub(super) fn end_holds(&mut self) -> bool {
        self.end_holds_if(|_, _| true)
    }

    /// After a sweep: ends the holds behind runs that died.
    pub(super) fn end_dead_holds(&mut self) {
        self.end_holds_if(|head, first| {
            // SAFETY: the space is locked.
            let description = unsafe { &*block::meta(head) };
            description.kind != BlockKind::LargeHead || head + description.run as usize != first
        });
    }

    fn end_holds_if(&mut self, ends: impl Fn(usize, usize) -> bool) -> bool {
        let mut any = false;
        for place in 0..HOLDS {
            let hold = self.holds.places[place];
            if hold.first < hold.end && ends(hold.head, hold.first) {
                self.holds.places[place] = Hold { head: 0, first: 0, end: 0 };
                self.offer(hold.first, hold.end);
                any = true;
            }
        }
        any
    }
}
