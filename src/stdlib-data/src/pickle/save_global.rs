//! Writing classes and functions by their names. Must not know: other objects.

use super::globals::{self, GLOBALS, chained, kept, kept_dict, renamed};
use super::opcodes::*;
use super::pickling_error;
use super::save::Saver;
use objects::dict::{dict_get, dict_items};
use objects::{
    Cast, Gc, R, Raised, Str, Value, codec, exc, get_attr, get_attr_opt, index, interned, new_str, new_tuple, repr, system,
};

/// How the object appears in an error text.
fn cannot_pickle(value: Value, why: &str) -> Raised {
    match repr(value) {
        Ok(text) => pickling_error(&format!("Can't pickle {}{why}", text.to_string_lossy())),
        Err(raised) => raised,
    }
}

/// The attribute at the end of a path of names.
fn follow(module: Value, names: &[Gc<Str>]) -> R {
    let mut value = module;
    for name in names {
        value = get_attr(value, *name)?;
    }
    Ok(value)
}

fn split(name: Gc<Str>) -> objects::GcVec<Gc<Str>> {
    let text = name.to_wtf8();
    let mut names = objects::GcVec::new();
    for part in text.split(|byte| *byte == b'.') {
        if let Some(part) = Str::from_wtf8(part) {
            names.push(objects::intern_str(part));
        }
    }
    names
}

/// The module in which `value` can be found under the path.
fn module_of(value: Value, names: &[Gc<Str>]) -> R {
    if names.iter().any(|name| name.as_str() == Some("<locals>")) {
        return Err(match repr(value) {
            Ok(text) => pickling_error(&format!("Can't pickle local object {}", text.to_string_lossy())),
            Err(raised) => raised,
        });
    }
    if let Some(module) = get_attr_opt(value, interned!("__module__"))?
        && !module.is_none()
    {
        return Ok(module);
    }
    if let Some(modules) = system::modules() {
        for (name, module) in dict_items(modules) {
            let text = name.cast::<Str>().and_then(|name| name.as_str());
            if module.is_none() || matches!(text, Some("__main__" | "__mp_main__")) {
                continue;
            }
            match follow(module, names) {
                Ok(found) if found == value => return Ok(name),
                Ok(_) => {}
                Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => raised.clear(),
                Err(raised) => return Err(raised),
            }
        }
    }
    Ok(new_str("__main__"))
}

impl Saver {
    /// A class or function, under the given name or its own.
    pub fn save_global(&mut self, value: Value, name: Option<Gc<Str>>) -> R<()> {
        let name = match name {
            Some(name) => name.value(),
            None => match get_attr_opt(value, interned!("__qualname__"))? {
                Some(name) => name,
                None => get_attr(value, interned!("__name__"))?,
            },
        };
        let Some(text) = name.cast::<Str>() else {
            return Err(objects::type_error!("str expected, not {}", objects::class_name(name)));
        };
        let names = split(text);
        let module_name = module_of(value, &names)?;
        self.check_found(value, module_name, text, &names)?;

        if self.settings.protocol >= 2
            && let Some(extensions) = kept_dict(&GLOBALS.extensions)
            && !extensions.is_empty()
            && let Some(code) = dict_get(extensions, new_tuple(&[module_name, name]).value())?
        {
            return self.save_extension(code, value);
        }
        if self.settings.protocol >= 4 {
            self.save(module_name)?;
            self.save(name)?;
            self.out.byte(STACK_GLOBAL);
        } else if names.len() > 1 {
            // Attribute by attribute, as calls of getattr.
            for _ in &names[1..] {
                self.save(kept(&GLOBALS.getattr))?;
                if self.settings.protocol < 2 {
                    self.out.byte(MARK);
                }
            }
            self.save_top_level(module_name, names[0].value())?;
            for name in &names[1..] {
                self.save(name.value())?;
                self.out.byte(if self.settings.protocol < 2 { TUPLE } else { TUPLE2 });
                self.out.byte(REDUCE);
            }
        } else {
            self.save_top_level(module_name, name)?;
        }
        self.memoize(value);
        Ok(())
    }

    /// Whoever reads the pickle must find the same object there.
    fn check_found(&self, value: Value, module_name: Value, name: Gc<Str>, names: &[Gc<Str>]) -> R<()> {
        let module = match globals::import(module_name) {
            Ok(module) => module,
            Err(raised) if raised.is(&exc::IMPORT_ERROR) || raised.is(&exc::VALUE_ERROR) || raised.is(&exc::KEY_ERROR) => {
                return Err(chained(raised, |cause| match objects::str_of(cause) {
                    Ok(text) => cannot_pickle(value, &format!(": {}", text.to_string_lossy())),
                    Err(raised) => raised,
                }));
            }
            Err(raised) => return Err(raised),
        };
        let place = || {
            let module = objects::str_of(module_name).map_or_else(
                |raised| {
                    raised.clear();
                    String::new()
                },
                |text| text.to_string_lossy(),
            );
            format!("{module}.{}", name.to_string_lossy())
        };
        match follow(module, names) {
            Ok(found) if found == value => Ok(()),
            Ok(_) => Err(cannot_pickle(value, &format!(": it's not the same object as {}", place()))),
            Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => {
                Err(chained(raised, |_| cannot_pickle(value, &format!(": it's not found as {}", place()))))
            }
            Err(raised) => Err(raised),
        }
    }

    fn save_extension(&mut self, code: Value, value: Value) -> R<()> {
        if !objects::is_int(code) {
            return Err(cannot_pickle(value, &format!(": extension code {} isn't an integer", objects::repr_lossy(code))));
        }
        let code = index(code)?;
        match code {
            1..=0xff => self.out.bytes(&[EXT1, code as u8]),
            0x100..=0xffff => self.out.bytes(&[EXT2, code as u8, (code >> 8) as u8]),
            0x1_0000..=0x7fff_ffff => self.out.op_u32(EXT4, code as u32),
            _ => return Err(objects::runtime_error!("extension code {code} is out of range")),
        }
        Ok(())
    }

    fn save_top_level(&mut self, module: Value, name: Value) -> R<()> {
        let (mut module, mut name) = (module, name);
        if self.settings.fix_imports {
            (module, name) = renamed("REVERSE_NAME_MAPPING", "REVERSE_IMPORT_MAPPING", module, name)?;
        }
        self.out.byte(GLOBAL);
        for (kind, text) in [("module", module), ("global", name)] {
            let encoding = if self.settings.protocol >= 3 { "utf-8" } else { "ascii" };
            let Some(text) = text.cast::<Str>() else {
                return Err(objects::type_error!("str expected, not {}", objects::class_name(text)));
            };
            match codec::encode(text, encoding, "strict") {
                Ok(bytes) => self.out.bytes(&bytes),
                Err(raised) if raised.is(&exc::UNICODE_ENCODE_ERROR) => {
                    let protocol = self.settings.protocol;
                    return Err(chained(raised, |_| {
                        let shown = objects::repr_lossy(text.value());
                        pickling_error(&format!("can't pickle {kind} identifier {shown} using pickle protocol {protocol}"))
                    }));
                }
                Err(raised) => return Err(raised),
            }
            self.out.byte(b'\n');
        }
        Ok(())
    }
}
