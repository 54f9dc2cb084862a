//! `types.SimpleNamespace`: an object whose attributes are what it was made of.

use base::memory::GrowText;
use native_macros::{Layout, native_class};
use objects::dict::{self, Dict};
use objects::{
    Args, Cast, Class, Gc, Header, Kwargs, R, Str, Value, class_name, class_of, new_object, new_tuple, repr, type_error,
};

#[derive(Layout)]
#[repr(C)]
pub struct SimpleNamespace {
    pub header: Header,
}

/// A namespace with the attributes.
pub fn new_namespace(attributes: &[(&str, Value)]) -> R {
    let class = objects::class_new::native_class(SimpleNamespaceSkin::CLASS_DEF)?;
    let namespace = new_object(class, SimpleNamespace { header: Header::blank() }).value();
    for (name, value) in attributes {
        objects::set_attr(namespace, objects::intern(name), *value)?;
    }
    Ok(namespace)
}

fn attributes(this: Gc<SimpleNamespace>) -> Gc<Dict> {
    objects::shape::instance_dict(this.value()).unwrap_or_else(dict::new_dict)
}

pub struct SimpleNamespaceSkin;

/// A simple attribute-based namespace.
#[native_class(name = "types.SimpleNamespace", layout = SimpleNamespace, base = object, flags = "dict")]
impl SimpleNamespaceSkin {
    #[new]
    fn new(cls: Gc<Class>, _args: Args) -> R {
        Ok(new_object(cls, SimpleNamespace { header: Header::blank() }).value())
    }
    #[sig("(mapping_or_iterable=(), /, **kwargs)")]
    fn __init__(this: Gc<SimpleNamespace>, args: Args) -> R<()> {
        args.check_count("SimpleNamespace", 0, 1)?;
        let namespace = attributes(this);
        if let Some(mapping) = args.get(0) {
            let given = dict::new_dict();
            dict::dict_update(given, mapping)?;
            for (key, value) in dict::dict_items(given) {
                let Some(name) = key.cast::<Str>() else { return Err(type_error!("keywords must be strings")) };
                dict::dict_set(namespace, name.value(), value)?;
            }
        }
        for (name, value) in Kwargs::all(args).iter() {
            dict::dict_set_str(namespace, objects::intern_str(name), value)?;
        }
        Ok(())
    }
    #[getter]
    fn __dict__(this: Gc<SimpleNamespace>) -> R {
        Ok(attributes(this).value())
    }
    fn __repr__(this: Gc<SimpleNamespace>) -> R<String> {
        let class = class_of(this.value());
        let name = if class == SimpleNamespaceSkin::CLASS_DEF.class() { "namespace".to_string() } else { class.name_text() };
        if !objects::thread::enter_repr(this.value()) {
            return Ok(format!("{name}(...)"));
        }
        let text = (|| {
            let mut text = String::new();
            for piece in [&name, "("] {
                text.put_str(piece);
            }
            let mut is_first = true;
            for (key, value) in dict::dict_items(attributes(this)) {
                if let Some(key) = key.cast::<Str>().filter(|key| !key.is_empty()) {
                    let value = repr(value)?;
                    let separator = if std::mem::take(&mut is_first) { "" } else { ", " };
                    for piece in [separator, &key.to_string_lossy(), "=", &value.to_string_lossy()] {
                        text.put_str(piece);
                    }
                }
            }
            text.put_char(')');
            Ok(text)
        })();
        objects::thread::leave_repr(this.value());
        text
    }
    fn __eq__(this: Gc<SimpleNamespace>, other: Gc<SimpleNamespace>) -> R<bool> {
        dict::dict_equal(attributes(this), attributes(other))
    }
    fn __ne__(this: Gc<SimpleNamespace>, other: Gc<SimpleNamespace>) -> R<bool> {
        Ok(!dict::dict_equal(attributes(this), attributes(other))?)
    }
    /// What pickle needs to make the same object
    fn __reduce__(this: Gc<SimpleNamespace>) -> R {
        Ok(new_tuple(&[class_of(this.value()).value(), new_tuple(&[]).value(), attributes(this).value()]).value())
    }
    /// A copy of the namespace in which the given attributes are replaced.
    #[sig("($self, /, **changes)")]
    fn __replace__(this: Gc<SimpleNamespace>, args: Args) -> R {
        if !args.positional().is_empty() {
            return Err(type_error!("__replace__() takes no positional arguments"));
        }
        let copy = objects::call(class_of(this.value()).value(), &[])?;
        let Some(copy) = copy.cast::<SimpleNamespace>() else {
            return Err(type_error!(
                "expect types.SimpleNamespace type, but {}() returned '{}' object",
                objects::class::class_full_name(class_of(this.value())),
                class_name(copy)
            ));
        };
        let namespace = attributes(copy);
        dict::dict_update(namespace, attributes(this).value())?;
        for (name, value) in args.keywords() {
            dict::dict_set(namespace, name, value)?;
        }
        Ok(copy.value())
    }
}
