//! S3 Control, 2018-08-20: batch replication of what is there already. Shapes and codes are botocore's `s3control` model.

use mmdr_world::model::files;
use mmdr_world::network::Ix;

use crate::forms::times;
use crate::forms::xml::Xml;
use crate::forms::xml_read::Element;
use crate::memory::BatchJob;
use crate::reply::{Answered, Refusal, Reply};
use crate::request::Request;
use crate::route::Asked;
use crate::world::World;

const NAMESPACE: &str = "http://awss3control.amazonaws.com/doc/2018-08-20/";

/// The operation, by method and path.
pub(crate) fn operation(request: &Request) -> &'static str {
    match (request.method.as_str(), request.segments().as_slice()) {
        ("POST", [_, "jobs"]) => "CreateJob",
        ("GET", [_, "jobs"]) => "ListJobs",
        ("GET", [_, "jobs", _]) => "DescribeJob",
        _ => "Unknown",
    }
}

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, request: &Request) -> Answered {
    match asked.operation.as_str() {
        "CreateJob" => create(world, asked, request),
        "ListJobs" => list(world, asked.region, request),
        "DescribeJob" => describe(world, asked.region, request.segments().last().copied().unwrap_or_default()),
        _ => Err(Refusal::new("NotImplemented", format!("no operation at {} {}", request.method, request.path))),
    }
}

/// CreateJob: the same token is the same job.
fn create(world: &mut World, asked: &Asked, request: &Request) -> Answered {
    let malformed = || Refusal::new("BadRequestException", "The XML you provided was not well-formed");
    let wanted = Element::parse(&request.text()).ok_or_else(malformed)?;
    let text = |path: &str| wanted.at(path).unwrap_or_default().to_owned();
    let operation = wanted.child("Operation").ok_or_else(malformed)?;
    if operation.child("S3ReplicateObject").is_none() {
        return Err(Refusal::new("NotImplemented", "only S3ReplicateObject is done here"));
    }
    let bucket = text("ManifestGenerator/S3JobManifestGenerator/SourceBucket");
    let source = asked.region;
    if world.region(source).is_none_or(|setup| format!("arn:aws:s3:::{}", setup.files_bucket) != bucket) {
        return Err(Refusal::new("BadRequestException", format!("no source bucket {bucket} in this Region")));
    }
    let token = text("ClientRequestToken");
    let known = world.memory.batch_jobs.iter().find(|job| job.token == token && job.source == source);
    let id = match known {
        Some(job) => job.id.clone(),
        None => {
            let tasks = world.sim.model.files.bucket(source, world.now())?.existing_not_replicated;
            world.act(|model, ctx| files::replicate_existing(model, source, ctx))?;
            let job = BatchJob {
                id: asked.id.clone(),
                source,
                token,
                description: text("Description"),
                role: text("RoleArn"),
                priority: text("Priority").parse().unwrap_or(0),
                created_at: world.now(),
                tasks,
            };
            world.memory.batch_jobs.push(job);
            asked.id.clone()
        }
    };
    Ok(Reply::xml(200, Xml::document("CreateJobResult", NAMESPACE, |xml| xml.text("JobId", id))))
}

/// The newest job of a source runs as long as the model's does; those before it have ended.
fn status(world: &World, job: &BatchJob) -> &'static str {
    let newest = world.memory.batch_jobs.iter().rev().find(|it| it.source == job.source);
    let runs = newest.is_some_and(|it| it.id == job.id) && world.sim.model.files.batch_runs(job.source);
    if runs { "Active" } else { "Complete" }
}

fn list(world: &World, region: Ix, request: &Request) -> Answered {
    let wanted: Vec<&str> = request.query.all("jobStatuses").collect();
    let jobs = world.memory.batch_jobs.iter().filter(|job| job.source == region);
    let jobs = jobs.map(|job| (job, status(world, job)));
    let jobs: Vec<_> = jobs.filter(|(_, status)| wanted.is_empty() || wanted.contains(status)).collect();
    let document = Xml::document("ListJobsResult", NAMESPACE, |xml| {
        xml.element("Jobs", |xml| {
            for (job, status) in &jobs {
                xml.element("member", |xml| {
                    xml.text("JobId", &job.id);
                    xml.text("Description", &job.description);
                    xml.text("Operation", "S3ReplicateObject");
                    xml.text("Priority", job.priority);
                    progress(xml, job, status);
                });
            }
        });
    });
    Ok(Reply::xml(200, document))
}

fn describe(world: &World, region: Ix, id: &str) -> Answered {
    let job = world.memory.batch_jobs.iter().find(|job| job.id == id && job.source == region);
    let job = job.ok_or_else(|| Refusal::new("NotFoundException", format!("no job {id}")))?;
    let document = Xml::document("DescribeJobResult", NAMESPACE, |xml| {
        xml.element("Job", |xml| {
            xml.text("JobId", &job.id);
            xml.text("ConfirmationRequired", false);
            xml.text("Description", &job.description);
            xml.element("Operation", |xml| xml.element("S3ReplicateObject", |_| {}));
            xml.text("Priority", job.priority);
            xml.text("RoleArn", &job.role);
            progress(xml, job, status(world, job));
        });
    });
    Ok(Reply::xml(200, document))
}

fn progress(xml: &mut Xml, job: &BatchJob, status: &str) {
    let is_done = status == "Complete";
    xml.text("Status", status);
    xml.text("CreationTime", times::iso(job.created_at));
    xml.element("ProgressSummary", |xml| {
        xml.text("TotalNumberOfTasks", job.tasks);
        xml.text("NumberOfTasksSucceeded", if is_done { job.tasks } else { 0 });
        xml.text("NumberOfTasksFailed", 0);
    });
}
