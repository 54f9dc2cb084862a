//! The command line's grammar. Holds no behaviour.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Installs Python packages.
#[derive(Parser, Debug)]
#[command(name = "protopip", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 success, 1 failed, 2 wrong use, 3 no solution, 4 refused, 5 network, 6 environment, 7 build."
)]
pub struct Options {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Debug)]
pub struct Common {
    /// Interpreter or environment to work on (a path, or a name on PATH)
    #[arg(long, short = 'p', global = true, value_name = "PYTHON")]
    pub python: Option<String>,
    /// Say more; twice: everything
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say less; twice: only errors
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub quiet: u8,
    /// Results as JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// No colours
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Ask no server: take what the cache has
    #[arg(long, global = true)]
    pub offline: bool,
    /// Folder of the cache
    #[arg(long, global = true, value_name = "FOLDER")]
    pub cache_dir: Option<PathBuf>,
    /// Neither read nor write the cache
    #[arg(long, alias = "no-cache-dir", global = true)]
    pub no_cache: bool,
    /// Ask the index again even if its answers are still valid
    #[arg(long, global = true)]
    pub refresh: bool,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, global = true, hide = true)]
    pub disable_pip_version_check: bool,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, global = true, hide = true)]
    pub no_input: bool,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Install packages
    Install(Install),
    /// Remove packages
    #[command(visible_alias = "remove")]
    Uninstall(Uninstall),
    /// Make the environment hold exactly what a lock or requirements file says
    Sync(Sync),
    /// Write a lock file (pylock.toml)
    Lock(Lock),
    /// Fetch files into a folder, without installing
    Download(Download),
    /// Build or fetch wheels into a folder
    Wheel(Download),
    /// List installed packages
    List(List),
    /// Show what is known of installed packages
    Show(Show),
    /// Installed packages as a requirements file
    Freeze(Freeze),
    /// Check that installed packages fit together
    Check(Check),
    /// Installed packages with what they need
    Tree(Tree),
    /// Look at the cache or clear it
    Cache {
        #[command(subcommand)]
        what: CacheCommand,
    },
    /// Make a virtual environment
    Venv(Venv),
    /// Ask the index
    Index {
        #[command(subcommand)]
        what: IndexCommand,
    },
}

#[derive(Args, Debug, Default, Clone)]
pub struct IndexArgs {
    /// Address of the index
    #[arg(long, short = 'i', value_name = "URL", help_heading = "Index")]
    pub index_url: Option<String>,
    /// Additional index; asked before the main one
    #[arg(long, value_name = "URL", help_heading = "Index")]
    pub extra_index_url: Vec<String>,
    /// Ask no index
    #[arg(long, help_heading = "Index")]
    pub no_index: bool,
    /// Folder, or page of links, with files
    #[arg(long, short = 'f', value_name = "PLACE", help_heading = "Index")]
    pub find_links: Vec<String>,
    /// How several indexes are asked
    #[arg(long, value_enum, default_value_t = Strategy::First, help_heading = "Index")]
    pub index_strategy: Strategy,
    /// File or folder of certificates to check servers with
    #[arg(long, value_name = "PATH", help_heading = "Index")]
    pub cert: Option<PathBuf>,
    /// Host whose certificate is not checked
    #[arg(long, value_name = "HOST", help_heading = "Index")]
    pub trusted_host: Vec<String>,
    /// Proxy, e.g. http://user:password@host:port
    #[arg(long, value_name = "URL", help_heading = "Index")]
    pub proxy: Option<String>,
    /// Seconds to wait for a server
    #[arg(long, value_name = "SECONDS", help_heading = "Index")]
    pub timeout: Option<f64>,
    /// How often a failed request is tried again
    #[arg(long, value_name = "COUNT", help_heading = "Index")]
    pub retries: Option<u32>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Strategy {
    /// The first index that knows a package
    #[default]
    First,
    /// All files of all indexes
    Merge,
}

#[derive(Args, Debug, Default, Clone)]
pub struct WantedArgs {
    /// Requirements, paths, URLs
    #[arg(value_name = "REQUIREMENT")]
    pub requirements: Vec<String>,
    /// Requirements file or pylock.toml
    #[arg(long = "requirement", short = 'r', value_name = "FILE")]
    pub files: Vec<String>,
    /// Constraints file
    #[arg(long = "constraint", short = 'c', value_name = "FILE")]
    pub constraints: Vec<String>,
    /// Project to install editable
    #[arg(long = "editable", short = 'e', value_name = "PATH")]
    pub editables: Vec<String>,
    /// Dependency group: NAME, or PATH/pyproject.toml:NAME
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,
}

#[derive(Args, Debug, Default, Clone)]
pub struct SolveArgs {
    /// Leave out what packages need
    #[arg(long, help_heading = "Choice")]
    pub no_deps: bool,
    /// Allow prereleases
    #[arg(long, help_heading = "Choice")]
    pub pre: bool,
    /// Only files whose hashes the requirements give
    #[arg(long, help_heading = "Choice")]
    pub require_hashes: bool,
    /// No source packages for NAMES (comma separated) or :all:
    #[arg(long, value_name = "NAMES", help_heading = "Choice")]
    pub only_binary: Vec<String>,
    /// No wheels for NAMES (comma separated) or :all:
    #[arg(long, value_name = "NAMES", help_heading = "Choice")]
    pub no_binary: Vec<String>,
    /// Take the newest or the oldest version that fits
    #[arg(long, value_enum, default_value_t = Highest::Highest, help_heading = "Choice")]
    pub resolution: Highest,
    /// Nothing that was uploaded at or after this time (2026-01-31 or 2026-01-31T12:00:00Z)
    #[arg(long, alias = "uploaded-prior-to", value_name = "TIME", help_heading = "Choice")]
    pub exclude_newer: Option<String>,
    /// Do not look into wheels for CPython's C API whether they hold only HPy modules
    #[arg(long, help_heading = "Choice")]
    pub no_hpy_retag: bool,
    /// Allow very large packages
    #[arg(long, help_heading = "Choice")]
    pub allow_large: bool,
    /// Build with what the environment has
    #[arg(long, help_heading = "Building")]
    pub no_build_isolation: bool,
    /// Constraints for build requirements
    #[arg(long = "build-constraint", value_name = "FILE", help_heading = "Building")]
    pub build_constraints: Vec<String>,
    /// Setting for build backends: KEY=VALUE
    #[arg(long = "config-settings", alias = "config-setting", short = 'C', value_name = "SETTING", help_heading = "Building")]
    pub config_settings: Vec<String>,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, hide = true)]
    pub prefer_binary: bool,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, hide = true)]
    pub use_pep517: bool,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, hide = true)]
    pub hpy_retag: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Highest {
    #[default]
    Highest,
    Lowest,
}

#[derive(Args, Debug, Default, Clone)]
pub struct PlaceArgs {
    /// Install into a bare folder
    #[arg(long, short = 't', value_name = "FOLDER", conflicts_with_all = ["prefix", "user"], help_heading = "Place")]
    pub target: Option<PathBuf>,
    /// Install below another prefix
    #[arg(long, value_name = "FOLDER", conflicts_with = "user", help_heading = "Place")]
    pub prefix: Option<PathBuf>,
    /// Install for this user only
    #[arg(long, help_heading = "Place")]
    pub user: bool,
    /// Change an environment that says it is managed by something else
    #[arg(long, help_heading = "Place")]
    pub break_system_packages: bool,
}

#[derive(Args, Debug, Default, Clone)]
pub struct ChangeArgs {
    /// Show what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Byte-compile what is installed
    #[arg(long, overrides_with = "no_compile")]
    pub compile: bool,
    /// Do not byte-compile (the default)
    #[arg(long)]
    pub no_compile: bool,
    /// How files come from the cache
    #[arg(long, value_enum, default_value_t = Link::Auto)]
    pub link_mode: Link,
    /// Refuse packages that run code at every start of the interpreter
    #[arg(long)]
    pub no_exec_pth: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Link {
    #[default]
    Auto,
    Copy,
}

#[derive(Args, Debug)]
pub struct Install {
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// Newer versions of the named packages
    #[arg(long, short = 'U')]
    pub upgrade: bool,
    /// Newer version of this package
    #[arg(long, short = 'P', value_name = "NAME")]
    pub upgrade_package: Vec<String>,
    /// What --upgrade does with packages that are only needed by others
    #[arg(long, value_enum, default_value_t = UpgradeStrategy::OnlyIfNeeded)]
    pub upgrade_strategy: UpgradeStrategy,
    /// Install again even if the version is there
    #[arg(long, alias = "reinstall")]
    pub force_reinstall: bool,
    /// Install as if nothing were there
    #[arg(long, short = 'I')]
    pub ignore_installed: bool,
    #[command(flatten)]
    pub change: ChangeArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub solve: SolveArgs,
    #[command(flatten)]
    pub index: IndexArgs,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, hide = true)]
    pub no_warn_script_location: bool,
    /// For scripts written for pip: accepted, without effect
    #[arg(long, hide = true)]
    pub root_user_action: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum UpgradeStrategy {
    #[default]
    OnlyIfNeeded,
    Eager,
}

#[derive(Args, Debug)]
pub struct Uninstall {
    /// Names of packages
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Requirements file whose packages are removed
    #[arg(long = "requirement", short = 'r', value_name = "FILE")]
    pub files: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
    /// Show what would be done
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Args, Debug)]
pub struct Sync {
    /// Lock or requirements files (default: pylock.toml)
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// Requirements file or pylock.toml
    #[arg(long = "requirement", short = 'r', value_name = "FILE")]
    pub more_files: Vec<String>,
    /// Constraints file
    #[arg(long = "constraint", short = 'c', value_name = "FILE")]
    pub constraints: Vec<String>,
    /// Dependency group of pyproject.toml
    #[arg(long = "group", value_name = "GROUP")]
    pub groups: Vec<String>,
    #[command(flatten)]
    pub change: ChangeArgs,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub solve: SolveArgs,
    #[command(flatten)]
    pub index: IndexArgs,
}

#[derive(Args, Debug)]
pub struct Lock {
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// File to write; - is standard output
    #[arg(long, short, value_name = "FILE", default_value = "pylock.toml")]
    pub output: String,
    /// Forget the versions that the present lock has
    #[arg(long, short = 'U')]
    pub upgrade: bool,
    #[command(flatten)]
    pub solve: SolveArgs,
    #[command(flatten)]
    pub index: IndexArgs,
}

#[derive(Args, Debug)]
pub struct Download {
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// Folder for the files
    #[arg(long, short = 'd', visible_short_alias = 'w', visible_alias = "wheel-dir", value_name = "FOLDER", default_value = ".")]
    pub dest: PathBuf,
    #[command(flatten)]
    pub solve: SolveArgs,
    #[command(flatten)]
    pub index: IndexArgs,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    #[default]
    Columns,
    Freeze,
    Json,
}

#[derive(Args, Debug)]
pub struct List {
    /// Only those with newer versions
    #[arg(long, short)]
    pub outdated: bool,
    /// Only editable ones
    #[arg(long, short)]
    pub editable: bool,
    /// Only those that no other package needs
    #[arg(long)]
    pub not_required: bool,
    /// Leave out a package
    #[arg(long, value_name = "NAME")]
    pub exclude: Vec<String>,
    #[arg(long, value_enum, default_value_t = ListFormat::Columns)]
    pub format: ListFormat,
    /// Allow prereleases with --outdated
    #[arg(long)]
    pub pre: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
    #[command(flatten)]
    pub index: IndexArgs,
}

#[derive(Args, Debug)]
pub struct Show {
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// List the files too
    #[arg(long, short)]
    pub files: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Args, Debug)]
pub struct Freeze {
    /// Leave out a package
    #[arg(long, value_name = "NAME")]
    pub exclude: Vec<String>,
    /// Leave out editable packages
    #[arg(long)]
    pub exclude_editable: bool,
    /// pip, setuptools and wheel too
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Args, Debug)]
pub struct Check {
    /// Compare every file with the sum in RECORD
    #[arg(long)]
    pub files: bool,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Args, Debug)]
pub struct Tree {
    /// Start from these packages
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Who needs a package, instead of what it needs
    #[arg(long, alias = "reverse")]
    pub invert: bool,
    /// How deep to go
    #[arg(long, value_name = "LEVELS", default_value_t = 255)]
    pub depth: usize,
    #[command(flatten)]
    pub place: PlaceArgs,
}

#[derive(Subcommand, Debug)]
pub enum CacheCommand {
    /// Where the cache lies
    Dir,
    /// How much is in it
    Info,
    /// Wheels in it
    List {
        /// Only this package
        name: Option<String>,
    },
    /// Remove the wheels of a package
    Remove { name: String },
    /// Remove what no environment uses
    Prune,
    /// Remove everything
    #[command(visible_alias = "clear", alias = "clean")]
    Purge,
}

#[derive(Subcommand, Debug)]
pub enum IndexCommand {
    /// Versions of a package
    Versions {
        name: String,
        /// Prereleases too
        #[arg(long)]
        pre: bool,
        #[command(flatten)]
        index: IndexArgs,
    },
}

#[derive(Args, Debug)]
pub struct Venv {
    /// Folder to make it in
    #[arg(default_value = ".venv")]
    pub path: PathBuf,
    /// What the prompt shows
    #[arg(long)]
    pub prompt: Option<String>,
    /// Let it see the packages of the base interpreter
    #[arg(long)]
    pub system_site_packages: bool,
    /// Copy the interpreter instead of linking it
    #[arg(long)]
    pub copies: bool,
    /// Empty the folder first
    #[arg(long)]
    pub clear: bool,
    /// Make an environment of an older version fit this interpreter
    #[arg(long)]
    pub upgrade: bool,
    /// Install pip into it
    #[arg(long, alias = "seed")]
    pub with_pip: bool,
    /// Do not install pip (the default)
    #[arg(long, hide = true)]
    pub without_pip: bool,
}
