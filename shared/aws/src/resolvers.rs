//! What resolvers answer for the public name, over the data plane.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use mmdr_core::ports::ResolverSeen;
use mmdr_core::{Fault, Region};
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::Aws;

/// Public resolvers of three different operators: what people's own ones answer, as far as it can be told from here.
const PUBLIC: [Ipv4Addr; 3] = [Ipv4Addr::new(1, 1, 1, 1), Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(9, 9, 9, 9)];
/// Longest wait for one answer.
const WAIT: Duration = Duration::from_secs(2);
/// How often a question is put: datagrams get lost.
const TRIES: u32 = 2;
/// Longest answer over UDP to a question without EDNS (RFC 1035, 4.2.1): some twenty addresses.
const LONGEST: usize = 512;

/// Whose addresses are compared: the public name, and each Region's own one.
#[derive(Clone)]
struct Names {
    public: String,
    own: Vec<(Region, String)>,
}

impl Aws {
    /// Asks each resolver for the public name and for each Region's own one: the addresses tell whose it gives. A resolver that is
    /// silent about the public name is left out. Errors: [`Fault::NoAnswer`] where all are.
    pub(crate) async fn ask_resolvers(&self) -> Result<Vec<ResolverSeen>, Fault> {
        let own = self.deployment.regions.iter().map(|it| (it.name.clone(), host(&it.mattermost_url).to_owned()));
        let names = Names { public: self.deployment.dns.public_name.clone(), own: own.collect() };
        // At once: one that is out of reach is waited for as long as all of them.
        let asked = self.resolver_addresses().into_iter().map(|server| tokio::spawn(ask_for(server, names.clone())));
        let mut seen = Vec::new();
        for answer in asked.collect::<Vec<_>>() {
            seen.extend(answer.await.ok().flatten());
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

/// What one resolver gives; none where it is silent.
async fn ask_for(server: SocketAddr, names: Names) -> Option<ResolverSeen> {
    let public = addresses(server, &names.public).await.ok()?;
    let mut region = None;
    for (name, own) in names.own {
        if region.is_none() && addresses(server, &own).await.is_ok_and(|own| !own.is_disjoint(&public)) {
            region = Some(name);
        }
    }
    Some(ResolverSeen { vantage: server.ip().to_string(), region })
}

/// The addresses of a name as one resolver gives them now, empty where the name has none. Nothing is kept: an answer from a cache
/// of our own would say nothing. IPv6 is asked for where there is no IPv4 address, never beside it: either tells the Region.
async fn addresses(server: SocketAddr, name: &str) -> io::Result<BTreeSet<IpAddr>> {
    match ask(server, name, RecordType::A).await {
        Ok(found) if found.is_empty() => ask(server, name, RecordType::AAAA).await,
        answered => answered,
    }
}

/// One question, put again where no answer comes.
async fn ask(server: SocketAddr, name: &str, kind: RecordType) -> io::Result<BTreeSet<IpAddr>> {
    for _ in 0..TRIES {
        let mut question = Message::query();
        question.metadata.recursion_desired = true;
        question.add_query(Query::query(Name::from_ascii(format!("{name}.")).map_err(io::Error::other)?, kind));
        if let Ok(found) = timeout(WAIT, exchange(server, &question)).await {
            return found;
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// Sends a question and waits for the answer to it, whatever else arrives.
async fn exchange(server: SocketAddr, question: &Message) -> io::Result<BTreeSet<IpAddr>> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // A port that the system chooses, and datagrams of this server alone.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(&question.to_vec().map_err(io::Error::other)?).await?;
    let mut datagram = [0; LONGEST];
    loop {
        let length = socket.recv(&mut datagram).await?;
        let Some(answer) = datagram.get(..length).and_then(|bytes| Message::from_vec(bytes).ok()) else { continue };
        let asked = answer.metadata.message_type == MessageType::Response && answer.queries == question.queries;
        if !asked || answer.metadata.id != question.metadata.id {
            continue;
        }
        return match answer.metadata.response_code {
            ResponseCode::NoError | ResponseCode::NXDomain => {
                Ok(answer.answers.iter().filter_map(|record| record.data.ip_addr()).collect())
            }
            // It could not find out: SERVFAIL and the like.
            failed => Err(io::Error::other(failed.to_string())),
        };
    }
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{A, AAAA, CNAME};
    use hickory_proto::rr::{RData, Record};

    use super::*;

    const PUBLIC_NAME: &str = "chat.example.com";

    /// A resolver of its own on loopback; `answers` makes the datagrams for each question, none where it is silent.
    async fn resolver(answers: impl Fn(&Message) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut datagram = [0; LONGEST];
            while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
                let question = Message::from_vec(&datagram[..length]).unwrap();
                for answer in answers(&question) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        address
    }

    /// An answer to `question` with these records for the name that was asked.
    fn answer(question: &Message, id: u16, data: impl IntoIterator<Item = RData>) -> Vec<u8> {
        let mut answer = Message::response(id, question.metadata.op_code);
        answer.add_queries(question.queries.iter().cloned());
        let name = question.queries[0].name();
        answer.add_answers(data.into_iter().map(|data| Record::from_rdata(name.clone(), 60, data)));
        answer.to_vec().unwrap()
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn a(last: u8) -> RData {
        RData::A(A(Ipv4Addr::new(192, 0, 2, last)))
    }

    #[test]
    fn the_host_of_an_origin_has_neither_scheme_nor_port_nor_path() {
        assert_eq!(host("https://chat-us-west-1.example.com"), "chat-us-west-1.example.com");
        assert_eq!(host("https://chat.example.com:8443/x"), "chat.example.com");
    }

    #[tokio::test]
    async fn every_address_of_the_answer_counts_and_a_chain_of_names_does_not() {
        let alias = RData::CNAME(CNAME(Name::from_ascii("balancer.example.com.").unwrap()));
        let server = resolver(move |asked| vec![answer(asked, asked.metadata.id, [alias.clone(), a(1), a(2)])]).await;
        assert_eq!(addresses(server, PUBLIC_NAME).await.unwrap(), BTreeSet::from([address(1), address(2)]));
    }

    #[tokio::test]
    async fn datagrams_that_answer_something_else_are_passed_over() {
        let server = resolver(|asked| {
            let mut other = asked.clone();
            other.queries = vec![Query::query(Name::from_ascii("elsewhere.example.com.").unwrap(), RecordType::A)];
            let id = asked.metadata.id;
            vec![
                b"no message".to_vec(),
                asked.to_vec().unwrap(),
                answer(asked, id.wrapping_add(1), [a(66)]),
                answer(&other, id, [a(66)]),
                answer(asked, id, [a(1)]),
            ]
        });
        assert_eq!(addresses(server.await, PUBLIC_NAME).await.unwrap(), BTreeSet::from([address(1)]));
    }

    #[tokio::test]
    async fn without_an_address_of_version_4_the_one_of_version_6_counts() {
        let six = "2001:db8::1".parse::<Ipv6Addr>().unwrap();
        let server = resolver(move |asked| {
            let found = (asked.queries[0].query_type() == RecordType::AAAA).then_some(RData::AAAA(AAAA(six)));
            vec![answer(asked, asked.metadata.id, found)]
        });
        assert_eq!(addresses(server.await, PUBLIC_NAME).await.unwrap(), BTreeSet::from([IpAddr::from(six)]));
    }

    /// What a resolver is found to give that knows these addresses, by the first label of the name; "fails" is an error of its own.
    async fn given(known: &'static [(&'static str, u8)]) -> Option<Option<Region>> {
        let server = resolver(move |asked| {
            let name = asked.queries[0].name().to_string();
            let found = known.iter().find(|(label, _)| name.starts_with(&format!("{label}.")));
            let mut said =
                Message::from_vec(&answer(asked, asked.metadata.id, found.map(|(_, last)| a(*last)))).unwrap();
            said.metadata.response_code = match found {
                Some((_, 0)) => ResponseCode::ServFail,
                Some(_) => ResponseCode::NoError,
                None => ResponseCode::NXDomain,
            };
            vec![said.to_vec().unwrap()]
        });
        let own = ["west", "east"].map(|it| (Region::new(it), format!("{it}.example.com"))).to_vec();
        let seen = ask_for(server.await, Names { public: PUBLIC_NAME.into(), own }).await;
        seen.map(|seen| seen.region)
    }

    #[tokio::test]
    async fn a_resolver_gives_the_region_that_shares_an_address_with_the_public_name() {
        assert_eq!(given(&[("chat", 2), ("west", 1), ("east", 2)]).await, Some(Some(Region::new("east"))));
    }

    #[tokio::test]
    async fn a_resolver_that_leads_to_neither_region_is_heard_and_gives_none() {
        assert_eq!(given(&[("chat", 3), ("west", 1), ("east", 2)]).await, Some(None));
        assert_eq!(given(&[("chat", 1), ("east", 2)]).await, Some(None));
        assert_eq!(given(&[("west", 1), ("east", 2)]).await, Some(None));
        assert_eq!(given(&[("chat", 1), ("west", 0), ("east", 2)]).await, Some(None));
    }

    #[tokio::test]
    async fn a_resolver_that_cannot_find_out_says_nothing_about_the_public_name() {
        assert_eq!(given(&[("chat", 0), ("west", 1), ("east", 2)]).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_resolver_that_is_silent_has_not_answered() {
        let server = resolver(|_| Vec::new()).await;
        assert_eq!(addresses(server, PUBLIC_NAME).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
