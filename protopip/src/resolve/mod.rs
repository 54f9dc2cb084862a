//! From what is wanted to a set of versions that fit together (PubGrub), with the reason in words when there is none.
//! Asks the registry and the builder; installs nothing.

pub mod ahead;
pub mod choose;
mod explain;
pub mod range;
mod solve;

pub use choose::{Offered, Prereleases, Rules};
pub use solve::{Package, package_name, solve};

use crate::build::Direct;
use crate::index::CoreMetadata;
use crate::model::{DistFile, ExtraName, PackageName, Version};
use crate::requirements::Wanted;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A package that the environment has.
#[derive(Clone, Debug)]
pub struct Present {
    pub version: Version,
    pub metadata: Arc<CoreMetadata>,
}

/// Which packages must not stay as they are.
#[derive(Clone, Debug, Default)]
pub enum Renew {
    #[default]
    Nothing,
    Named(HashSet<PackageName>),
    All,
}

impl Renew {
    pub fn has(&self, name: &PackageName) -> bool {
        match self {
            Renew::Nothing => false,
            Renew::Named(names) => names.contains(name),
            Renew::All => true,
        }
    }
}

/// One question to the solver.
#[derive(Default)]
pub struct Request {
    pub wanted: Vec<Wanted>,
    pub constraints: Vec<Wanted>,
    pub present: HashMap<PackageName, Present>,
    pub renew: Renew,
    pub no_deps: bool,
    /// Fetch probable wheels while solving.
    pub fetch_ahead: bool,
}

/// Where a chosen version comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// It is installed already.
    Present,
    Wheel(Arc<DistFile>),
    /// To be built.
    Source(Arc<DistFile>),
    Direct(Arc<Direct>),
}

#[derive(Clone, Debug)]
pub struct Chosen {
    pub name: PackageName,
    pub version: Version,
    pub extras: Vec<ExtraName>,
    pub origin: Origin,
    /// Asked for by the user.
    pub requested: bool,
    pub metadata: Arc<CoreMetadata>,
    /// What it needs here.
    pub needs: Vec<PackageName>,
}
