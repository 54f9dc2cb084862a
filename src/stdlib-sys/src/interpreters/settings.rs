//! Configurations of interpreters as Python sees them: `types.SimpleNamespace` with seven attributes.

use crate::namespace::new_namespace;
use crate::util::str_text;
use objects::dict::{self, Dict};
use objects::interpreter::settings::*;
use objects::{
    Cast, Gc, Kwargs, R, Str, Value, get_attr_opt, interned, new_error_args, new_str, repr_lossy, type_error, value_error,
};

const FLAGS: [(&str, u32); 6] = [
    ("use_main_obmalloc", USE_MAIN_OBMALLOC),
    ("allow_fork", ALLOW_FORK),
    ("allow_exec", ALLOW_EXEC),
    ("allow_threads", ALLOW_THREADS),
    ("allow_daemon_threads", ALLOW_DAEMON_THREADS),
    ("check_multi_interp_extensions", CHECK_EXTENSIONS),
];
const ISOLATED: u32 = ALLOW_THREADS | CHECK_EXTENSIONS;
const LEGACY: u32 = USE_MAIN_OBMALLOC | ALLOW_FORK | ALLOW_EXEC | ALLOW_THREADS | ALLOW_DAEMON_THREADS;

/// Flags, and the word for the lock: there is none, but programs read back what they set.
pub struct Settings {
    pub flags: u32,
    pub gil: String,
}

impl Settings {
    pub fn named(name: &str) -> R<Settings> {
        let (flags, gil) = match name {
            "" | "default" | "isolated" => (ISOLATED, "own"),
            "legacy" => (LEGACY, "shared"),
            "empty" => (0, "default"),
            _ => return Err(value_error!("unsupported config name '{name}'")),
        };
        Ok(Settings { flags, gil: gil.to_owned() })
    }
    pub fn of_bits(bits: u32) -> Settings {
        Settings { flags: bits & !OWN_GIL, gil: if bits & OWN_GIL != 0 { "own" } else { "shared" }.to_owned() }
    }
    pub fn bits(&self) -> u32 {
        self.flags | if self.gil == "own" { OWN_GIL } else { 0 }
    }
    /// Whether an interpreter can have them.
    pub fn are_viable(&self) -> bool {
        self.flags & (USE_MAIN_OBMALLOC | CHECK_EXTENSIONS) != 0
    }
    pub fn namespace(&self) -> R {
        let mut attributes = [("gil", new_str(&self.gil)); FLAGS.len() + 1];
        for (attribute, (name, bit)) in attributes.iter_mut().zip(FLAGS) {
            *attribute = (name, Value::bool(self.flags & bit != 0));
        }
        new_namespace(&attributes)
    }
    /// What `create` was given: None, a name, or an object with the attributes.
    pub fn of(config: Option<Value>) -> R<Settings> {
        let Some(config) = config.filter(|config| !config.is_none()) else { return Settings::named("isolated") };
        if let Some(name) = config.cast::<Str>() {
            let bytes = objects::codec::encode(name, "utf-8", "strict")?;
            return Settings::named(&String::from_utf8_lossy(&bytes));
        }
        let attributes = match get_attr_opt(config, interned!("__dict__"))? {
            Some(attributes) => attributes.cast::<Dict>(),
            None => None,
        };
        let Some(attributes) = attributes else { return Err(type_error!("bad config {}", repr_lossy(config))) };
        let rest = dict::dict_copy(attributes)?;
        let mut settings = Settings { flags: 0, gil: String::new() };
        let known: Vec<&str> = FLAGS.iter().map(|(name, _)| *name).chain(["gil"]).collect();
        for name in known {
            match dict::dict_remove(rest, new_str(name))? {
                Some(value) => settings.set(name, value)?,
                None => return Err(value_error!("missing config key: {name}")),
            }
        }
        refuse_rest(rest)?;
        Ok(settings)
    }
    pub fn override_with(&mut self, overrides: Kwargs) -> R<()> {
        let rest = dict::new_dict();
        for (name, value) in overrides.iter() {
            let text = name.to_string_lossy();
            if text == "gil" || FLAGS.iter().any(|(known, _)| *known == text) {
                self.set(&text, value)?;
            } else {
                dict::dict_set(rest, name.value(), value)?;
            }
        }
        refuse_rest(rest)
    }
    fn set(&mut self, name: &str, value: Value) -> R<()> {
        if let Some((_, bit)) = FLAGS.iter().find(|(known, _)| *known == name) {
            let Some(flag) = value.as_bool() else { return Err(type_error!("invalid config type: {name}")) };
            self.flags = if flag { self.flags | bit } else { self.flags & !bit };
            return Ok(());
        }
        let Some(gil) = str_text(value) else { return Err(type_error!("invalid config type: {name}")) };
        if !matches!(gil.as_str(), "default" | "shared" | "own") {
            return Err(value_error!("unsupported interpreter config .gil value '{gil}'"));
        }
        self.gil = gil;
        Ok(())
    }
}

fn refuse_rest(rest: Gc<Dict>) -> R<()> {
    match rest.len() {
        0 => Ok(()),
        count => {
            let ending = if count == 1 { "" } else { "s" };
            let text = format!("config dict has {count} extra item{ending} ({})", repr_lossy(rest.value()));
            Err(new_error_args(objects::exc::VALUE_ERROR.get(), &[new_str(&text)]))
        }
    }
}
