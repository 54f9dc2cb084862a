//! A count of what lies in the heap, by shape and by size class; for people who look for memory.
//! Must not know: names of classes; crate objects adds them.

use crate::block::{self, BlockKind, CLASS_COUNT, CLASS_SIZES};
use crate::header::Header;
use crate::region::BLOCK_SIZE;
use crate::shapes::{self, ShapeId};
use crate::{space, world};

/// Cells of one kind.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub objects: usize,
    /// Bytes of their cells.
    pub bytes: usize,
}

/// Blocks of one size class.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassCount {
    pub cell_size: usize,
    pub blocks: usize,
    /// Cells that hold an object, dead ones that were not collected yet included.
    pub cells: Count,
}

pub struct Census {
    /// Indexed by shape. Cells without a shape (claimed and not yet used) count for shape 0.
    pub shapes: Vec<Count>,
    /// The last one counts large objects.
    pub classes: Vec<ClassCount>,
}

/// Counts everything that is allocated, with the world stopped.
pub fn take() -> Census {
    let mut shapes = vec![Count::default(); shapes::shapes_end() as usize];
    let mut classes: Vec<ClassCount> =
        CLASS_SIZES.iter().map(|size| ClassCount { cell_size: *size as usize, ..ClassCount::default() }).collect();
    classes.push(ClassCount::default());
    let _stopped = world::stop();
    let space = space::lock();
    space.for_each_block(&mut |block| {
        // SAFETY: the world is stopped.
        let description = unsafe { &*block::meta(block) };
        match description.kind {
            BlockKind::Small => classes[description.class as usize].blocks += 1,
            _ => classes[CLASS_COUNT].blocks += 1,
        }
    });
    space.for_each_cell(&mut |address| {
        // SAFETY: the world is stopped, and allocated cells are readable.
        let (description, shape) = unsafe { (&*block::meta(block::block_of(address)), (*(address as *const Header)).shape()) };
        let (class, bytes) = match description.kind {
            BlockKind::Small => (description.class as usize, description.cell_size as usize),
            _ => (CLASS_COUNT, description.size.next_multiple_of(BLOCK_SIZE)),
        };
        let shape: ShapeId = if (shape as usize) < shapes.len() { shape } else { 0 };
        for count in [&mut classes[class].cells, &mut shapes[shape as usize]] {
            count.objects += 1;
            count.bytes += bytes;
        }
    });
    Census { shapes, classes }
}
