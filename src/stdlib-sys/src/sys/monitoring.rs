//! `sys.monitoring`: tool ids and the table of events. The interpreter raises no events yet, so asking for some says so.

use crate::namespace::new_namespace;
use native_macros::native_module;
use objects::{
    Cast, Module, R, Slot, Str, Value, class_name, interned, new_int, new_object, not_implemented_error, type_error, value_error,
};

const EVENTS: &[&str] = &[
    "PY_START",
    "PY_RESUME",
    "PY_RETURN",
    "PY_YIELD",
    "CALL",
    "LINE",
    "INSTRUCTION",
    "JUMP",
    "BRANCH_LEFT",
    "BRANCH_RIGHT",
    "STOP_ITERATION",
    "RAISE",
    "EXCEPTION_HANDLED",
    "PY_UNWIND",
    "PY_THROW",
    "RERAISE",
    "C_RETURN",
    "C_RAISE",
    "BRANCH",
];

static TOOLS: [Slot; 6] = [const { Slot::empty() }; 6];

fn check_tool(tool: i32) -> R<&'static Slot> {
    if (0..6).contains(&tool) {
        return Ok(&TOOLS[tool as usize]);
    }
    Err(value_error!("invalid tool {tool} (must be between 0 and 5)"))
}
fn check_in_use(tool: i32) -> R<()> {
    if check_tool(tool)?.is_empty() { Err(value_error!("tool {tool} is not in use")) } else { Ok(()) }
}

pub struct Monitoring;

#[native_module(name = "sys.monitoring")]
impl Monitoring {
    fn use_tool_id(tool_id: i32, name: Value) -> R<()> {
        let slot = check_tool(tool_id)?;
        if name.cast::<Str>().is_none() {
            return Err(value_error!("tool name must be a str"));
        }
        if !slot.is_empty() {
            return Err(value_error!("tool {tool_id} is already in use"));
        }
        slot.set(name);
        Ok(())
    }
    fn clear_tool_id(tool_id: i32) -> R<()> {
        check_tool(tool_id).map(|_| ())
    }
    fn free_tool_id(tool_id: i32) -> R<()> {
        check_tool(tool_id)?.clear();
        Ok(())
    }
    fn get_tool(tool_id: i32) -> R {
        Ok(check_tool(tool_id)?.get().unwrap_or(Value::none()))
    }
    fn register_callback(tool_id: i32, event: i32, func: Value) -> R {
        check_tool(tool_id)?;
        if event <= 0 || event & (event - 1) != 0 {
            return Err(value_error!("The callback can only be set for one event at a time"));
        }
        if func.is_none() {
            return Ok(func);
        }
        Err(not_implemented_error!("sys.monitoring.register_callback"))
    }
    fn get_events(tool_id: i32) -> R<i32> {
        check_in_use(tool_id).map(|()| 0)
    }
    fn set_events(tool_id: i32, event_set: i32) -> R<()> {
        check_in_use(tool_id)?;
        if event_set == 0 { Ok(()) } else { Err(not_implemented_error!("sys.monitoring.set_events")) }
    }
    fn get_local_events(tool_id: i32, code: Value) -> R<i32> {
        if code.cast::<objects::code::Code>().is_none() {
            return Err(type_error!("code must be a code object, not {}", class_name(code)));
        }
        check_in_use(tool_id).map(|()| 0)
    }
    fn set_local_events(tool_id: i32, _code: Value, event_set: i32) -> R<()> {
        check_in_use(tool_id)?;
        if event_set == 0 { Ok(()) } else { Err(not_implemented_error!("sys.monitoring.set_local_events")) }
    }
    fn restart_events() {}
    fn _all_events() -> R {
        Ok(objects::new_dict().value())
    }
}

pub fn make() -> R {
    for slot in &TOOLS {
        heap::register_global_root(slot);
    }
    let module = objects::module::new_native_module(Monitoring::MODULE)?;
    fill(module)?;
    Ok(module.value())
}

fn fill(module: objects::Gc<Module>) -> R<()> {
    let object = objects::classes::object();
    for name in ["DISABLE", "MISSING"] {
        let marker = new_object(object, objects::class_new::Object { header: objects::Header::blank() });
        module.set(name, marker.value())?;
    }
    for (name, id) in [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)] {
        module.set(name, new_int(id))?;
    }
    let events = new_namespace(&[])?;
    for (bit, name) in EVENTS.iter().enumerate() {
        objects::set_attr(events, objects::intern(name), new_int(1 << bit))?;
    }
    objects::set_attr(events, interned!("NO_EVENTS"), new_int(0))?;
    module.set("events", events)
}
