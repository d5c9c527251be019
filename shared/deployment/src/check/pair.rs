//! What must be true of the two Regions together.

use super::forms;
use crate::place::{Findings, Place};
use crate::show;

/// A Deployment lives in so many Regions, never more and never fewer.
pub(crate) const REGIONS: usize = 2;

pub(crate) fn check(root: &Place<'_>, findings: &mut Findings) {
    let regions = root.field("regions");
    if let Some(count) = regions.count().filter(|count| *count != REGIONS) {
        findings.add(&regions, "exactly two Regions", count.to_string());
    }
    let (one, other) = (regions.element(0), regions.element(1));
    two_regions(&regions, &one, &other, findings);
    buckets(&one, &other, findings);
    search_domains(&one, &other, findings);
    off_site_vaults([&one, &other], findings);
    findings.different(&one.field("mattermost_url"), &other.field("mattermost_url"));
    third_region(root, &[&one, &other], findings);
}

fn two_regions(regions: &Place<'_>, one: &Place<'_>, other: &Place<'_>, findings: &mut Findings) {
    let (Some(one), Some(other)) = (one.field("name").text(), other.field("name").text()) else { return };
    if one == other {
        findings.add(regions, "two different Regions", format!("{} twice", show::text(one)));
    } else if forms::is_region(one) && forms::is_region(other) && partition(one) != partition(other) {
        let found = format!("{one:?} and {other:?}, which share no account");
        findings.add(regions, "two Regions of one partition", found);
    }
}

/// China and GovCloud have accounts of their own, so a Deployment cannot span them and the rest.
fn partition(region: &str) -> &str {
    ["cn-", "us-gov-"].into_iter().find(|beginning| region.starts_with(beginning)).unwrap_or_default()
}

/// A copy in one of the two Regions is lost with it.
fn off_site_vaults(regions: [&Place<'_>; 2], findings: &mut Findings) {
    let names: Vec<String> =
        regions.iter().filter_map(|region| region.field("name").text().map(str::to_owned)).collect();
    for region in regions {
        let vault = region.field("backups").field("off_site_vault");
        let lies_in = vault.text().and_then(|arn| arn.split(':').nth(3)).map(str::to_owned);
        if let Some(found) = lies_in.filter(|found| names.contains(found)) {
            let expected = format!("a vault outside {}", names.join(" and "));
            findings.add(&vault, expected, format!("one in {found}"));
        }
    }
}

/// Four buckets, no two the same: a ledger among replicated files would be overwritten from the other Region.
fn buckets(one: &Place<'_>, other: &Place<'_>, findings: &mut Findings) {
    let buckets = [one, other].map(|region| [region.field("ledger_bucket"), region.field("files_bucket")]).concat();
    for (index, later) in buckets.iter().enumerate() {
        // One sentence for each bucket that was named before, also where it was named more than once.
        if let Some(earlier) = buckets.iter().take(index).find(|earlier| earlier.text() == later.text()) {
            findings.different(earlier, later);
        }
    }
}

/// The same domain in both places would follow itself. A domain is known by its Region and name, and by its endpoint.
fn search_domains(one: &Place<'_>, other: &Place<'_>, findings: &mut Findings) {
    let identity = |region: &Place<'_>| {
        Some((region.field("name").text()?.to_owned(), region.field("search_domain").text()?.to_owned()))
    };
    if let (Some(first), Some(second)) = (identity(one), identity(other))
        && first == second
    {
        let (region, name) = second;
        let expected = format!("another OpenSearch domain than that of {}", one.path());
        findings.add(
            &other.field("search_domain"),
            expected,
            format!("{} in {} again", show::text(&name), show::text(&region)),
        );
    }
    let (first, second) = (one.field("search_endpoint"), other.field("search_endpoint"));
    if let (Some(here), Some(there)) = (first.text(), second.text())
        && plain(here) == plain(there)
    {
        findings.add(&second, "the endpoint of another OpenSearch domain", format!("that of {} again", one.path()));
    }
}

/// Two spellings of one endpoint are one endpoint.
fn plain(endpoint: &str) -> String {
    let lower = endpoint.to_ascii_lowercase();
    lower.trim_end_matches('/').trim_end_matches(":443").to_owned()
}

fn third_region(root: &Place<'_>, regions: &[&Place<'_>], findings: &mut Findings) {
    let third = root.field("witnesses.third_region");
    findings.form(&third, forms::is_region, "an AWS Region such as us-east-2");
    let Some(name) = third.text() else { return };
    if regions.iter().any(|region| region.field("name").text() == Some(name)) {
        let expected = "a third Region, which shares no vantage point with the two";
        findings.add(&third, expected, format!("{}, one of the two", show::text(name)));
    }
}
