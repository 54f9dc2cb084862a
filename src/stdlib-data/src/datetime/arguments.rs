//! Binding arguments the way these constructors word it, and numbers of C's int. Must not know: the classes.

use objects::{Args, Cast, R, Str, Value, overflow_error, type_error};

/// The arguments by name. The first `positional` ones may be given by position.
pub fn bind<const N: usize>(
    args: Args,
    what: &str,
    names: [&str; N],
    required: usize,
    positional: usize,
) -> R<[Option<Value>; N]> {
    let mut bound = [None; N];
    let given = args.total_len();
    if given > N {
        let plural = if N == 1 { "" } else { "s" };
        return Err(type_error!("{what} takes at most {N} argument{plural} ({given} given)"));
    }
    if args.len() > positional {
        return Err(type_error!("{what} takes at most {positional} positional arguments ({} given)", args.len()));
    }
    bound[..args.len()].iter_mut().zip(args.positional()).for_each(|(place, value)| *place = Some(*value));
    let mut unknown = None;
    for (name, value) in args.keywords() {
        let text = name.cast::<Str>().and_then(|name| name.as_str()).unwrap_or("");
        match names.iter().position(|known| *known == text) {
            Some(index) if bound[index].is_none() => bound[index] = Some(value),
            Some(index) => {
                return Err(type_error!("argument for {what} given by name ('{text}') and position ({})", index + 1));
            }
            None => unknown = Some(text),
        }
    }
    for (index, value) in bound[..required].iter().enumerate() {
        match value {
            None => return Err(type_error!("{what} missing required argument '{}' (pos {})", names[index], index + 1)),
            // Arguments are converted one by one, so a wrong one counts before a later one is missed.
            Some(value) if required > 1 => {
                int(*value)?;
            }
            Some(_) => {}
        }
    }
    if let Some(text) = unknown {
        return Err(type_error!("{what} got an unexpected keyword argument '{text}'"));
    }
    Ok(bound)
}

/// A C int.
pub fn int(value: Value) -> R<i64> {
    if value.is_int()
        && let Ok(number) = i32::try_from(value.as_int())
    {
        return Ok(number as i64);
    }
    let number = objects::number::index(value)?;
    match objects::int_view(number).and_then(|number| number.to_i64()) {
        None => Err(overflow_error!("Python int too large to convert to C long")),
        Some(number) if number > i32::MAX as i64 => Err(overflow_error!("signed integer is greater than maximum")),
        Some(number) if number < i32::MIN as i64 => Err(overflow_error!("signed integer is less than minimum")),
        Some(number) => Ok(number),
    }
}
pub fn int_or(value: Option<Value>, default: i64) -> R<i64> {
    value.map_or(Ok(default), int)
}
