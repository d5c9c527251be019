//! What stands under one Region.

use super::arn::{self, Home};
use super::{address, forms};
use crate::place::{Findings, Place};
use crate::show;

/// A Region with more nodes is beyond what one batch of calls may touch.
const NODES_LIMIT: i128 = 100;

pub(crate) fn check(root: &Place<'_>, region: &Place<'_>, findings: &mut Findings) {
    let name = region.field("name");
    findings.form(&name, forms::is_region, "an AWS Region such as us-east-1");
    let home = Home {
        region: name.text().filter(|text| forms::is_region(text)),
        account: root.field("account_id").text().filter(|text| forms::is_account_id(text)),
    };
    names(region, findings);
    arns(region, home, findings);
    addresses(root, region, home, findings);
    nodes(&region.field("nodes"), findings);
    backups(region, home, findings);
}

fn backups(region: &Place<'_>, home: Home<'_>, findings: &mut Findings) {
    let backups = region.field("backups");
    findings.form(
        &backups.field("vault"),
        forms::is_vault,
        "the name of a backup vault: 2 to 50 letters, digits, - and _",
    );
    let elsewhere = Home { region: None, ..home };
    arn::check(&backups.field("off_site_vault"), &arn::VAULT, elsewhere, findings);
    findings.form(&backups.field("configuration_copies"), forms::is_s3_prefix, "s3://BUCKET/PREFIX");
    let repository = "the name of a snapshot repository in lower case";
    findings.form(&backups.field("search_repository"), forms::is_repository, repository);
}

fn names(region: &Place<'_>, findings: &mut Findings) {
    const BUCKET: &str =
        "a bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens, nothing that S3 reserves";
    findings.form(&region.field("ledger_bucket"), forms::is_bucket_name, BUCKET);
    findings.form(&region.field("files_bucket"), forms::is_bucket_name, BUCKET);
    findings.form(
        &region.field("search_domain"),
        forms::is_search_domain,
        "an OpenSearch domain's name: 3 to 28 lower-case letters, digits and hyphens, first a letter",
    );
}

fn arns(region: &Place<'_>, home: Home<'_>, findings: &mut Findings) {
    for (field, kind) in [
        ("cluster_arn", &arn::CLUSTER),
        ("nodes.target_group_arn", &arn::TARGET_GROUP),
        ("topic_arn", &arn::TOPIC),
        ("mattermost_token", &arn::SECRET),
        ("search_credentials", &arn::SECRET),
    ] {
        arn::check(&region.field(field), kind, home, findings);
    }
    // The bot's token is no search password: one secret in both places is one of them pasted twice.
    let (token, credentials) = (region.field("mattermost_token"), region.field("search_credentials"));
    if let (Some(one), Some(other)) = (token.text(), credentials.text())
        && one == other
        && one.starts_with("arn:")
    {
        findings.different(&token, &credentials);
    }
}

fn addresses(root: &Place<'_>, region: &Place<'_>, home: Home<'_>, findings: &mut Findings) {
    let search = region.field("search_endpoint");
    if let (Some(host), Some(region)) = (address::check(&search, findings), home.region) {
        address::lies_in(&search, host, region, findings);
    }
    let mattermost = region.field("mattermost_url");
    let Some(host) = address::check(&mattermost, findings) else { return };
    if let Some(region) = home.region {
        address::lies_in(&mattermost, host, region, findings);
    }
    if Some(host) == root.field("dns.public_name").text() {
        // Behind the public name stands whichever Region is active: a probe of it says nothing about this one.
        findings.add(&mattermost, "an address of this Region alone", "the public name");
    }
}

fn nodes(nodes: &Place<'_>, findings: &mut Findings) {
    group(nodes, findings);
    let (count, healthy) = (nodes.field("count"), nodes.field("healthy_minimum"));
    findings.limits(&count, 1, NODES_LIMIT);
    if let (Some(nodes), Some(minimum)) = (count.whole(), healthy.whole())
        && nodes >= 1
        && minimum >= nodes
    {
        let expected = format!("less than {} ({nodes}), so that a node can be rolled", count.path());
        findings.add(&healthy, expected, minimum.to_string());
    }
    let parameter = nodes.field("job_flags_parameter");
    if let Some(text) = parameter.text().filter(|text| !forms::is_parameter_name(text)) {
        let found = if show::looks_like_a_secret(text) {
            "a value that is no parameter name (not shown)".into()
        } else {
            show::text(text)
        };
        findings.add(&parameter, "a full name in Parameter Store such as /mattermost-dr/job-flags", found);
    }
}

fn group(nodes: &Place<'_>, findings: &mut Findings) {
    let group = nodes.field("group");
    match nodes.field("platform").text() {
        Some("ecs") => findings.form(&group, forms::is_ecs_group, "an ECS service as CLUSTER/SERVICE"),
        Some("auto-scaling") => {
            findings.form(&group, forms::is_group_or_tag_value, "the name of an Auto Scaling group");
        }
        Some("ec2-systemd") => findings.form(&group, forms::is_group_or_tag_value, "the value of a tag"),
        _ => {}
    }
}
