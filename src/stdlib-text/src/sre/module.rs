//! The module `_sre`.

use super::chars::{lower_ascii, lower_unicode, upper_unicode};
use super::codes;
use super::matching::Match;
use super::pattern::{Parts, Pattern, new_pattern};
use super::scanner::{FindIter, Scanner};
use super::subject::Subject;
use super::template::{Template, new_template};
use super::translate::{Refusal, translate};
use base::memory::{expect_room, with_room};
use objects::dict::Dict;
use objects::{Gc, List, R, Tuple, Value, int_view, native_module, overflow_error, recursion_error, runtime_error, type_error};

pub struct Sre;

#[native_module(name = "_sre", classes = [Pattern, Match, Scanner, FindIter, Template])]
impl Sre {
    #[attr("MAGIC")]
    const MAGIC: u32 = codes::MAGIC;
    #[attr("CODESIZE")]
    const CODESIZE: u32 = 4;
    #[attr("MAXREPEAT")]
    const MAXREPEAT: u32 = codes::MAX_REPEAT;
    #[attr("MAXGROUPS")]
    const MAXGROUPS: u32 = codes::MAX_GROUPS;

    fn getcodesize() -> u32 {
        4
    }
    fn ascii_iscased(character: i32) -> bool {
        u8::try_from(character).is_ok_and(|byte| byte.is_ascii_alphabetic())
    }
    fn unicode_iscased(character: i32) -> bool {
        let code = character as u32;
        lower_unicode(code) != code || upper_unicode(code) != code
    }
    fn ascii_tolower(character: i32) -> i32 {
        lower_ascii(character as u32) as i32
    }
    fn unicode_tolower(character: i32) -> i32 {
        lower_unicode(character as u32) as i32
    }
    /// Make a pattern of a code array.
    #[sig("(pattern, flags, code, groups, groupindex, indexgroup)")]
    fn compile(
        pattern: Value,
        flags: i32,
        code: Gc<List>,
        groups: isize,
        groupindex: Gc<Dict>,
        indexgroup: Gc<Tuple>,
    ) -> R<Gc<Pattern>> {
        let items = objects::list::list_snapshot(code);
        let mut words = with_room(items.len());
        for item in &items {
            let Some(view) = int_view(*item) else { return Err(type_error!("an integer is required")) };
            match view.to_u64().and_then(|number| u32::try_from(number).ok()) {
                Some(word) => words.push(word),
                None => return Err(overflow_error!("regular expression code size limit exceeded")),
            }
        }
        let wants_bytes = match pattern {
            none if none.is_none() => None,
            _ => Some(matches!(Subject::new(pattern)?, Subject::Bytes(_))),
        };
        let count = u32::try_from(groups).ok().filter(|count| *count <= codes::MAX_GROUPS);
        let Some(count) = count else { return Err(runtime_error!("invalid SRE code")) };
        // What is translated, and twice that while it grows.
        expect_room(words.len().saturating_mul(48));
        let program = match translate(&words, count) {
            Ok(program) => program,
            Err(Refusal::Invalid) => return Err(runtime_error!("invalid SRE code")),
            Err(Refusal::TooDeep) => return Err(recursion_error!("maximum recursion depth exceeded during compilation")),
        };
        Ok(new_pattern(Parts {
            source: pattern,
            flags: flags as u32,
            groups: count as usize,
            group_index: groupindex,
            group_names: indexgroup,
            wants_bytes,
            code: words,
            program,
        }))
    }
    /// Make a replacement template of its literals and group numbers.
    fn template(_pattern: Value, template: Gc<List>) -> R<Gc<Template>> {
        new_template(template)
    }
}
