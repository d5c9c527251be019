//! The two buckets of Mattermost's files, S3's REST and XML. Every other bucket lies with somebody else. Shapes are
//! botocore's `s3` model; S3's sentences are as field reports quote them.

use mmdr_core::ports::RuleSeen;
use mmdr_world::model::files;
use mmdr_world::network::Ix;

use crate::forms::times;
use crate::forms::xml::Xml;
use crate::forms::xml_read::Element;
use crate::reply::{Answered, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";
/// The probe object: an operation for the rule, so that its metrics speak.
const PROBE_KEY: &str = "mmdr/replication-probe";
/// Where the model's objects lie, by their numbers.
const KEYS: &str = "data/";

/// The operation, by method and path. A bucket is named in the path.
pub(crate) fn operation(request: &Request) -> &'static str {
    let has_key = request.segments().len() > 1;
    match (request.method.as_str(), has_key) {
        ("GET", false) if request.query.has("versioning") => "GetBucketVersioning",
        ("PUT", false) if request.query.has("versioning") => "PutBucketVersioning",
        ("GET", false) if request.query.has("replication") => "GetBucketReplication",
        ("PUT", false) if request.query.has("replication") => "PutBucketReplication",
        ("GET", false) if request.query.has("list-type") => "ListObjectsV2",
        ("HEAD", false) => "HeadBucket",
        ("HEAD", true) => "HeadObject",
        ("PUT", true) => "PutObject",
        _ => "Unknown",
    }
}

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Answered {
    let segments = request.segments();
    let bucket = segments.first().copied().unwrap_or_default();
    let found = (0..2).find(|ix| world.region(*ix).is_some_and(|setup| setup.files_bucket == bucket));
    let ix = found.ok_or_else(|| Refusal::new("NoSuchBucket", "The specified bucket does not exist"))?;
    if ix != asked.region {
        let (wrong, right) = (world.name(asked.region), world.name(ix));
        let text = format!("The authorization header is malformed; the region '{wrong}' is wrong; expecting '{right}'");
        return Err(Refusal::new("AuthorizationHeaderMalformed", text));
    }
    world.act(files::network_changed);
    let key = segments.get(1..).unwrap_or_default().join("/");
    match asked.operation.as_str() {
        "GetBucketVersioning" => versioning(world, ix),
        "PutBucketVersioning" => put_versioning(world, ix, request),
        "GetBucketReplication" => replication(world, ix),
        "PutBucketReplication" => put_replication(world, ix, request),
        "ListObjectsV2" => list(world, ix, bucket, request),
        "HeadBucket" => Ok(Reply::empty(200).with("x-amz-bucket-region", world.name(ix))),
        "HeadObject" => head(world, ix, &key),
        "PutObject" if key == PROBE_KEY => {
            world.act(|model, ctx| files::put_probe(model, ix, ctx))?;
            Ok(Reply::empty(200).with("etag", "\"0\"").with("x-amz-version-id", asked.id.clone()))
        }
        _ => Err(not_implemented(&format!("{} {}", request.method, request.path))),
    }
}

fn not_implemented(what: &str) -> Refusal {
    Refusal::new("NotImplemented", format!("This door does not take it: {what}"))
}

fn versioning(world: &World, ix: Ix) -> Answered {
    let on = world.sim.model.files.bucket(ix, world.now())?.versioning;
    // A bucket that never had versioning has no status.
    let document =
        Xml::document("VersioningConfiguration", NAMESPACE, |xml| xml.maybe("Status", on.then_some("Enabled")));
    Ok(Reply::xml(200, document))
}

fn put_versioning(world: &mut World, ix: Ix, request: &Request) -> Answered {
    match Element::parse(&request.text()).as_ref().and_then(|it| it.at("Status")) {
        Some("Enabled") => {
            world.sim.model.files.enable_versioning(ix);
            Ok(Reply::empty(200))
        }
        Some("Suspended") => Err(Refusal::new(
            "InvalidBucketState",
            "A replication configuration is present on this bucket, so the versioning state cannot be changed.",
        )),
        _ => Err(Refusal::new("MalformedXML", "The XML you provided was not well-formed")),
    }
}

fn replication(world: &World, ix: Ix) -> Answered {
    let seen = world.sim.model.files.bucket(ix, world.now())?;
    // The code is none of the API model's.
    let missing = || {
        let text = "The replication configuration was not found";
        Refusal::new("ReplicationConfigurationNotFoundError", text)
    };
    let rule = seen.rule.ok_or_else(missing)?;
    let role = format!("arn:aws:iam::{}:role/replication", world.account());
    let document = Xml::document("ReplicationConfiguration", NAMESPACE, |xml| {
        xml.text("Role", role);
        xml.element("Rule", |xml| write(xml, &rule));
    });
    Ok(Reply::xml(200, document))
}

fn write(xml: &mut Xml, rule: &RuleSeen) {
    let word = |on: bool| if on { "Enabled" } else { "Disabled" };
    xml.text("ID", &rule.id);
    xml.text("Priority", 1);
    xml.text("Status", word(rule.enabled));
    xml.element("Filter", |xml| xml.text("Prefix", if rule.covers_all { "" } else { "part/" }));
    xml.element("DeleteMarkerReplication", |xml| xml.text("Status", word(rule.delete_markers)));
    xml.element("SourceSelectionCriteria", |xml| {
        xml.element("ReplicaModifications", |xml| xml.text("Status", word(rule.replica_modifications)));
    });
    xml.element("Destination", |xml| {
        xml.text("Bucket", format!("arn:aws:s3:::{}", rule.destination));
        xml.element("Metrics", |xml| xml.text("Status", word(rule.metrics)));
    });
}

/// PutBucketReplication of one rule that covers everything, as the product writes it.
fn put_replication(world: &mut World, ix: Ix, request: &Request) -> Answered {
    let parsed = Element::parse(&request.text());
    let malformed = || Refusal::new("MalformedXML", "The XML you provided was not well-formed");
    let configuration = parsed.ok_or_else(malformed)?;
    let rule = configuration.child("Rule").ok_or_else(malformed)?;
    let (other, now) = (1 - ix.min(1), world.now());
    let destination = world.region(other).map(|setup| setup.files_bucket.clone()).unwrap_or_default();
    if rule.at("Destination/Bucket") != Some(&format!("arn:aws:s3:::{destination}")) {
        return Err(Refusal::new("InvalidRequest", "Destination bucket must exist."));
    }
    // Both buckets first (terraform-aws-modules/terraform-aws-s3-bucket #172, nozaq/terraform-aws-remote-state-s3-backend
    // #107).
    for (bucket, text) in [
        (ix, "Versioning must be 'Enabled' on the bucket to apply a replication configuration"),
        (other, "Destination bucket must have versioning enabled."),
    ] {
        if !world.sim.model.files.bucket(bucket, now)?.versioning {
            return Err(Refusal::new("InvalidRequest", text));
        }
    }
    let is_whole = rule.at("Status") == Some("Enabled")
        && rule.at("ID") == Some(&world.sim.deployment.files.rule_id)
        && rule.at("Filter/Prefix").is_none_or(str::is_empty)
        && rule.at("DeleteMarkerReplication/Status") == Some("Enabled")
        && rule.at("SourceSelectionCriteria/ReplicaModifications/Status") == Some("Enabled")
        && rule.at("Destination/Metrics/Status") == Some("Enabled");
    if !is_whole {
        return Err(not_implemented("a rule with anything left out"));
    }
    world.act(|model, ctx| files::put_replication(model, ix, other, ctx))?;
    Ok(Reply::empty(200))
}

fn list(world: &World, ix: Ix, bucket: &str, request: &Request) -> Answered {
    let most = request.query.get("max-keys").and_then(|text| text.parse().ok()).unwrap_or(1_000).min(1_000);
    let prefix = request.query.get("prefix").unwrap_or_default();
    let after = request.query.get("start-after").unwrap_or_default();
    let mut found = world.sim.model.files.listed(ix, usize::MAX, world.now());
    found.retain(|(id, _)| format!("{KEYS}{id}").as_str() > after);
    if !KEYS.starts_with(prefix) {
        found.clear();
    }
    let is_truncated = found.len() > most;
    found.truncate(most);
    let now = world.now();
    let document = Xml::document("ListBucketResult", NAMESPACE, |xml| {
        xml.text("Name", bucket);
        xml.text("Prefix", prefix);
        xml.text("MaxKeys", most);
        xml.text("KeyCount", found.len());
        xml.text("IsTruncated", is_truncated);
        for (id, _) in &found {
            xml.element("Contents", |xml| {
                xml.text("Key", format!("{KEYS}{id}"));
                xml.text("LastModified", times::iso(now - 60_000));
                xml.text("ETag", "\"0\"");
                xml.text("Size", 1_024);
                xml.text("StorageClass", "STANDARD");
            });
        }
    });
    Ok(Reply::xml(200, document))
}

/// HeadObject; an answer to HEAD has no body, not even an error's.
fn head(world: &World, ix: Ix, key: &str) -> Answered {
    let files = &world.sim.model.files;
    let (written_at, status) = match key {
        PROBE_KEY => (files.probe(ix).map(|at| at.0), None),
        _ => {
            let id = key.strip_prefix(KEYS).and_then(|id| id.parse::<u32>().ok());
            let listed = files.listed(ix, usize::MAX, world.now());
            let found = listed.into_iter().find(|(known, _)| Some(*known) == id);
            (found.map(|_| world.now() - 60_000), found.and_then(|(_, status)| status))
        }
    };
    let Some(written_at) = written_at else { return Ok(Reply::empty(404)) };
    let reply = Reply::empty(200)
        .with("last-modified", times::http(written_at))
        .with("etag", "\"0\"")
        .with("x-amz-version-id", format!("v{written_at}"));
    Ok(match status {
        Some(status) => reply.with("x-amz-replication-status", status),
        None => reply,
    })
}
