//! `re.Pattern`.

use super::codes::flag;
use super::machine::{Scratch, UNSET};
use super::matching::{Match, Range, new_match};
use super::program::Program;
use super::scanner::{FindIter, Scanner, new_iterator, new_scanner};
use super::subject::{Attempt, Mode, Subject, Walk, with_scratch};
use super::substitute::substitute;
use objects::dict::Dict;
use objects::list::{list_append, list_with_room};
use objects::{Class, DeriveLayout, Gc, GcVec, Header, List, R, Slot, Str, Tuple, Value, native_class, new_tuple};

#[derive(DeriveLayout)]
#[repr(C)]
pub struct Pattern {
    header: Header,
    source: Slot,
    flags: u32,
    groups: usize,
    group_index: Option<Gc<Dict>>,
    group_names: Gc<Tuple>,
    /// None: the pattern has no text (it works on both).
    #[layout(skip)] // no references inside
    wants_bytes: Option<bool>,
    code: Vec<u32>,
    #[layout(skip)] // no references inside
    program: Box<Program>,
}

/// What `_sre.compile` puts together.
pub struct Parts {
    pub source: Value,
    pub flags: u32,
    pub groups: usize,
    pub group_index: Gc<Dict>,
    pub group_names: Gc<Tuple>,
    pub wants_bytes: Option<bool>,
    pub code: Vec<u32>,
    pub program: Program,
}

pub fn new_pattern(parts: Parts) -> Gc<Pattern> {
    objects::new_native(Pattern {
        header: Header::blank(),
        source: Slot::new(parts.source),
        flags: parts.flags,
        groups: parts.groups,
        group_index: (!parts.group_index.is_empty()).then_some(parts.group_index),
        group_names: parts.group_names,
        wants_bytes: parts.wants_bytes,
        code: parts.code,
        program: Box::new(parts.program),
    })
}

impl Pattern {
    pub fn groups(&self) -> usize {
        self.groups
    }
    pub fn program(&self) -> &Program {
        &self.program
    }
    pub fn group_index(&self) -> Option<Gc<Dict>> {
        self.group_index
    }
    pub fn group_name(&self, group: usize) -> Option<Value> {
        self.group_names.get(group)
    }
    fn source(&self) -> Value {
        self.source.get().unwrap_or(Value::none())
    }
    pub fn subject(&self, string: Value) -> R<Subject> {
        Subject::for_pattern(string, self.wants_bytes)
    }
    fn find(this: Gc<Pattern>, mode: Mode, string: Value, pos: isize, endpos: Option<isize>) -> R<Option<Gc<Match>>> {
        let subject = this.subject(string)?;
        let (start, end) = subject.clamp(pos, endpos);
        with_scratch(|scratch| {
            let attempt = Attempt { mode, start, end, advance_from: UNSET };
            let found = subject.find(&this.program, scratch, attempt)?;
            let range = Range { pos: start, endpos: end };
            Ok(found.map(|span| new_match(this, string, range, span, scratch)))
        })
    }
    /// What `findall` lists for a match.
    fn found_item(&self, subject: &Subject, (start, end): (usize, usize), scratch: &Scratch) -> Value {
        let group = |group: usize| {
            let (start, end) = scratch.span(group).unwrap_or((0, 0));
            subject.slice(start, end)
        };
        match self.groups {
            0 => subject.slice(start, end),
            1 => group(1),
            count => {
                let items: GcVec = (1..=count).map(group).collect();
                new_tuple(&items).value()
            }
        }
    }
}

/// Compiled regular expression object.
#[native_class(name = "re.Pattern", base = object, flags = "final no_new weakref")]
impl Pattern {
    /// Matches zero or more characters at the beginning of the string.
    #[name("match")]
    #[sig("(string, pos=0, endpos=sys.maxsize)")]
    fn match_(this: Gc<Pattern>, string: Value, pos: isize, endpos: Option<isize>) -> R<Option<Gc<Match>>> {
        Pattern::find(this, Mode::Match, string, pos, endpos)
    }
    /// Matches against all of the string.
    #[sig("(string, pos=0, endpos=sys.maxsize)")]
    fn fullmatch(this: Gc<Pattern>, string: Value, pos: isize, endpos: Option<isize>) -> R<Option<Gc<Match>>> {
        Pattern::find(this, Mode::FullMatch, string, pos, endpos)
    }
    /// Scan through string looking for a match, and return a corresponding match object instance.
    ///
    /// Return None if no position in the string matches.
    #[sig("(string, pos=0, endpos=sys.maxsize)")]
    fn search(this: Gc<Pattern>, string: Value, pos: isize, endpos: Option<isize>) -> R<Option<Gc<Match>>> {
        Pattern::find(this, Mode::Search, string, pos, endpos)
    }
    /// Return a list of all non-overlapping matches of pattern in string.
    #[sig("(string, pos=0, endpos=sys.maxsize)")]
    fn findall(this: Gc<Pattern>, string: Value, pos: isize, endpos: Option<isize>) -> R<Gc<List>> {
        let subject = this.subject(string)?;
        let (start, end) = subject.clamp(pos, endpos);
        let (mut walk, list) = (Walk::new(start, end), list_with_room(0));
        with_scratch(|scratch| {
            while let Some(span) = walk.next(&subject, &this.program, scratch, Mode::Search)? {
                list_append(list, this.found_item(&subject, span, scratch))?;
            }
            Ok(list)
        })
    }
    /// Return an iterator over all non-overlapping matches for the RE pattern in string.
    ///
    /// For each match, the iterator returns a match object.
    #[sig("(string, pos=0, endpos=sys.maxsize)")]
    fn finditer(this: Gc<Pattern>, string: Value, pos: isize, endpos: Option<isize>) -> R<Gc<FindIter>> {
        let (start, end) = this.subject(string)?.clamp(pos, endpos);
        Ok(new_iterator(new_scanner(this, string, start, end)?))
    }
    #[sig("(string, pos=0, endpos=sys.maxsize)")]
    fn scanner(this: Gc<Pattern>, string: Value, pos: isize, endpos: Option<isize>) -> R<Gc<Scanner>> {
        let (start, end) = this.subject(string)?.clamp(pos, endpos);
        new_scanner(this, string, start, end)
    }
    /// Return the string obtained by replacing the leftmost non-overlapping occurrences of pattern in string by the replacement repl.
    #[sig("(repl, string, count=0)")]
    fn sub(this: Gc<Pattern>, repl: Value, string: Value, count: isize) -> R {
        Ok(substitute(this, repl, string, count)?.0)
    }
    /// Return the tuple (new_string, number_of_subs_made) found by replacing the leftmost non-overlapping occurrences of pattern with the replacement repl.
    #[sig("(repl, string, count=0)")]
    fn subn(this: Gc<Pattern>, repl: Value, string: Value, count: isize) -> R<(Value, usize)> {
        substitute(this, repl, string, count)
    }
    /// Split string by the occurrences of pattern.
    #[sig("(string, maxsplit=0)")]
    fn split(this: Gc<Pattern>, string: Value, maxsplit: isize) -> R<Gc<List>> {
        let subject = this.subject(string)?;
        let (mut walk, list) = (Walk::new(0, subject.len()), list_with_room(0));
        let (mut last, mut count) = (0, 0);
        with_scratch(|scratch| {
            while maxsplit == 0 || count < maxsplit {
                let Some((start, end)) = walk.next(&subject, &this.program, scratch, Mode::Search)? else { break };
                list_append(list, subject.slice(last, start))?;
                for group in 1..=this.groups {
                    let item = scratch.span(group).map_or(Value::none(), |(start, end)| subject.slice(start, end));
                    list_append(list, item)?;
                }
                count += 1;
                last = end;
            }
            list_append(list, subject.slice(last, subject.len()))?;
            Ok(list)
        })
    }
    fn __copy__(this: Gc<Pattern>) -> Gc<Pattern> {
        this
    }
    #[sig("(memo, /)")]
    fn __deepcopy__(this: Gc<Pattern>, _memo: Value) -> Gc<Pattern> {
        this
    }
    /// Patterns are generic over the type of string they handle (str or bytes)
    #[classmethod]
    #[sig("(object, /)")]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    fn __eq__(this: Gc<Pattern>, other: Gc<Pattern>) -> R<bool> {
        if this == other {
            return Ok(true);
        }
        let alike = this.flags == other.flags && this.wants_bytes == other.wants_bytes && this.groups == other.groups;
        if !alike || this.code != other.code {
            return Ok(false);
        }
        objects::eq(this.source(), other.source())
    }
    fn __hash__(this: Gc<Pattern>) -> R<i64> {
        let bytes: Vec<u8> = this.code.iter().flat_map(|word| word.to_le_bytes()).collect();
        let code = base::hash::hash_bytes(objects::str::hash_secret(), &bytes);
        let own = this.flags as i64 ^ (this.wants_bytes == Some(true)) as i64 ^ this.groups as i64;
        let hash = objects::hash(this.source())? ^ code ^ own;
        Ok(if hash == -1 { -2 } else { hash })
    }
    fn __repr__(this: Gc<Pattern>) -> R {
        let shown = objects::repr(this.source())?;
        let shown = Str::substring(shown, 0, shown.len().min(200));
        let flags = flag_names(this.flags, this.wants_bytes);
        let flags = if flags.is_empty() { String::new() } else { format!(", {flags}") };
        let pieces = [Str::new("re.compile("), shown, Str::new(&flags), Str::new(")")];
        Ok(objects::str::str_concat_all(&pieces)?.value())
    }
    /// The pattern string from which the RE object was compiled.
    #[getter]
    fn pattern(this: Gc<Pattern>) -> Value {
        this.source()
    }
    /// The regex matching flags.
    #[getter("flags")]
    fn get_flags(this: Gc<Pattern>) -> u32 {
        this.flags
    }
    /// The number of capturing groups in the pattern.
    #[getter("groups")]
    fn get_groups(this: Gc<Pattern>) -> usize {
        this.groups
    }
    /// A dictionary mapping group names to group numbers.
    #[getter]
    fn groupindex(this: Gc<Pattern>) -> R {
        match this.group_index {
            Some(names) => crate::support::mapping_proxy(names.value()),
            None => Ok(objects::new_dict().value()),
        }
    }
}

fn flag_names(mut flags: u32, wants_bytes: Option<bool>) -> String {
    if wants_bytes == Some(false) && flags & (flag::LOCALE | flag::UNICODE | flag::ASCII) == flag::UNICODE {
        flags &= !flag::UNICODE;
    }
    const NAMES: [(&str, u32); 8] = [
        ("re.IGNORECASE", 2),
        ("re.LOCALE", flag::LOCALE),
        ("re.MULTILINE", 8),
        ("re.DOTALL", 16),
        ("re.UNICODE", flag::UNICODE),
        ("re.VERBOSE", 64),
        ("re.DEBUG", flag::DEBUG),
        ("re.ASCII", flag::ASCII),
    ];
    let mut names: Vec<String> = NAMES.iter().filter(|(_, bit)| flags & bit != 0).map(|(name, _)| (*name).to_owned()).collect();
    let rest = NAMES.iter().fold(flags, |rest, (_, bit)| rest & !bit);
    if rest != 0 {
        names.push(format!("{rest:#x}"));
    }
    names.join("|")
}
