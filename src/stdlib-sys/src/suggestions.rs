//! The module `_suggestions`: the name that was probably meant.

use native_macros::native_module;
use objects::{Cast, Gc, List, R, Str, Value, new_str, type_error};

/// More candidates than this are not looked at.
const MOST_CANDIDATES: usize = 750;

pub struct Suggestions;

#[native_module(name = "_suggestions")]
impl Suggestions {
    /// The candidate that is most like item, or None
    fn _generate_suggestions(candidates: Value, item: Gc<Str>) -> R {
        let Some(list) = candidates.cast_exact::<List>() else { return Err(type_error!("candidates must be a list")) };
        let mut names = Vec::new();
        for candidate in objects::list::list_snapshot(list) {
            match candidate.cast::<Str>() {
                Some(name) => names.push(name.to_string_lossy()),
                None => return Err(type_error!("all elements in 'candidates' must be strings")),
            }
        }
        if names.len() >= MOST_CANDIDATES {
            return Ok(Value::none());
        }
        let wrong = item.to_string_lossy();
        Ok(objects::signature::suggest(&wrong, names.iter().map(String::as_str)).map_or(Value::none(), new_str))
    }
}
