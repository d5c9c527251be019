//! Resolvers: A records of the public name and of each Region's own name, over UDP (RFC 1035).
//!
//! The first Region's address is 127.0.0.1, the second one's 127.0.0.2: enough to tell which Region answers. Each socket is
//! one of the model's six resolvers, with its cache; one that stands in a dark Region does not answer.

use std::rc::Rc;

use mmdr_world::network::{Ix, OUTSIDE};
use tokio::net::UdpSocket;

use crate::serve::Door;
use crate::world::World;

/// The order in which sockets stand for the model's resolvers: the two public ones first.
pub(crate) const RESOLVERS: [usize; 6] = [4, 5, 0, 1, 2, 3];

/// One question.
#[derive(Debug, PartialEq, Eq)]
struct Question<'a> {
    id: [u8; 2],
    /// In lower case, without the trailing dot.
    name: String,
    kind: u16,
    /// As it was sent, to be repeated.
    bytes: &'a [u8],
}

const A: u16 = 1;
const HEADER_BYTES: usize = 12;

/// Answers questions at one socket, for ever.
pub(crate) async fn answer(door: Rc<Door>, socket: UdpSocket, resolver: usize) {
    let mut buffer = [0; 512];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
        let Some(question) = buffer.get(..length).and_then(parse) else { continue };
        door.pass();
        let found = resolve(&mut door.world.borrow_mut(), &question.name, resolver);
        if let Some(found) = found {
            let answer = write(&question, found);
            let _ = socket.send_to(&answer, client).await;
        }
    }
}

/// What a name leads to: a Region and its TTL, or that there is no such name. None: the resolver is silent.
fn resolve(world: &mut World, name: &str, resolver: usize) -> Option<Option<(Ix, u32)>> {
    if !world.sim.network.reaches(OUTSIDE, resolver / 2) {
        return None;
    }
    let ttl_s = world.sim.deployment.dns.ttl_s;
    if world.sim.deployment.dns.public_name == name {
        let now = world.now();
        return Some(Some((world.sim.model.dns.resolve(resolver, now), ttl_s)));
    }
    let host =
        |url: &str| url.split("://").nth(1).unwrap_or(url).split([':', '/']).next().unwrap_or_default().to_owned();
    let regions = &world.sim.deployment.regions;
    let own = regions.iter().position(|setup| host(&setup.mattermost_url) == name);
    Some(own.map(|region| (region, ttl_s)))
}

fn parse(packet: &[u8]) -> Option<Question<'_>> {
    let id = [*packet.first()?, *packet.get(1)?];
    // A query with one question.
    if packet.get(2)? & 0x80 != 0 || packet.get(4..6)? != [0, 1] {
        return None;
    }
    let (mut at, mut labels) = (HEADER_BYTES, Vec::new());
    loop {
        let length = usize::from(*packet.get(at)?);
        at += 1;
        if length == 0 {
            break;
        }
        let label = packet.get(at..at + length).filter(|_| length < 64)?;
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += length;
    }
    let kind = u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]);
    Some(Question { id, name: labels.join("."), kind, bytes: packet.get(HEADER_BYTES..at + 4)? })
}

fn write(question: &Question<'_>, found: Option<(Ix, u32)>) -> Vec<u8> {
    // A name that is known has no record of another type than A.
    let record = found.filter(|_| question.kind == A);
    let code: u8 = if found.is_some() { 0 } else { 3 };
    let mut packet = question.id.to_vec();
    packet.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(record.is_some()), 0, 0, 0, 0]);
    packet.extend(question.bytes);
    if let Some((region, ttl_s)) = record {
        packet.extend([0xC0, HEADER_BYTES as u8, 0, 1, 0, 1]);
        packet.extend(ttl_s.to_be_bytes());
        packet.extend([0, 4, 127, 0, 0, if region == 0 { 1 } else { 2 }]);
    }
    packet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(kind: u8) -> Vec<u8> {
        let mut packet = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        packet.extend(b"\x04Chat\x07example\x03com\x00");
        packet.extend([0, kind, 0, 1]);
        packet
    }

    #[test]
    fn a_question_is_answered_with_the_address_of_its_region() {
        let packet = query(1);
        let question = parse(&packet).unwrap();
        assert_eq!((question.name.as_str(), question.kind), ("chat.example.com", A));
        let answer = write(&question, Some((1, 60)));
        assert_eq!(answer.get(..8).unwrap(), [7, 9, 0x81, 0x80, 0, 1, 0, 1]);
        assert!(answer.ends_with(&[0, 0, 0, 60, 0, 4, 127, 0, 0, 2]));
    }

    #[test]
    fn another_type_has_no_record_and_an_unknown_name_does_not_exist() {
        let packet = query(28);
        let question = parse(&packet).unwrap();
        assert_eq!(write(&question, Some((0, 60))).get(2..8).unwrap(), [0x81, 0x80, 0, 1, 0, 0]);
        assert_eq!(write(&question, None).get(2..8).unwrap(), [0x81, 0x83, 0, 1, 0, 0]);
    }

    #[test]
    fn what_is_no_question_is_passed_over() {
        assert_eq!(parse(&[]), None);
        assert_eq!(parse(&query(1)[..20]), None);
    }
}
