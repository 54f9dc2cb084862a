//! Addresses of hosts, looked up once in a process: many connections begin at the same moment, and servers of names drop what comes
//! in crowds.

use crate::work::locked;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

type Addresses = Arc<Mutex<Option<Vec<SocketAddr>>>>;

#[derive(Default)]
pub struct Names {
    inner: DefaultResolver,
    known: Mutex<HashMap<String, Addresses>>,
}

impl std::fmt::Debug for Names {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Names")
    }
}

impl Resolver for Names {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let key = format!("{:?} {:?}", uri.scheme(), uri.authority());
        let entry = locked(&self.known).entry(key).or_default().clone();
        // Whoever comes while another looks the name up waits for that answer. A failure is not remembered.
        let mut addresses = locked(&entry);
        if let Some(known) = &*addresses {
            let mut result = self.empty();
            known.iter().for_each(|address| result.push(*address));
            return Ok(result);
        }
        let result = self.inner.resolve(uri, config, timeout)?;
        *addresses = Some(result.iter().copied().collect());
        Ok(result)
    }
}
