//! Making functions, and the rare operations of `INTRINSIC`. Must not know: calls.

use crate::state::{Flow, Vm, a, b, bc, c, op};
use bytecode::ops::{Intrinsic as Kind, make_flags};
use heap::Value;
use objects::code::Code;
use objects::dict;
use objects::error::{R, system_error};
use objects::function::{CellObject, Function, new_function};
use objects::interned;
use objects::layout::{Cast, Gc};
use objects::tuple::{Tuple, new_tuple};

op!(MakeFunction slow(vm, w) {
    let current = vm.function();
    let code: Gc<Code> = match vm.constant(bc(w)).cast::<Code>() {
        Some(code) => code,
        None => return Err(system_error!("constant is not a code object")),
    };
    let globals = current.globals();
    let function = new_function(code, globals, current.builtins.get().unwrap_or(Value::none()));
    if let Some(globals) = globals.cast::<dict::Dict>()
        && let Some(module) = dict::dict_get_str(globals, interned!("__name__"))
    {
        function.module.set(&function.header, module);
    }
    fill(vm, function, code, vm.ext())?;
    vm.set(a(w), function.value());
    Ok(Flow::Next)
});

/// Takes over the inputs that follow each other from the first input register.
unsafe fn fill(vm: Vm, function: Gc<Function>, code: Gc<Code>, ext: u32) -> R<()> {
    let flags = ext as u8;
    let mut register = (ext >> 8) as usize;
    let mut take = |flag: u8| {
        if flags & flag == 0 {
            return None;
        }
        let value = vm.get(register);
        register += 1;
        Some(value)
    };
    // Functions with type parameters get defaults as an argument, which whoever sees the frame may change.
    if let Some(defaults) = take(make_flags::DEFAULTS) {
        if defaults.cast::<Tuple>().is_none() {
            return Err(system_error!("non-tuple default args"));
        }
        function.defaults.set(&function.header, defaults);
    }
    if let Some(defaults) = take(make_flags::KW_DEFAULTS) {
        if defaults.cast::<dict::Dict>().is_none() {
            return Err(system_error!("non-dict keyword only default args"));
        }
        function.kwdefaults.set(&function.header, defaults);
    }
    if let Some(pairs) = take(make_flags::ANNOTATIONS).and_then(|pairs| pairs.cast::<Tuple>()) {
        let annotations = dict::new_dict();
        function.annotations.set(&function.header, annotations.value());
        for pair in pairs.items().chunks_exact(2) {
            dict::dict_set(annotations, pair[0], pair[1])?;
        }
    }
    if let Some(annotate) = take(make_flags::ANNOTATE) {
        function.annotate.set(&function.header, annotate);
    }
    if flags & make_flags::CLOSURE != 0 {
        function.closure.set(&function.header, new_tuple(vm.slice(register, code.free_count as usize)).value());
    } else if let Some(cells) = take(make_flags::CLOSURE_TUPLE) {
        // Too many for the verifier to follow.
        let sound = cells.cast::<Tuple>().is_some_and(|cells| {
            cells.len() == code.free_count as usize && cells.items().iter().all(|cell| cell.cast::<CellObject>().is_some())
        });
        if !sound {
            return Err(system_error!("closure is not a tuple of cells"));
        }
        function.closure.set(&function.header, cells);
    }
    Ok(())
}

op!(Intrinsic slow(vm, w) {
    let Some(kind) = Kind::from_u8(c(w) as u8) else { return Err(system_error!("bad intrinsic")) };
    let args = vm.slice(b(w), kind.arity() as usize);
    let result = run(vm, kind, args)?;
    vm.set(a(w), result);
    Ok(Flow::Next)
});

unsafe fn run(vm: Vm, kind: Kind, args: &[Value]) -> R {
    use crate::typeparams;
    let none = Value::none();
    match kind {
        Kind::TypeVar => typeparams::type_var(vm, args[0], None, None),
        Kind::TypeVarWithBound => typeparams::type_var(vm, args[0], Some(args[1]), None),
        Kind::TypeVarWithConstraints => typeparams::type_var(vm, args[0], None, Some(args[1])),
        Kind::ParamSpec => typeparams::simple(vm, "ParamSpec", args[0]),
        Kind::TypeVarTuple => typeparams::simple(vm, "TypeVarTuple", args[0]),
        Kind::SetTypeParamDefault => typeparams::set_default(args[0], args[1]),
        Kind::SetFunctionTypeParams => {
            if let Some(function) = args[0].cast::<Function>() {
                function.type_params.set(&function.header, args[1]);
            }
            Ok(args[0])
        }
        Kind::SubscriptGeneric => typeparams::subscript_generic(args[0]),
        Kind::TypeAlias => typeparams::type_alias(vm, args[0], args[1], args[2]),
        Kind::PrepReraiseStar => crate::raising::prepare_reraise(args[0], args[1]),
        Kind::SetupAnnotations => {
            let name = interned!("__annotations__");
            if crate::names::mapping_get(args[0], name)?.is_none() {
                crate::names::mapping_set(args[0], name, dict::new_dict().value())?;
            }
            Ok(none)
        }
        Kind::PrintExpr => {
            let Some(hook) = crate::install::sys_attribute("displayhook") else {
                return Err(objects::error::runtime_error!("lost sys.displayhook"));
            };
            objects::call::call(hook, &[args[0]])?;
            Ok(none)
        }
        Kind::ImportStar => crate::ops::import_star(args[0], args[1]).map(|()| none),
    }
}
