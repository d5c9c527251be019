//! What resolvers answer for the public name, over the data plane.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use mmdr_core::ports::ResolverSeen;
use mmdr_core::{Fault, Region};

use crate::Aws;

/// Public resolvers of three different operators: what people's own ones answer, as far as it can be told from here.
const PUBLIC: [Ipv4Addr; 3] = [Ipv4Addr::new(1, 1, 1, 1), Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(9, 9, 9, 9)];
/// Longest wait for one resolver.
const WAIT: Duration = Duration::from_secs(2);

impl Aws {
    /// Asks each resolver for the public name and for each Region's own one: the addresses tell whose it gives. A resolver
    /// that does not answer, or gives an address of neither Region, is left out.
    pub(crate) async fn ask_resolvers(&self) -> Result<Vec<ResolverSeen>, Fault> {
        let mut seen = Vec::new();
        for server in self.resolver_addresses() {
            let resolver = resolver(server)?;
            let public = addresses(&resolver, &self.deployment.dns.public_name).await;
            if public.is_empty() {
                continue;
            }
            for setup in &self.deployment.regions {
                let own = addresses(&resolver, host(&setup.mattermost_url)).await;
                if own.intersection(&public).next().is_some() {
                    seen.push(ResolverSeen { vantage: server.ip().to_string(), region: Region::clone(&setup.name) });
                    break;
                }
            }
        }
        if seen.is_empty() { Err(Fault::NoAnswer) } else { Ok(seen) }
    }

    fn resolver_addresses(&self) -> Vec<SocketAddr> {
        if self.settings.resolvers.is_empty() {
            return PUBLIC.into_iter().map(|address| SocketAddr::new(IpAddr::V4(address), 53)).collect();
        }
        self.settings.resolvers.clone()
    }
}

/// The host in an origin such as `https://chat.example.com`.
pub(crate) fn host(origin: &str) -> &str {
    let rest = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    rest.split(['/', ':']).next().unwrap_or(rest)
}

/// One resolver that is asked once and keeps nothing: an answer from a cache of our own would say nothing.
fn resolver(server: SocketAddr) -> Result<TokioResolver, Fault> {
    let mut udp = ConnectionConfig::udp();
    udp.port = server.port();
    let name_server = NameServerConfig::new(server.ip(), true, vec![udp]);
    let mut options = ResolverOpts::default();
    options.timeout = WAIT;
    options.attempts = 1;
    options.cache_size = 0;
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![name_server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        .with_options(options)
        .build()
        .map_err(|error| Fault::Refused(format!("no resolver could be made: {error}")))
}

async fn addresses(resolver: &TokioResolver, name: &str) -> BTreeSet<IpAddr> {
    // A full name ends with a dot, or search domains of the machine would be tried.
    let answer = resolver.lookup_ip(format!("{name}.")).await;
    answer.map(|found| found.iter().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_origin_has_neither_scheme_nor_port_nor_path() {
        assert_eq!(host("https://chat-us-west-1.example.com"), "chat-us-west-1.example.com");
        assert_eq!(host("https://chat.example.com:8443/x"), "chat.example.com");
    }
}
