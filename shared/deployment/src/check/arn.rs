//! ARNs: of the right service, in the right Region, of the right account.

use super::forms;
use crate::place::{Findings, Place};
use crate::show;

/// One kind of resource that the document names by its ARN.
pub(crate) struct Kind {
    /// What a reader calls it.
    pub(crate) noun: &'static str,
    /// The service in the ARN's third part.
    pub(crate) service: &'static str,
    /// The resource, as a pattern for the reader.
    pub(crate) pattern: &'static str,
    /// Whether the ARN's last part has that form.
    pub(crate) fits: fn(&str) -> bool,
    /// Whether the value at this field is a secret when it is no ARN.
    pub(crate) guards_a_secret: bool,
}

pub(crate) const CLUSTER: Kind = Kind {
    noun: "an Aurora cluster",
    service: "rds",
    pattern: "cluster:NAME",
    fits: |resource| resource.strip_prefix("cluster:").is_some_and(forms::is_database_identifier),
    guards_a_secret: false,
};

pub(crate) const TARGET_GROUP: Kind = Kind {
    noun: "a target group",
    service: "elasticloadbalancing",
    pattern: "targetgroup/NAME/ID",
    fits: |resource| {
        let parts: Vec<_> = resource.split('/').collect();
        matches!(parts.as_slice(), ["targetgroup", name, id] if !name.is_empty() && !id.is_empty())
    },
    guards_a_secret: false,
};

pub(crate) const TOPIC: Kind = Kind {
    noun: "a standard SNS topic",
    service: "sns",
    pattern: "NAME",
    // No dot: the name of a FIFO topic ends in `.fifo`, and e-mail cannot subscribe to one.
    fits: |resource| {
        (1..=256).contains(&resource.len())
            && resource.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    },
    guards_a_secret: false,
};

pub(crate) const VAULT: Kind = Kind {
    noun: "a backup vault",
    service: "backup",
    pattern: "backup-vault:NAME",
    fits: |resource| resource.strip_prefix("backup-vault:").is_some_and(forms::is_vault),
    guards_a_secret: false,
};

pub(crate) const SECRET: Kind = Kind {
    noun: "a secret in Secrets Manager",
    service: "secretsmanager",
    pattern: "secret:NAME",
    fits: |resource| {
        resource.strip_prefix("secret:").is_some_and(|name| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"/_+=.@-".contains(&b))
        })
    },
    guards_a_secret: true,
};

/// Where a resource must be. A part that the document does not say, or says wrongly, is not compared.
#[derive(Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) region: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
}

impl Home<'_> {
    /// China and the two GovCloud Regions are partitions of their own; an ARN says which.
    fn partition(self) -> Option<&'static str> {
        self.region.map(|region| match region {
            china if china.starts_with("cn-") => "aws-cn",
            government if government.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        })
    }
}

/// Reports the ARN at `place` where it is none, or not of this kind, or not at home.
pub(crate) fn check(place: &Place<'_>, kind: &Kind, home: Home<'_>, findings: &mut Findings) {
    let Some(text) = place.text() else { return };
    let found = match parts(text) {
        Some(parts) => match differences(parts, kind, home).as_slice() {
            [] => return,
            differences => format!("{}, which names {}", show::quoted(text), differences.join(" and ")),
        },
        // Any word may be a password, so where a secret's ARN belongs nothing else is shown.
        None if kind.guards_a_secret || show::looks_like_a_secret(text) => "a value that is no ARN (not shown)".into(),
        None => format!("{}, which is no ARN", show::quoted(text)),
    };
    findings.add(place, expected(kind, home), found);
}

fn expected(kind: &Kind, home: Home<'_>) -> String {
    format!(
        "the ARN of {}, arn:{}:{}:{}:{}:{}",
        kind.noun,
        home.partition().unwrap_or("aws"),
        kind.service,
        home.region.unwrap_or("REGION"),
        home.account.unwrap_or("ACCOUNT"),
        kind.pattern
    )
}

/// Partition, service, Region, account and resource.
fn parts(text: &str) -> Option<[&str; 5]> {
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") {
        return None;
    }
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

fn differences(parts: [&str; 5], kind: &Kind, home: Home<'_>) -> Vec<String> {
    let [partition, service, region, account, resource] = parts;
    let wanted = [
        ("partition", partition, home.partition()),
        ("service", service, Some(kind.service)),
        ("Region", region, home.region),
        ("account", account, home.account),
    ];
    let mut differences: Vec<_> = wanted
        .into_iter()
        .filter(|(_, found, wanted)| wanted.is_some_and(|wanted| wanted != *found))
        .map(|(part, found, _)| format!("{part} {}", show::quoted(found)))
        .collect();
    // The resource of another service has another form anyway.
    if service == kind.service && !(kind.fits)(resource) {
        differences.push(format!("resource {}", show::quoted(resource)));
    }
    differences
}
