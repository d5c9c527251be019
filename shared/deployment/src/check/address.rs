//! HTTPS addresses: a host, perhaps a port, and nothing else.

use super::forms;
use crate::place::{Findings, Place};
use crate::show;

/// What every field that holds an address expects.
const EXPECTED: &str = "https://HOST or https://HOST:PORT in lower case, nothing behind it";

/// Reports the address at `place` where it has not the form; its host where it has.
pub(crate) fn check<'a>(place: &Place<'a>, findings: &mut Findings) -> Option<&'a str> {
    let text = place.text()?;
    match host(text) {
        Ok(host) => Some(host),
        Err(reason) => {
            findings.add(place, EXPECTED, reason);
            None
        }
    }
}

/// The host of an address, or what was found instead. An address may carry a password before the host or a token behind
/// it; then it is not shown.
fn host(text: &str) -> Result<&str, String> {
    let rest = text.strip_prefix("https://").ok_or_else(|| show::text(text))?;
    if rest.contains('@') {
        return Err("an address with a user or a password (not shown)".into());
    }
    if rest.contains(['?', '#']) {
        return Err("an address with a query or a fragment (not shown)".into());
    }
    if rest.contains('/') {
        return Err(format!("{}, which has a path", show::text(text)));
    }
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    if !forms::is_dns_name(host) {
        return Err(format!("{}, whose host is no DNS name", show::text(text)));
    }
    match port.map(str::parse::<u16>) {
        None | Some(Ok(1..)) => Ok(host),
        Some(_) => Err(format!("{}, whose port is no number from 1 to 65535", show::text(text))),
    }
}

/// Reports an address of AWS's own that lies in another Region than the one it stands under.
pub(crate) fn lies_in(place: &Place<'_>, host: &str, region: &str, findings: &mut Findings) {
    let of_aws = host.ends_with(".amazonaws.com") || host.ends_with(".on.aws");
    let named = host.split('.').find(|label| forms::is_region(label));
    if let Some(named) = named.filter(|named| of_aws && *named != region) {
        findings.add(place, format!("an address in {region}"), format!("one in {named}"));
    }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn an_address_is_https_a_host_and_perhaps_a_port() {
        assert_eq!(host("https://chat.example.com"), Ok("chat.example.com"));
        assert_eq!(host("https://chat.example.com:8443"), Ok("chat.example.com"));
        for bad in ["http://a.b", "https://a.b/", "https://a.b:0", "https://a.b:x", "https://a", "https://", "a.b", ""]
        {
            assert!(host(bad).is_err(), "{bad:?} was accepted");
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for bad in ["https://u:hunter2@a.b", "http://u:hunter2@a.b", "https://a.b/?t=hunter2", "https://a.b#hunter2"] {
            assert!(!host(bad).unwrap_err().contains("hunter2"), "{bad:?} was shown");
        }
    }
}
