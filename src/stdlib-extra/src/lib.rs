//! Native modules that few programs import, one file per module: memory maps, what `multiprocessing` shares between processes.

pub mod mmap;
pub mod multiprocessing;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] =
    &[mmap::MmapModule::MODULE, multiprocessing::Multiprocessing::MODULE, multiprocessing::SharedMemory::MODULE];
