//! The module `_types`: the classes that `types` names. Here, because the classes lie in several crates.

use objects::{Cast, Module, R, Value, class_of, native_module};

pub struct Types;

/// The built-in types that have no name elsewhere.
#[native_module(name = "_types")]
impl Types {
    fn __exec__(module: Value) -> R<()> {
        use builtins::native_function as native;
        use interp::skin;
        let Some(module) = module.cast::<Module>() else { return Ok(()) };
        let functions = native::NativeFunctionSkin::CLASS_DEF.class();
        let classes = [
            ("AsyncGeneratorType", skin::async_generator::AsyncGeneratorSkin::CLASS_DEF.class()),
            ("BuiltinFunctionType", functions),
            ("BuiltinMethodType", functions),
            ("CapsuleType", objects::class_new::native_class(hpy::capsule::Capsule::CLASS_DEF)?),
            ("CellType", skin::function::CellSkin::CLASS_DEF.class()),
            ("ClassMethodDescriptorType", native::ClassMethodDescriptorSkin::CLASS_DEF.class()),
            ("CodeType", skin::code::CodeSkin::CLASS_DEF.class()),
            ("CoroutineType", skin::generator::CoroutineSkin::CLASS_DEF.class()),
            ("EllipsisType", class_of(Value::ellipsis())),
            ("FrameType", skin::frame::FrameSkin::CLASS_DEF.class()),
            ("FunctionType", skin::function::FunctionSkin::CLASS_DEF.class()),
            ("GeneratorType", skin::generator::GeneratorSkin::CLASS_DEF.class()),
            ("GenericAlias", builtins::generic_alias::GenericAliasSkin::CLASS_DEF.class()),
            ("GetSetDescriptorType", native::GetSetSkin::CLASS_DEF.class()),
            ("LambdaType", skin::function::FunctionSkin::CLASS_DEF.class()),
            ("MappingProxyType", builtins::mappingproxy::MappingProxySkin::CLASS_DEF.class()),
            ("MemberDescriptorType", native::MemberSkin::CLASS_DEF.class()),
            ("MethodDescriptorType", native::MethodDescriptorSkin::CLASS_DEF.class()),
            ("MethodType", builtins::method::MethodSkin::CLASS_DEF.class()),
            ("MethodWrapperType", native::MethodWrapperSkin::CLASS_DEF.class()),
            ("ModuleType", builtins::module::ModuleSkin::CLASS_DEF.class()),
            ("NoneType", class_of(Value::none())),
            ("NotImplementedType", class_of(Value::not_implemented())),
            ("TracebackType", skin::traceback::TracebackSkin::CLASS_DEF.class()),
            ("UnionType", builtins::union::UnionSkin::CLASS_DEF.class()),
            ("WrapperDescriptorType", native::SlotWrapperSkin::CLASS_DEF.class()),
        ];
        for (name, class) in classes {
            module.set(name, class.value())?;
        }
        let implementation = objects::system::sys_attr("implementation");
        if let Some(namespace) = implementation.map(class_of) {
            module.set("SimpleNamespace", namespace.value())?;
        }
        Ok(())
    }
}
