//! The module `sys.monitoring` as Python sees it. Must not know: when events happen.

use crate::namespace::new_namespace;
use native_macros::native_module;
use objects::code::Code;
use objects::monitoring::{self as state, ALL_EVENTS, C_EVENTS, EVENTS, LOCAL_EVENTS, NAMES, TOOLS, event};
use objects::{Cast, Gc, R, Str, Value, dict, new_int, new_str, type_error, value_error};

fn tool(id: i64) -> R<usize> {
    match usize::try_from(id) {
        Ok(id) if id < TOOLS => Ok(id),
        _ => Err(value_error!("invalid tool {id} (must be between 0 and 5)")),
    }
}
fn tool_in_use(id: i64) -> R<usize> {
    let id = tool(id)?;
    match state::tool_name(id) {
        Some(_) => Ok(id),
        None => Err(value_error!("tool {id} is not in use")),
    }
}
fn code_of(code: Value) -> R<Gc<Code>> {
    code.cast::<Code>().ok_or_else(|| type_error!("code must be a code object"))
}

/// Events as a tool asks for them: C events come with calls, the old BRANCH stands for both new ones.
fn checked(events: i64, allowed: u32, what: &str) -> R<u32> {
    let set = events as u32;
    if events < 0 || events > ALL_EVENTS as i64 {
        return Err(value_error!("invalid {what} 0x{set:x}"));
    }
    if set & C_EVENTS != 0 && (set & C_EVENTS != C_EVENTS || set & 1 << event::CALL == 0) {
        return Err(value_error!("cannot set C_RETURN or C_RAISE events independently"));
    }
    let set = set & !C_EVENTS;
    if set & !allowed != 0 {
        return Err(value_error!("invalid {what} 0x{set:x}"));
    }
    // Who asks for calls hears how native ones end.
    Ok(if set & 1 << event::CALL != 0 { set | C_EVENTS } else { set })
}

pub struct Monitoring;

#[native_module(name = "sys.monitoring")]
impl Monitoring {
    #[attr("DEBUGGER_ID")]
    const DEBUGGER: i64 = 0;
    #[attr("COVERAGE_ID")]
    const COVERAGE: i64 = 1;
    #[attr("PROFILER_ID")]
    const PROFILER: i64 = 2;
    #[attr("OPTIMIZER_ID")]
    const OPTIMIZER: i64 = 5;

    fn use_tool_id(tool_id: i64, name: Value) -> R<()> {
        let id = tool(tool_id)?;
        if name.cast::<Str>().is_none() {
            return Err(value_error!("tool name must be a str"));
        }
        if state::tool_name(id).is_some() {
            return Err(value_error!("tool {id} is already in use"));
        }
        state::set_tool_name(id, Some(name));
        Ok(())
    }
    fn clear_tool_id(tool_id: i64) -> R<()> {
        let id = tool(tool_id)?;
        if state::tool_name(id).is_some() {
            state::clear_tool(id);
        }
        Ok(())
    }
    fn free_tool_id(tool_id: i64) -> R<()> {
        let id = tool(tool_id)?;
        if state::tool_name(id).is_some() {
            state::clear_tool(id);
            state::set_tool_name(id, None);
            crate::lsprof::tool_was_freed(id);
        }
        Ok(())
    }
    fn get_tool(tool_id: i64) -> R<Option<Value>> {
        Ok(state::tool_name(tool(tool_id)?))
    }
    fn register_callback(tool_id: i64, event: i64, func: Value) -> R<Option<Value>> {
        let id = tool(tool_id)?;
        if event <= 0 || !(event as u64).is_power_of_two() {
            return Err(value_error!("The callback can only be set for one event at a time"));
        }
        let number = event.trailing_zeros() as usize;
        if number >= EVENTS {
            return Err(value_error!("invalid event {event}"));
        }
        let func = Some(func).filter(|func| !func.is_none());
        Ok(state::set_callback(id, number, func))
    }
    fn get_events(tool_id: i64) -> R<u32> {
        Ok(state::global_events(tool(tool_id)?) & !C_EVENTS)
    }
    fn set_events(tool_id: i64, event_set: i64) -> R<()> {
        tool(tool_id)?;
        let events = checked(event_set, ALL_EVENTS, "event set")?;
        state::set_global_events(tool_in_use(tool_id)?, events);
        Ok(())
    }
    fn get_local_events(tool_id: i64, code: Value) -> R<u32> {
        let code = code_of(code)?;
        let id = tool(tool_id)?;
        Ok(state::code_state(code).local_events(id) & !C_EVENTS)
    }
    fn set_local_events(tool_id: i64, code: Value, event_set: i64) -> R<()> {
        let code = code_of(code)?;
        tool(tool_id)?;
        let events = checked(event_set, LOCAL_EVENTS | 1 << event::BRANCH, "local event set")?;
        state::set_local_events(tool_in_use(tool_id)?, code, events);
        Ok(())
    }
    fn restart_events() {
        state::restart();
    }
    fn _all_events() -> R {
        let all = objects::new_dict();
        for (number, name) in NAMES.iter().enumerate() {
            let tools = (0..TOOLS).filter(|id| state::global_events(*id) & 1 << number != 0).fold(0, |set, id| set | 1 << id);
            if tools != 0 {
                dict::dict_set(all, new_str(name), new_int(tools))?;
            }
        }
        Ok(all.value())
    }
}

/// The module, with its namespace of events and the two objects that stand for answers.
pub fn make() -> R {
    let module = objects::module::new_native_module(Monitoring::MODULE)?;
    let (disable, missing) = state::sentinels();
    module.set("DISABLE", disable)?;
    module.set("MISSING", missing)?;
    let mut events = vec![("NO_EVENTS", Value::small(0))];
    events.extend(NAMES.iter().enumerate().map(|(number, name)| (*name, new_int(1 << number))));
    let events = new_namespace(&events)?;
    module.set("events", events)?;
    Ok(module.value())
}
