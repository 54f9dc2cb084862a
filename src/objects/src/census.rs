//! The heap's census with names: which classes' objects take how much memory.
//! Must not know: who asks.

use crate::shape::Shape;
use heap::census::{self, Count};
use std::fmt::Write;

/// Shapes shown; the others are a line.
const SHOWN: usize = 40;

/// A table of what lies in the heap, garbage included: by class of object, then by size of cell.
pub fn report() -> String {
    let census = census::take();
    let mut names: Vec<(String, Count)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (shape, count) in census.shapes.iter().enumerate().filter(|(_, count)| count.objects > 0) {
        let name = shape_name(shape as u32);
        let place = *places.entry(name.clone()).or_insert_with(|| {
            names.push((name, Count::default()));
            names.len() - 1
        });
        names[place].1.objects += count.objects;
        names[place].1.bytes += count.bytes;
    }
    names.sort_by(|a, b| b.1.bytes.cmp(&a.1.bytes).then_with(|| a.0.cmp(&b.0)));
    let mut text = String::from("   objects      bytes  class\n");
    let mut rest = Count::default();
    for (place, (name, count)) in names.iter().enumerate() {
        if place < SHOWN {
            let _ = writeln!(text, "{:10} {:10}  {name}", count.objects, count.bytes);
        } else {
            rest.objects += count.objects;
            rest.bytes += count.bytes;
        }
    }
    let _ = writeln!(text, "{:10} {:10}  (others)", rest.objects, rest.bytes);
    text.push_str("  cell size   blocks    objects      bytes\n");
    for class in census.classes.iter().filter(|class| class.blocks > 0) {
        let size = if class.cell_size == 0 { "large".to_owned() } else { class.cell_size.to_string() };
        let _ = writeln!(text, "{size:>11} {:8} {:10} {:10}", class.blocks, class.cells.objects, class.cells.bytes);
    }
    let totals = heap::collect::totals();
    let _ = writeln!(
        text,
        "{} shapes, {} bytes of blocks, {} bytes outside, {} collections in {} microseconds",
        census.shapes.len(),
        totals.heap_bytes,
        totals.external_bytes,
        totals.collections,
        totals.pause_nanoseconds / 1000
    );
    text
}

fn shape_name(shape: heap::ShapeId) -> String {
    match shape {
        0 => return "(claimed cells)".to_owned(),
        heap::shapes::SHAPE_RAW_BUFFER => return "(raw buffer)".to_owned(),
        heap::shapes::SHAPE_VALUES_BUFFER => return "(values buffer)".to_owned(),
        heap::shapes::SHAPE_DEAD => return "(dead)".to_owned(),
        _ => {}
    }
    match Shape::by_id(shape).class_opt() {
        // The class of garbage may be gone.
        Some(class) if heap::inspect::is_object(class.as_ptr() as usize) => class.name_text(),
        Some(_) => "(lost class)".to_owned(),
        None => format!("(shape {shape})"),
    }
}
