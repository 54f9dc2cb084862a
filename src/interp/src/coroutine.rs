//! Coroutine extras: where a coroutine was made, and the warning about one that was never awaited. Must not know: running them.

use heap::Value;
use objects::frame::Exec;
use objects::generator::Generator;
use objects::layout::Gc;
use objects::tuple::new_tuple;

/// Remembers the calling frames if `sys.set_coroutine_origin_tracking_depth` asks for it.
pub fn note_origin(exec: &Exec, coroutine: Gc<Generator>) {
    heap::register_finalizable(coroutine.header());
    let depth = exec.origin_depth.get();
    if depth == 0 {
        return;
    }
    let entries = objects::list::list_from_slice(&[]);
    let mut view = exec.innermost().and_then(|frame| frame.outer());
    while let Some(frame) = view
        && (entries.len() as u32) < depth
    {
        let code = frame.code();
        let line = code.line_at(frame.offset()).map_or(Value::none(), |line| objects::int::new_int(line as i64));
        objects::list::list_push(entries, new_tuple(&[code.filename(), line, code.name()]).value());
        view = frame.outer();
    }
    coroutine.origin.set(objects::list::list_to_tuple(entries).value());
}
