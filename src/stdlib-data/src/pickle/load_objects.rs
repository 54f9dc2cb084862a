//! Reading objects that Python code makes: globals, calls, instances and their state, persistent objects, buffers.
//! Must not know: the instructions for plain data.

use super::globals::{self, GLOBALS, chained, get_dotted, kept_dict, renamed};
use super::load::Loader;
use super::unpickling_error;
use objects::class;
use objects::dict::{self, Dict};
use objects::memoryview::{self, MemoryView, Part};
use objects::{
    Args, Cast, Class, Gc, GcVec, R, Str, Tuple, Value, attribute_error, audit, call, class_name, class_of, codec, exc, get_attr,
    get_attr_opt, intern_str, interned, lookup, new_int, set_attr, shape, type_error, value_error,
};

/// A global by the names of its module and of itself.
pub fn find_class(protocol: u8, fix_imports: bool, module: Value, name: Value) -> R {
    if audit::is_active() {
        audit::audit("pickle.find_class", &[module, name])?;
    }
    let (mut module, mut name) = (module, name);
    if fix_imports && protocol < 3 {
        (module, name) = renamed("NAME_MAPPING", "IMPORT_MAPPING", module, name)?;
    }
    let found_in = globals::import(module)?;
    let Some(text) = name.cast::<Str>() else {
        return Err(type_error!("attribute name must be string, not '{}'", class_name(name)));
    };
    if protocol < 4 || !text.as_str().is_some_and(|text| text.contains('.')) {
        return get_attr(found_in, intern_str(text));
    }
    match get_dotted(found_in, text) {
        Err(raised) if raised.is(&exc::ATTRIBUTE_ERROR) => Err(chained(raised, |_| {
            let (name, module) = (objects::repr_lossy(name), objects::repr_lossy(module));
            attribute_error!("Can't resolve path {name} on module {module}")
        })),
        result => result,
    }
}

/// Whether attributes of instances are kept by the runtime alone, so that their dictionary need not be made to fill it.
fn plain_attributes(class: Gc<Class>) -> bool {
    class.flags.has(class::HEAP_TYPE)
        && class.flags.has(class::HAS_DICT)
        && class.flags.has(class::GENERIC_GETATTR)
        && !class.flags.has(class::CUSTOM_GETATTR)
        && lookup::type_lookup(class, interned!("__dict__"))
            .is_some_and(|found| class_of(found).name_text() == "getset_descriptor")
}

impl Loader {
    fn find(&self, module: Value, name: Value) -> R {
        match self.settings.find_class {
            Some(method) => call(method, &[module, name]),
            None => find_class(self.protocol, self.settings.fix_imports, module, name),
        }
    }
    pub fn stack_global(&mut self) -> R<()> {
        let name = self.pop()?;
        let module = self.pop()?;
        if name.cast_exact::<Str>().is_none() || module.cast_exact::<Str>().is_none() {
            return Err(unpickling_error("STACK_GLOBAL requires str"));
        }
        let found = self.find(module, name)?;
        self.stack.push(found);
        Ok(())
    }
    fn name_line(&mut self, encoding: &str) -> R {
        let line = self.argument_line()?;
        let name = line[..line.len() - 1].to_vec();
        Ok(codec::decode(&name, encoding, "strict")?.value())
    }
    pub fn global(&mut self) -> R<()> {
        let module = self.name_line("utf-8")?;
        let name = self.name_line("utf-8")?;
        let found = self.find(module, name)?;
        self.stack.push(found);
        Ok(())
    }
    pub fn extension(&mut self, code: i64) -> R<()> {
        let key = new_int(code);
        let cache = kept_dict(&GLOBALS.extension_cache);
        if let Some(cache) = cache
            && let Some(found) = dict::dict_get(cache, key)?
        {
            self.stack.push(found);
            return Ok(());
        }
        let registered = match kept_dict(&GLOBALS.inverted_extensions) {
            Some(registry) => dict::dict_get(registry, key)?,
            None => None,
        };
        let Some(registered) = registered else {
            if code <= 0 {
                return Err(unpickling_error("EXT specifies code <= 0"));
            }
            return Err(value_error!("unregistered extension code {code}"));
        };
        let Some([module, name]) = registered.cast::<Tuple>().map(|pair| pair.items()) else {
            return Err(value_error!("_inverted_registry[{code}] isn't a 2-tuple of strings"));
        };
        let found = self.find(*module, *name)?;
        if let Some(cache) = cache {
            dict::dict_set(cache, key, found)?;
        }
        self.stack.push(found);
        Ok(())
    }

    // ---- persistent objects ----

    pub fn persistent_by_line(&mut self) -> R<()> {
        let line = self.input.line()?;
        let Some((_, id)) = line.split_last() else { return Err(super::input::truncated()) };
        let id = id.to_vec();
        if !id.is_ascii() {
            return Err(unpickling_error("persistent IDs in protocol 0 must be ASCII strings"));
        }
        self.persistent(Str::from_ascii(&id).value())
    }
    pub fn persistent(&mut self, id: Value) -> R<()> {
        match self.settings.persistent_load {
            Some(method) => {
                let value = call(method, &[id])?;
                self.stack.push(value);
                Ok(())
            }
            None => Err(unpickling_error(NO_PERSISTENT_LOAD)),
        }
    }

    // ---- calls ----

    pub fn reduce(&mut self) -> R<()> {
        let args = self.pop()?;
        let function = self.pop()?;
        let Some(args) = args.cast::<Tuple>() else { return Err(type_error!("argument list must be a tuple")) };
        let value = call(function, args.items())?;
        self.stack.push(value);
        Ok(())
    }
    pub fn new_object(&mut self) -> R<()> {
        let args = self.pop()?;
        let class = self.pop()?;
        let value = make("NEWOBJ", class, args, None)?;
        self.stack.push(value);
        Ok(())
    }
    pub fn new_object_ex(&mut self) -> R<()> {
        let kwargs = self.pop()?;
        let args = self.pop()?;
        let class = self.pop()?;
        let value = make("NEWOBJ_EX", class, args, Some(kwargs))?;
        self.stack.push(value);
        Ok(())
    }
    fn instantiate(&mut self, start: usize, class: Value, args: &[Value]) -> R<()> {
        let bare =
            args.is_empty() && class.cast::<Class>().is_some() && get_attr_opt(class, interned!("__getinitargs__"))?.is_none();
        let value = if bare { objects::call_method(class, interned!("__new__"), &[class])? } else { call(class, args)? };
        self.replace(start, value);
        Ok(())
    }
    pub fn instance_by_class(&mut self) -> R<()> {
        let start = self.pop_mark()?;
        if self.stack.len() <= start {
            return Err(self.underflow());
        }
        let class = self.stack[start];
        let args = GcVec::from_slice(&self.stack[start + 1..]);
        self.instantiate(start, class, &args)
    }
    pub fn instance_by_name(&mut self) -> R<()> {
        let start = self.pop_mark()?;
        let module = self.name_line("ascii")?;
        let name = self.name_line("ascii")?;
        let class = self.find(module, name)?;
        let args = GcVec::from_slice(&self.stack[start..]);
        self.instantiate(start, class, &args)
    }

    // ---- state ----

    pub fn append_to_object(&mut self, target: Value, start: usize) -> R<()> {
        if let Some(extend) = get_attr_opt(target, interned!("extend"))? {
            let items = objects::new_list(&self.stack[start..]).value();
            return call(extend, &[items]).map(|_| ());
        }
        let append = get_attr(target, interned!("append"))?;
        for at in start..self.stack.len() {
            call(append, &[self.stack[at]])?;
        }
        Ok(())
    }

    pub fn build(&mut self) -> R<()> {
        if self.stack.len() < 2 || self.stack.len() - 2 < self.fence() {
            return Err(self.underflow());
        }
        let state = self.pop()?;
        let instance = self.top()?;
        if let Some(setter) = get_attr_opt(instance, interned!("__setstate__"))? {
            return call(setter, &[state]).map(|_| ());
        }
        let (mut state, mut slots) = (state, None);
        if let Some([first, second]) = state.cast::<Tuple>().map(|pair| pair.items()) {
            (state, slots) = (*first, Some(*second));
        }
        if !state.is_none() {
            let Some(state) = state.cast::<Dict>() else { return Err(unpickling_error("state is not a dictionary")) };
            set_attributes(instance, state)?;
        }
        if let Some(slots) = slots.filter(|slots| !slots.is_none()) {
            let Some(slots) = slots.cast::<Dict>() else {
                return Err(unpickling_error("slot state is not a dictionary"));
            };
            for (name, value) in dict::dict_items(slots) {
                let Some(name) = name.cast::<Str>() else {
                    return Err(type_error!("attribute name must be string, not '{}'", class_name(name)));
                };
                set_attr(instance, intern_str(name), value)?;
            }
        }
        Ok(())
    }

    // ---- buffers ----

    pub fn next_buffer(&mut self) -> R<()> {
        let Some(buffers) = self.settings.buffers else {
            return Err(unpickling_error("pickle stream refers to out-of-band data but no *buffers* argument was given"));
        };
        match objects::next(buffers)? {
            Some(buffer) => {
                self.stack.push(buffer);
                Ok(())
            }
            None => Err(unpickling_error("not enough out-of-band buffers")),
        }
    }
    pub fn readonly_buffer(&mut self) -> R<()> {
        let buffer = self.pop()?;
        let view: Gc<MemoryView> = memoryview::memoryview_of(buffer)?;
        if view.readonly {
            self.stack.push(buffer);
        } else {
            let mut part = Part::of(&view);
            part.readonly = true;
            self.stack.push(memoryview::derive(view, part).value());
        }
        Ok(())
    }
}

pub const NO_PERSISTENT_LOAD: &str =
    "A load persistent id instruction was encountered, but no persistent_load function was specified.";

fn set_attributes(instance: Value, state: Gc<Dict>) -> R<()> {
    let plain = instance.is_ptr() && plain_attributes(class_of(instance));
    let mut position = 0;
    if plain {
        let mut left = false;
        while let Some((name, value)) = dict::dict_next(state, &mut position) {
            match name.cast_exact::<Str>() {
                Some(name) => {
                    let name = intern_str(name);
                    if !shape::set_instance_attr(instance, name, value)? {
                        return Err(objects::error::attribute_error_for(instance, interned!("__dict__")));
                    }
                }
                None => left = true,
            }
        }
        if !left {
            return Ok(());
        }
    }
    let dictionary = get_attr(instance, interned!("__dict__"))?;
    for (name, value) in dict::dict_items(state) {
        let name = match name.cast_exact::<Str>() {
            Some(name) => intern_str(name).value(),
            None => name,
        };
        objects::set_item(dictionary, name, value)?;
    }
    Ok(())
}

/// `class.__new__(class, *args, **kwargs)`.
fn make(op: &str, class: Value, args: Value, kwargs: Option<Value>) -> R {
    let wrong = |what: &str, wanted: &str, found: Value| {
        let found = class::class_full_name(class_of(found));
        unpickling_error(&format!("{op} {what} argument must be a {wanted}, not {found}"))
    };
    let Some(class) = class.cast::<Class>() else { return Err(wrong("class", "type", class)) };
    let Some(new) = class.slots.new.get() else {
        let name = class.name_text();
        return Err(unpickling_error(&format!("{op} class argument '{name}' has NULL tp_new")));
    };
    let Some(args) = args.cast::<Tuple>() else { return Err(wrong("args", "tuple", args)) };
    let Some(kwargs) = kwargs else { return new(class, Args::positional_only(args.items())) };
    let Some(kwargs) = kwargs.cast::<Dict>() else { return Err(wrong("kwargs", "dict", kwargs)) };
    let mut values = GcVec::from_slice(args.items());
    let mut names = GcVec::new();
    for (name, value) in dict::dict_items(kwargs) {
        if name.cast::<Str>().is_none() {
            return Err(type_error!("keywords must be strings"));
        }
        names.push(name);
        values.push(value);
    }
    new(class, Args::new(&values, args.len(), &names))
}
