//! The words of errors in calls of Python functions. Must not know: how arguments are bound.

use crate::call::CallArgs;
use heap::Value;
use objects::code::Code;
use objects::error::{R, Raised, type_error};
use objects::function::Function;
use objects::layout::{Cast, Gc};
use objects::str::Str;
use objects::tuple::Tuple;

/// The function's qualified name, without the parentheses.
pub fn function_name(function: Gc<Function>) -> String {
    match function.qualname.get().and_then(|name| name.cast::<Str>()) {
        Some(name) => name.to_string_lossy(),
        None => "<function>".to_string(),
    }
}

/// `module.qualname()` of any callable, as messages about `*` and `**` arguments say it.
pub fn callable_name(callable: Value) -> R<String> {
    let Some(qualname) = objects::lookup::get_attr_opt(callable, objects::interned!("__qualname__"))? else {
        return Ok(objects::protocol::str_of(callable)?.to_string_lossy());
    };
    let qualname = match qualname.cast::<Str>() {
        Some(name) => name.to_string_lossy(),
        None => objects::protocol::str_of(qualname)?.to_string_lossy(),
    };
    let module = objects::lookup::get_attr_opt(callable, objects::interned!("__module__"))?;
    match module.and_then(|module| module.cast::<Str>()) {
        Some(module) if !objects::str::str_is(&module, "builtins") => Ok(format!("{}.{qualname}()", module.to_string_lossy())),
        _ => Ok(format!("{qualname}()")),
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn parameter(code: Gc<Code>, index: usize) -> String {
    code.variables()[index].name.to_string_lossy()
}

#[cold]
pub fn too_many_positional(function: Gc<Function>, code: Gc<Code>, given: usize, slots: &[u64]) -> Raised {
    let wanted = code.arg_count as usize;
    let defaults = function.defaults.get().and_then(|value| value.cast::<Tuple>()).map_or(0, |tuple| tuple.items().len());
    let (range, many) = if defaults > 0 {
        (format!("from {} to {wanted}", wanted.saturating_sub(defaults)), true)
    } else {
        (wanted.to_string(), wanted != 1)
    };
    let keyword_only = (wanted..wanted + code.kw_only_count as usize).filter(|index| slots[*index] != 0).count();
    let detail = if keyword_only > 0 {
        format!(" positional argument{} (and {keyword_only} keyword-only argument{})", plural(given), plural(keyword_only))
    } else {
        String::new()
    };
    type_error!(
        "{}() takes {range} positional argument{} but {given}{detail} {} given",
        function_name(function),
        if many { "s" } else { "" },
        if given == 1 && keyword_only == 0 { "was" } else { "were" }
    )
}

/// `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`.
fn join_names(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("'{one}'"),
        [first, second] => format!("'{first}' and '{second}'"),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(|name| format!("'{name}'")).collect();
            format!("{}, and '{last}'", rest.join(", "))
        }
    }
}

#[cold]
fn missing(function: Gc<Function>, kind: &str, names: &[String]) -> Raised {
    type_error!(
        "{}() missing {} required {kind} argument{}: {}",
        function_name(function),
        names.len(),
        plural(names.len()),
        join_names(names)
    )
}

#[cold]
pub fn missing_positional(function: Gc<Function>, code: Gc<Code>, slots: &[u64], first_default: usize) -> Raised {
    let names: Vec<String> = (0..first_default).filter(|index| slots[*index] == 0).map(|index| parameter(code, index)).collect();
    missing(function, "positional", &names)
}

#[cold]
pub fn missing_keyword_only(function: Gc<Function>, code: Gc<Code>, slots: &[u64], named: usize) -> Raised {
    let names: Vec<String> =
        (code.arg_count as usize..named).filter(|index| slots[*index] == 0).map(|index| parameter(code, index)).collect();
    missing(function, "keyword-only", &names)
}

#[cold]
pub fn unexpected_keyword(function: Gc<Function>, code: Gc<Code>, args: CallArgs, named: usize, name: Gc<Str>) -> Raised {
    let is_given = |index: usize| {
        args.names
            .iter()
            .filter_map(|given| given.cast::<Str>())
            .any(|given| objects::str::str_eq(&given, &code.variables()[index].name))
    };
    let positional_only: Vec<String> =
        (0..code.pos_only_count as usize).filter(|index| is_given(*index)).map(|index| parameter(code, index)).collect();
    if !positional_only.is_empty() {
        return type_error!(
            "{}() got some positional-only arguments passed as keyword arguments: '{}'",
            function_name(function),
            positional_only.join(", ")
        );
    }
    let wrong = name.to_string_lossy();
    let candidates: Vec<String> = (code.pos_only_count as usize..named).map(|index| parameter(code, index)).collect();
    match suggestion(&wrong, &candidates) {
        Some(better) => {
            type_error!("{}() got an unexpected keyword argument '{wrong}'. Did you mean '{better}'?", function_name(function))
        }
        None => type_error!("{}() got an unexpected keyword argument '{wrong}'", function_name(function)),
    }
}

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const MAX_NAME: usize = 40;

fn substitution_cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

/// Edit distance where moves cost 2 and a change of case costs 1; None above `limit`.
fn edit_distance(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    let mut row: Vec<usize> = (0..=b.len()).map(|index| index * MOVE_COST).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1) * MOVE_COST;
        let mut smallest = row[0];
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + substitution_cost(*x, *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + MOVE_COST).min(row[j] + MOVE_COST);
            smallest = smallest.min(row[j + 1]);
        }
        if smallest > limit {
            return None;
        }
    }
    Some(row[b.len()]).filter(|distance| *distance <= limit)
}

/// The candidate that is nearest to a misspelt name, if one is near.
pub fn suggestion<'a>(wrong: &str, candidates: &'a [String]) -> Option<&'a str> {
    if wrong.len() > MAX_NAME {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == wrong || candidate.len() > MAX_NAME {
            continue;
        }
        let mut limit = (wrong.len() + candidate.len() + 3) * MOVE_COST / 6;
        if let Some((distance, _)) = best {
            limit = limit.min(distance - 1);
        }
        if let Some(distance) = edit_distance(wrong.as_bytes(), candidate.as_bytes(), limit)
            && best.is_none_or(|(known, _)| distance < known)
        {
            best = Some((distance, candidate));
            if distance == 0 {
                break;
            }
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_joined_as_english_lists() {
        let names = |list: &[&str]| list.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        assert_eq!(join_names(&names(&["a"])), "'a'");
        assert_eq!(join_names(&names(&["a", "b"])), "'a' and 'b'");
        assert_eq!(join_names(&names(&["a", "b", "c"])), "'a', 'b', and 'c'");
    }

    #[test]
    fn suggestions_are_near_names_only() {
        let candidates = ["index".to_string(), "value".to_string()];
        assert_eq!(suggestion("indx", &candidates), Some("index"));
        assert_eq!(suggestion("Value", &candidates), Some("value"));
        assert_eq!(suggestion("zzz", &candidates), None);
    }
}
