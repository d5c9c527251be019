//! The forms of names, each as the service that owns the name documents it.
//!
//! Every function is total, looks at one text and answers whether the text has the form.

/// The Deployment's name becomes a part of the names of resources, so it follows the strictest of them.
pub(crate) fn is_deployment_name(text: &str) -> bool {
    is_identifier(text, 2, 32)
}

/// Twelve digits.
pub(crate) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `us-west-1`, `us-gov-east-1`, `ap-southeast-2`.
pub(crate) fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [area, middle @ .., number] = parts.as_slice() else { return false };
    let is_word = |word: &&str| !word.is_empty() && all(word, |b| b.is_ascii_lowercase());
    let is_digit = number.len() == 1 && all(number, |b| b.is_ascii_digit());
    area.len() == 2 && is_word(area) && !middle.is_empty() && middle.iter().all(is_word) && is_digit
}

/// S3's rules for general-purpose buckets, the reserved beginnings and ends included.
pub(crate) fn is_bucket_name(text: &str) -> bool {
    const RESERVED_BEGINNINGS: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const RESERVED_ENDS: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    (3..=63).contains(&text.len())
        && all(text, |b| is_lower_or_digit(b) || b == b'.' || b == b'-')
        && begins_and_ends(text, is_lower_or_digit)
        && !text.contains("..")
        && text.parse::<std::net::Ipv4Addr>().is_err()
        && !RESERVED_BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        && !RESERVED_ENDS.iter().any(|end| text.ends_with(end))
}

/// OpenSearch Service: 3 to 28 characters, first a letter.
pub(crate) fn is_search_domain(text: &str) -> bool {
    (3..=28).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && all(text, |b| is_lower_or_digit(b) || b == b'-')
}

/// RDS identifiers: letters, digits and single hyphens, first a letter. RDS keeps them in lower case.
pub(crate) fn is_database_identifier(text: &str) -> bool {
    is_identifier(text, 1, 63) && !text.contains("--")
}

/// The beginning of index names. Empty where Mattermost sets none; an index name may begin neither with `_`, `-`, `+`
/// nor, unless it is hidden, with a dot.
pub(crate) fn is_index_prefix(text: &str) -> bool {
    text.len() <= 64
        && all(text, |b| is_lower_or_digit(b) || b"_-+.".contains(&b))
        && !text.starts_with(['_', '-', '+', '.'])
}

/// An alias has at most 100 characters; 12 of them are kept for the generation number that is added.
pub(crate) fn is_connection_alias_stem(text: &str) -> bool {
    (2..=88).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && all(text, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// S3's identifier of a replication rule, which is also a metric's dimension.
pub(crate) fn is_rule_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && all(text, |b| b.is_ascii_graphic() || b == b' ') && text.trim() == text
}

/// `Z` and capital letters and digits, without the `/hostedzone/` that some answers put before it.
pub(crate) fn is_hosted_zone_id(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.starts_with('Z')
        && all(text, |b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A full DNS name in lower case, as Route 53 lists it, without the trailing dot.
pub(crate) fn is_dns_name(text: &str) -> bool {
    let labels: Vec<_> = text.split('.').collect();
    let last_has_a_letter = labels.last().is_some_and(|last| last.bytes().any(|b| b.is_ascii_lowercase()));
    text.len() <= 253 && labels.len() >= 2 && last_has_a_letter && labels.iter().all(|label| is_dns_label(label))
}

fn is_dns_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && all(label, |b| is_lower_or_digit(b) || b == b'-')
        && begins_and_ends(label, is_lower_or_digit)
}

/// `team/channel`, both as they stand in the address of a channel.
pub(crate) fn is_probe_channel(text: &str) -> bool {
    let name = |name: &str| {
        (1..=64).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && all(name, |b| is_lower_or_digit(b) || b == b'-' || b == b'_')
    };
    text.split_once('/').is_some_and(|(team, channel)| name(team) && name(channel))
}

/// ECS: `cluster/service`.
pub(crate) fn is_ecs_group(text: &str) -> bool {
    let name = |name: &str| {
        (1..=255).contains(&name.len()) && all(name, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    text.split_once('/').is_some_and(|(cluster, service)| name(cluster) && name(service))
}

/// AWS Backup: 2 to 50 letters, digits, hyphens and underscores.
pub(crate) fn is_vault(text: &str) -> bool {
    (2..=50).contains(&text.len()) && all(text, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// `s3://bucket/prefix`, where the prefix may be empty.
pub(crate) fn is_s3_prefix(text: &str) -> bool {
    let Some((bucket, prefix)) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) else { return false };
    is_bucket_name(bucket) && prefix.len() <= 512 && all(prefix, |b| b.is_ascii_graphic()) && !prefix.starts_with('/')
}

/// A snapshot repository of OpenSearch: lower case, none of its reserved signs.
pub(crate) fn is_repository(text: &str) -> bool {
    (1..=64).contains(&text.len()) && all(text, |b| is_lower_or_digit(b) || b == b'-' || b == b'_')
}

/// What both an Auto Scaling group's name and a tag's value may be.
pub(crate) fn is_group_or_tag_value(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && all(text, |b| b.is_ascii_alphanumeric() || b" _.:/=+-@".contains(&b))
        && text.trim() == text
}

/// A full name in Parameter Store: levels behind slashes, the first not one that AWS keeps for itself.
pub(crate) fn is_parameter_name(text: &str) -> bool {
    let Some(levels) = text.strip_prefix('/') else { return false };
    let reserved = levels.get(..3).is_some_and(|begin| ["aws", "ssm"].iter().any(|r| begin.eq_ignore_ascii_case(r)));
    text.len() <= 1_011
        && !reserved
        && levels.split('/').count() <= 15
        && levels
            .split('/')
            .all(|level| !level.is_empty() && all(level, |b| b.is_ascii_alphanumeric() || b"_.-".contains(&b)))
}

fn is_identifier(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && all(text, |b| is_lower_or_digit(b) || b == b'-')
}

fn is_lower_or_digit(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

fn begins_and_ends(text: &str, allowed: fn(u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|b| allowed(*b)) && bytes.last().is_some_and(|b| allowed(*b))
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(form: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
        good.iter().for_each(|text| assert!(form(text), "{text:?} was refused"));
        bad.iter().for_each(|text| assert!(!form(text), "{text:?} was accepted"));
    }

    #[test]
    fn names_of_regions_and_buckets() {
        judge(
            is_region,
            &["us-west-1", "ap-southeast-2", "us-gov-east-1"],
            &["us-west", "US-WEST-1", "us--1", "", "1"],
        );
        judge(
            is_bucket_name,
            &["abc", "mm.files-1", "1st-bucket"],
            &["ab", "Mm-files", "-mm", "mm-", "a..b", "10.0.0.1", "xn--a", "mm--x-s3", "s3://mm", "mm_files"],
        );
    }

    #[test]
    fn names_in_dns() {
        judge(is_dns_name, &["chat.example.com", "a.b"], &["chat", "chat.example.com.", "Chat.example.com", "a..b"]);
        judge(
            is_dns_name,
            &[],
            &["-a.example.com", "a-.example.com", "10.0.0.1", "*.example.com", "chat.example.com/"],
        );
        judge(is_hosted_zone_id, &["Z0123456789ABCDEFGHIJ"], &["/hostedzone/Z012", "z012", "Z", "E0123"]);
    }

    #[test]
    fn names_in_search_and_mattermost() {
        judge(is_index_prefix, &["", "mm_", "a.b-c+"], &["_mm", "-mm", "+mm", ".mm", "MM", "mm*", "m m", "mm,", "m/m"]);
        judge(is_connection_alias_stem, &["mmdr", "A_", &"a".repeat(88)], &["m", "1m", "m*", &"a".repeat(89)]);
        judge(is_probe_channel, &["ops/dr-probe"], &["ops", "ops/", "/dr", "ops/dr/x", "Ops/dr", "~dr"]);
    }

    #[test]
    fn names_of_nodes_and_parameters() {
        judge(is_vault, &["Default", "mm_1-a"], &["a", "", "a b", "arn:aws:backup"]);
        judge(is_s3_prefix, &["s3://abc/", "s3://abc/mm/config"], &["abc/", "s3://abc", "s3://ab/x", "s3://abc//x"]);
        judge(is_repository, &["cs-automated", "mm_1"], &["", "CS", "a/b"]);
        judge(is_ecs_group, &["mm/app"], &["mm", "mm/", "mm/app/1", "m m/app"]);
        judge(is_parameter_name, &["/mm/flags", "/a"], &["mm/flags", "/", "/mm//flags", "/aws/x", "/SSMx", "/m m", ""]);
        judge(is_database_identifier, &["mm-global"], &["Mm", "mm--a", "mm-", "1mm", ""]);
        judge(is_deployment_name, &["acme-chat", "a1"], &["a", "Acme", "acme_chat", "1acme", "acme-"]);
    }
}
