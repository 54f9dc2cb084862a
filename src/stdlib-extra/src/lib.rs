//! Native modules that few programs import, one file per module: memory maps, what `multiprocessing` shares between processes, the
//! system's log.

pub mod mmap;
pub mod multiprocessing;
pub mod syslog;

use objects::native::ModuleDef;

/// Every module of this crate.
pub static MODULES: &[&ModuleDef] = &[
    mmap::MmapModule::MODULE,
    multiprocessing::Multiprocessing::MODULE,
    multiprocessing::SharedMemory::MODULE,
    syslog::Syslog::MODULE,
];
