//! What resolvers answer for the public name, over the data plane.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use domain::base::iana::{Rcode, Rtype};
use domain::base::wire::ParseError;
use domain::base::{Message, MessageBuilder, Name};
use domain::rdata::{A, Aaaa};
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
    /// The Region that asks.
    here: Region,
    public: String,
    own: Vec<(Region, String)>,
}

impl Aws {
    /// Asks each resolver for the public name and for each Region's own one: the addresses tell whose it gives. A resolver that is
    /// silent about the public name is left out. Errors: [`Fault::NoAnswer`] where all are.
    pub(crate) async fn ask_resolvers(&self) -> Result<Vec<ResolverSeen>, Fault> {
        let own = self.deployment.regions.iter().map(|it| (it.name.clone(), host(&it.mattermost_url).to_owned()));
        let public = self.deployment.dns.public_name.clone();
        let names = Names { here: self.own.clone(), public, own: own.collect() };
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

/// What one resolver gives; none where it is silent, or where what it says does not tell whether it leads to the Region that asks: it
/// could not find out that Region's own name, or both Regions have the address. That it knows nothing of the other Region, which may
/// be lost, is no reason not to count it: it leads elsewhere.
async fn ask_for(server: SocketAddr, names: Names) -> Option<ResolverSeen> {
    let public = addresses(server, &names.public).await.ok()?;
    let (mut shared, mut silent) = (Vec::new(), false);
    for (name, own) in names.own {
        match addresses(server, &own).await {
            Ok(own) if !own.is_disjoint(&public) => shared.push(name),
            Ok(_) => {}
            Err(_) => silent |= name == names.here,
        }
    }
    if shared.len() > 1 || (shared.is_empty() && silent) {
        return None;
    }
    Some(ResolverSeen { vantage: server.ip().to_string(), region: shared.pop() })
}

/// The addresses of a name as one resolver gives them now, empty where the name has none. Nothing is kept: an answer from a cache
/// of our own would say nothing. IPv6 is asked for where there is no IPv4 address, never beside it: either tells the Region.
async fn addresses(server: SocketAddr, name: &str) -> io::Result<BTreeSet<IpAddr>> {
    match ask(server, name, Rtype::A).await {
        Ok(found) if found.is_empty() => ask(server, name, Rtype::AAAA).await,
        answered => answered,
    }
}

/// One question, put again where no answer comes.
async fn ask(server: SocketAddr, name: &str, kind: Rtype) -> io::Result<BTreeSet<IpAddr>> {
    for _ in 0..TRIES {
        let question = question(name, kind)?;
        if let Ok(found) = timeout(WAIT, exchange(server, &question)).await {
            return found;
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

/// A question to a resolver that finds out by itself, with a number that nobody can guess.
fn question(name: &str, kind: Rtype) -> io::Result<Message<Vec<u8>>> {
    let name = Name::<Vec<u8>>::from_str(name).map_err(io::Error::other)?;
    let mut question = MessageBuilder::new_vec().question();
    question.header_mut().set_random_id();
    question.header_mut().set_rd(true);
    question.push((name, kind)).map_err(io::Error::other)?;
    Ok(question.into_message())
}

/// Sends a question and waits for the answer to it, whatever else arrives.
async fn exchange(server: SocketAddr, question: &Message<Vec<u8>>) -> io::Result<BTreeSet<IpAddr>> {
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    // A port that the system chooses, and datagrams of this server alone.
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    socket.send(question.as_slice()).await?;
    let mut datagram = [0; LONGEST];
    loop {
        let length = socket.recv(&mut datagram).await?;
        let Ok(answer) = Message::from_octets(datagram.get(..length).unwrap_or_default()) else { continue };
        if !answer.is_answer(question) {
            continue;
        }
        if answer.header().tc() {
            // What did not fit is not guessed at; a resolver that limits its answers sends such ones too.
            return Err(io::Error::other("the answer is cut short"));
        }
        return match answer.header().rcode() {
            Rcode::NOERROR | Rcode::NXDOMAIN => told(&answer).map_err(io::Error::other),
            // It could not find out: SERVFAIL and the like.
            failed => Err(io::Error::other(failed.to_string())),
        };
    }
}

/// Every address among the answers. Those before a mistake of the resolver do not count either: the answer is not to be trusted.
fn told(answer: &Message<&[u8]>) -> Result<BTreeSet<IpAddr>, ParseError> {
    let mut found = BTreeSet::new();
    for record in answer.answer()?.limit_to_in::<A>() {
        found.insert(record?.data().addr().into());
    }
    for record in answer.answer()?.limit_to_in::<Aaaa>() {
        found.insert(record?.data().addr().into());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use domain::base::ToName;
    use domain::base::message_builder::AnswerBuilder;
    use domain::rdata::Cname;

    use super::*;

    const PUBLIC_NAME: &str = "chat.example.com";

    /// A question as it arrived.
    type Asked = Message<Vec<u8>>;

    /// A resolver of its own on loopback; `answers` makes the datagrams for each question, none where it is silent.
    async fn resolver(answers: impl Fn(&Asked) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut datagram = [0; LONGEST];
            while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
                let question = Message::from_octets(datagram[..length].to_vec()).unwrap();
                for answer in answers(&question) {
                    socket.send_to(&answer, from).await.unwrap();
                }
            }
        });
        address
    }

    fn answer(question: &Asked, code: Rcode) -> AnswerBuilder<Vec<u8>> {
        MessageBuilder::new_vec().start_answer(question, code).unwrap()
    }

    /// An answer to `question` with these addresses of the name that was asked.
    fn answered(question: &Asked, last: &[u8]) -> Vec<u8> {
        let mut answer = answer(question, Rcode::NOERROR);
        for last in last {
            answer.push((asked_name(question), 60, a(*last))).unwrap();
        }
        answer.finish()
    }

    fn asked_name(question: &Asked) -> Name<Vec<u8>> {
        question.first_question().unwrap().qname().to_name()
    }

    fn named(name: &str) -> Name<Vec<u8>> {
        Name::from_str(name).unwrap()
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn a(last: u8) -> A {
        A::from_octets(192, 0, 2, last)
    }

    #[test]
    fn the_host_of_an_origin_has_neither_scheme_nor_port_nor_path() {
        assert_eq!(host("https://chat-us-west-1.example.com"), "chat-us-west-1.example.com");
        assert_eq!(host("https://chat.example.com:8443/x"), "chat.example.com");
    }

    #[tokio::test]
    async fn every_address_of_the_answer_counts_and_a_chain_of_names_does_not() {
        let server = resolver(|asked| {
            let mut answer = answer(asked, Rcode::NOERROR);
            let balancer = named("balancer.example.com.");
            answer.push((asked_name(asked), 60, Cname::new(balancer.clone()))).unwrap();
            answer.push((&balancer, 60, a(1))).unwrap();
            answer.push((&balancer, 60, a(2))).unwrap();
            vec![answer.finish()]
        });
        assert_eq!(addresses(server.await, PUBLIC_NAME).await.unwrap(), BTreeSet::from([address(1), address(2)]));
    }

    #[tokio::test]
    async fn datagrams_that_answer_something_else_are_passed_over() {
        let server = resolver(|asked| {
            let mut later = asked.clone();
            later.header_mut().set_id(asked.header().id().wrapping_add(1));
            let mut other = MessageBuilder::new_vec().question();
            other.push((named("elsewhere.example.com."), Rtype::A)).unwrap();
            other.header_mut().set_id(asked.header().id());
            vec![
                b"no message".to_vec(),
                asked.as_slice().to_vec(),
                answered(&later, &[66]),
                answered(&other.into_message(), &[66]),
                answered(asked, &[1]),
            ]
        });
        assert_eq!(addresses(server.await, PUBLIC_NAME).await.unwrap(), BTreeSet::from([address(1)]));
    }

    #[tokio::test]
    async fn an_answer_that_ends_in_the_middle_of_an_address_says_nothing() {
        let server = resolver(|asked| {
            let mut cut = answered(asked, &[1, 2]);
            cut.truncate(cut.len() - 2);
            vec![cut]
        });
        assert!(addresses(server.await, PUBLIC_NAME).await.is_err());
    }

    /// Bytes as RFC 1035 lays them out, written by hand: what asks and what answers above are of one library.
    #[tokio::test]
    async fn the_question_and_the_answer_are_those_of_the_wire() {
        let server = resolver(|asked| {
            let asked = asked.as_slice();
            // One question, and that the resolver shall find out.
            assert_eq!(asked[2..], *b"\x01\0\0\x01\0\0\0\0\0\0\x04chat\x07example\x03com\0\0\x01\0\x01");
            // The same number and question, one answer; its name points to the question's.
            let answer = [&asked[..2], b"\x81\x80\0\x01\0\x01\0\0\0\0", &asked[12..]].concat();
            vec![[answer.as_slice(), b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x07"].concat()]
        });
        assert_eq!(addresses(server.await, PUBLIC_NAME).await.unwrap(), BTreeSet::from([address(7)]));
    }

    #[tokio::test]
    async fn without_an_address_of_version_4_the_one_of_version_6_counts() {
        let six = "2001:db8::1".parse::<Ipv6Addr>().unwrap();
        let server = resolver(move |asked| {
            let mut answer = answer(asked, Rcode::NOERROR);
            if asked.first_question().unwrap().qtype() == Rtype::AAAA {
                answer.push((asked_name(asked), 60, Aaaa::new(six))).unwrap();
            }
            vec![answer.finish()]
        });
        assert_eq!(addresses(server.await, PUBLIC_NAME).await.unwrap(), BTreeSet::from([IpAddr::from(six)]));
    }

    /// What a resolver is found to give that knows these addresses, by the first label of the name; a last byte of 0 is an
    /// error of its own.
    async fn given(known: &'static [(&'static str, u8)]) -> Option<Option<Region>> {
        let server = resolver(move |asked| {
            let name = asked_name(asked).to_string();
            let found = known.iter().find(|(label, _)| name.starts_with(&format!("{label}.")));
            vec![match found {
                Some((_, 0)) => answer(asked, Rcode::SERVFAIL).finish(),
                Some((_, last)) => answered(asked, &[*last]),
                None => answer(asked, Rcode::NXDOMAIN).finish(),
            }]
        });
        let own = ["west", "east"].map(|it| (Region::new(it), format!("{it}.example.com"))).to_vec();
        let seen = ask_for(server.await, Names { here: Region::new("east"), public: PUBLIC_NAME.into(), own }).await;
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
    }

    #[tokio::test]
    async fn a_resolver_that_does_not_tell_the_regions_apart_is_not_counted() {
        // It cannot find out the own name of the Region that asks, and the other's is not it.
        assert_eq!(given(&[("chat", 3), ("west", 1), ("east", 0)]).await, None);
        // Whatever the lost Region's name is: this one leads elsewhere.
        assert_eq!(given(&[("chat", 1), ("west", 0), ("east", 2)]).await, Some(None));
        assert_eq!(given(&[("chat", 2), ("west", 0), ("east", 2)]).await, Some(Some(Region::new("east"))));
        // Both Regions have the address, as behind one accelerator.
        assert_eq!(given(&[("chat", 1), ("west", 1), ("east", 1)]).await, None);
    }

    #[tokio::test]
    async fn an_answer_that_was_cut_short_says_nothing() {
        let server = resolver(|asked| {
            let mut answer = answer(asked, Rcode::NOERROR);
            answer.header_mut().set_tc(true);
            vec![answer.finish()]
        });
        assert!(addresses(server.await, PUBLIC_NAME).await.is_err());
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
