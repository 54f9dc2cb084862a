//! `re.Match`.

use super::machine::{Scratch, UNSET};
use super::pattern::Pattern;
use super::subject::Subject;
use super::template;
use heap::Tracer;
use objects::layout::{ClassCell, LayoutDesc};
use objects::{
    Args, Cast, Class, Gc, GcVec, Header, Layout, R, Slot, Str, Value, index_error, native_class, new_int, new_int_usize,
    new_tuple,
};

/// Spans of the whole match and of the groups follow the fixed part.
#[repr(C)]
pub struct Match {
    header: Header,
    string: Slot,
    pattern: Slot,
    pos: usize,
    endpos: usize,
    last_group: usize,
    span_count: usize,
}

const SPANS_OFFSET: usize = std::mem::size_of::<Match>();
type Span = [usize; 2];

unsafe fn trace_match(object: *mut Header, tracer: &mut Tracer) {
    let object = &*(object as *mut Match);
    tracer.slot(&object.string);
    tracer.slot(&object.pattern);
}
unsafe fn match_end(object: *mut Header) -> usize {
    SPANS_OFFSET + (*(object as *mut Match)).span_count * std::mem::size_of::<Span>()
}

static LAYOUT: LayoutDesc = LayoutDesc {
    name: "re.Match",
    size: SPANS_OFFSET,
    parent: None,
    trace: trace_match,
    drop: None,
    drops_late: false,
    guarded: false,
    tail_end: Some(match_end),
    class: ClassCell::new(),
};
// SAFETY: repr(C), header first, traced above.
unsafe impl Layout for Match {
    const DESC: &'static LayoutDesc = &LAYOUT;
}

/// Where a match was looked for.
#[derive(Clone, Copy)]
pub struct Range {
    pub pos: usize,
    pub endpos: usize,
}

/// The match object of a success that left its groups in `scratch`.
pub fn new_match(pattern: Gc<Pattern>, string: Value, range: Range, span: (usize, usize), scratch: &Scratch) -> Gc<Match> {
    let count = pattern.groups() + 1;
    let size = SPANS_OFFSET + count * std::mem::size_of::<Span>();
    // SAFETY: a fresh cell of that size; all of it is written before anybody sees it.
    unsafe {
        let object = match heap::try_alloc(size, Match::class().root_shape()) {
            Some(object) => object as *mut Match,
            None => heap::out_of_memory(),
        };
        (*object).span_count = count;
        (*object).string.set(string);
        (*object).pattern.set(pattern.value());
        (*object).pos = range.pos;
        (*object).endpos = range.endpos;
        (*object).last_group = scratch.last_group as usize;
        let spans = (object as *mut u8).add(SPANS_OFFSET) as *mut Span;
        spans.write([span.0, span.1]);
        for group in 1..count {
            let (start, end) = scratch.span(group).unwrap_or((UNSET, UNSET));
            spans.add(group).write([start, end]);
        }
        Gc::from_ptr(object)
    }
}

impl Match {
    fn spans(&self) -> &[Span] {
        // SAFETY: the tail holds that many spans.
        unsafe {
            let start = (self as *const Match as *const u8).add(SPANS_OFFSET) as *const Span;
            std::slice::from_raw_parts(start, self.span_count)
        }
    }
    pub fn pattern(&self) -> Gc<Pattern> {
        // SAFETY: set when the match was made.
        unsafe { self.pattern.get().unwrap_unchecked().cast_unchecked() }
    }
    pub fn string(&self) -> Value {
        self.string.get().unwrap_or(Value::none())
    }
    fn span_of(&self, group: usize) -> Option<(usize, usize)> {
        let [start, end] = *self.spans().get(group)?;
        (start != UNSET).then_some((start, end))
    }
    /// Number of the group that an index or name means.
    fn group_number(&self, group: Value) -> R<usize> {
        let number = if group.is_int() {
            Some(group.as_int())
        } else if objects::class_of(group).slots.index.get().is_some() {
            Some(objects::index_clamped(group)?)
        } else {
            match self.pattern().group_index() {
                Some(names) => objects::dict::dict_get(names, group)?.filter(|number| number.is_int()).map(Value::as_int),
                None => None,
            }
        };
        match number.and_then(|number| usize::try_from(number).ok()) {
            Some(number) if number < self.span_count => Ok(number),
            _ => Err(index_error!("no such group")),
        }
    }
    /// What a group matched, else the default.
    pub fn group_or(&self, subject: &Subject, group: usize, default: Value) -> R {
        if group >= self.span_count {
            return Err(index_error!("no such group"));
        }
        Ok(self.span_of(group).map_or(default, |(start, end)| subject.slice(start, end)))
    }
}

fn pair((start, end): (i64, i64)) -> Value {
    new_tuple(&[new_int(start), new_int(end)]).value()
}
fn bounds(span: Option<(usize, usize)>) -> (i64, i64) {
    span.map_or((-1, -1), |(start, end)| (start as i64, end as i64))
}

/// The result of re.match() and re.search().
/// Match objects always have a boolean value of True.
#[native_class(name = "re.Match", base = object, flags = "final no_new no_items")]
impl Match {
    /// group([group1, ...]) -> str or tuple.
    /// Return subgroup(s) of the match by indices or names.
    /// For 0 returns the entire match.
    fn group(this: Gc<Match>, args: Args) -> R {
        args.no_keywords("group")?;
        let subject = Subject::new(this.string())?;
        match args.positional() {
            [] => this.group_or(&subject, 0, Value::none()),
            [group] => this.group_or(&subject, this.group_number(*group)?, Value::none()),
            groups => {
                let mut items = GcVec::with_capacity(groups.len());
                for group in groups {
                    items.push(this.group_or(&subject, this.group_number(*group)?, Value::none())?);
                }
                Ok(new_tuple(&items).value())
            }
        }
    }
    fn __getitem__(this: Gc<Match>, key: Value) -> R {
        let number = this.group_number(key)?;
        match (this.string().cast::<Str>(), this.span_of(number)) {
            (_, None) => Ok(Value::none()),
            (Some(text), Some((start, end))) => Ok(Str::substring(text, start, end).value()),
            (None, Some((start, end))) => Ok(Subject::new(this.string())?.slice(start, end)),
        }
    }
    /// Return index of the start of the substring matched by group.
    #[sig("(group=0, /)")]
    fn start(this: Gc<Match>, group: Option<Value>) -> R<i64> {
        Ok(bounds(this.span_of(this.group_number(group.unwrap_or(Value::small(0)))?)).0)
    }
    /// Return index of the end of the substring matched by group.
    #[sig("(group=0, /)")]
    fn end(this: Gc<Match>, group: Option<Value>) -> R<i64> {
        Ok(bounds(this.span_of(this.group_number(group.unwrap_or(Value::small(0)))?)).1)
    }
    /// For match object m, return the 2-tuple (m.start(group), m.end(group)).
    #[sig("(group=0, /)")]
    fn span(this: Gc<Match>, group: Option<Value>) -> R {
        Ok(pair(bounds(this.span_of(this.group_number(group.unwrap_or(Value::small(0)))?))))
    }
    /// Return a tuple containing all the subgroups of the match, from 1.
    ///
    ///   default
    ///     Is used for groups that did not participate in the match.
    #[sig("(default=None)")]
    fn groups(this: Gc<Match>, default: Option<Value>) -> R {
        let subject = Subject::new(this.string())?;
        let mut items = GcVec::with_capacity(this.span_count);
        for group in 1..this.span_count {
            items.push(this.group_or(&subject, group, default.unwrap_or(Value::none()))?);
        }
        Ok(new_tuple(&items).value())
    }
    /// Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.
    ///
    ///   default
    ///     Is used for groups that did not participate in the match.
    #[sig("(default=None)")]
    fn groupdict(this: Gc<Match>, default: Option<Value>) -> R {
        let result = objects::new_dict();
        let Some(names) = this.pattern().group_index() else { return Ok(result.value()) };
        let subject = Subject::new(this.string())?;
        for (name, number) in objects::dict::dict_items(names) {
            let value = this.group_or(&subject, this.group_number(number)?, default.unwrap_or(Value::none()))?;
            objects::dict::dict_set(result, name, value)?;
        }
        Ok(result.value())
    }
    /// Return the string obtained by doing backslash substitution on the string template, as done by the sub() method.
    #[sig("(template)")]
    fn expand(this: Gc<Match>, template: Value) -> R {
        template::compiled(this.pattern(), template)?.expand(this)
    }
    fn __copy__(this: Gc<Match>) -> Gc<Match> {
        this
    }
    #[sig("(memo, /)")]
    fn __deepcopy__(this: Gc<Match>, _memo: Value) -> Gc<Match> {
        this
    }
    /// Matches are generic over the type of string which was matched (str or bytes)
    #[classmethod]
    #[sig("(object, /)")]
    fn __class_getitem__(cls: Gc<Class>, item: Value) -> R {
        objects::door::generic_alias(cls.value(), item)
    }
    fn __repr__(this: Gc<Match>) -> R {
        let (start, end) = this.span_of(0).unwrap_or((0, 0));
        let shown = objects::repr(Subject::new(this.string())?.slice(start, end))?;
        let head = Str::new(&format!("<re.Match object; span=({start}, {end}), match="));
        Ok(objects::str::str_concat_all(&[head, shown, Str::new(">")])?.value())
    }
    /// The string passed to match() or search().
    #[getter("string")]
    fn get_string(this: Gc<Match>) -> Value {
        this.string()
    }
    /// The regular expression object.
    #[getter]
    fn re(this: Gc<Match>) -> Gc<Pattern> {
        this.pattern()
    }
    /// The index into the string at which the RE engine started looking for a match.
    #[getter]
    fn pos(this: Gc<Match>) -> usize {
        this.pos
    }
    /// The index into the string beyond which the RE engine will not go.
    #[getter]
    fn endpos(this: Gc<Match>) -> usize {
        this.endpos
    }
    /// The integer index of the last matched capturing group.
    #[getter]
    fn lastindex(this: Gc<Match>) -> Option<Value> {
        (this.last_group > 0).then(|| new_int_usize(this.last_group))
    }
    /// The name of the last matched capturing group.
    #[getter]
    fn lastgroup(this: Gc<Match>) -> Option<Value> {
        if this.last_group > 0 { this.pattern().group_name(this.last_group) } else { None }
    }
    #[getter]
    fn regs(this: Gc<Match>) -> Value {
        let mut items = GcVec::with_capacity(this.span_count);
        for group in 0..this.span_count {
            items.push(pair(bounds(this.span_of(group))));
        }
        new_tuple(&items).value()
    }
}
