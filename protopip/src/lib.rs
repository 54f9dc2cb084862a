//! protopip: resolves, fetches, checks and installs Python packages. Front half (command line, configuration, index, requirements,
//! tags, resolver, lock, builds, talk) and back half (archives, wheels, installing, cache, environments). Never knows the runtime.
//!
//! The border between the halves, as the front calls it:
//!
//! * `cache::Cache::open(&Path) -> Result<Cache>`: the shared store. `cache.find(&sha256) -> Option<StoredWheel>` answers without
//!   opening an archive; `cache.add_wheel(file, &WheelName, &sha256, &Limits) -> Result<StoredWheel>` checks, unpacks and keeps;
//!   `cache.folder("http")` names a sub-folder for the front's own use (answers of the index, metadata, builds, interpreters).
//! * `wheel::Wheel::open(&Path, &Limits) -> Result<Wheel>`, `wheel.metadata_text()`; `wheel::content_kind(&Path) -> Result<ContentKind>`.
//! * `install::Plan { remove, add, .. }.execute(&model::Environment) -> Result<Report>`, where `add` holds [`model::Addition`]s.
//! * `environment::installed(&model::Environment) -> Result<Vec<Installed>>`; `venv::create(&venv::Options) -> Result<..>`.

pub mod archive;
pub mod bring;
pub mod build;
pub mod cache;
pub mod cli;
pub mod config;
pub mod environment;
pub mod error;
pub mod files;
pub mod flaw;
pub mod index;
pub mod install;
pub mod interpreter;
pub mod lock;
pub mod model;
pub mod requirements;
pub mod resolve;
pub mod tags;
pub mod ui;
pub mod uninstall;
pub mod venv;
pub mod wheel;
pub mod work;

pub use error::{Error, ExitCode, Result};
