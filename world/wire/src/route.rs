//! From a request to the service that answers it: whom it is for, whether it arrives, and which fault it meets.

use mmdr_world::network::{Ix, OUTSIDE};
use serde_json::json;

use crate::control::call_log::Call;
use crate::control::guards::Hit;
use crate::reply::{Outcome, Protocol, Refusal, Reply};
use crate::request::{Port, Request};
use crate::services::{balancer, batch, buckets, domains, ecs, groups, mattermost, rds, search, ssm};
use crate::world::World;

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Rds,
    /// The control plane of OpenSearch Service.
    Domains,
    Ssm,
    Balancer,
    Groups,
    Ecs,
    Buckets,
    Batch,
    /// The data plane of one domain.
    Search,
    Mattermost,
}

impl Service {
    /// As signatures, faults and the list of calls name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rds => "rds",
            Self::Domains => "es",
            Self::Ssm => "ssm",
            Self::Balancer => "elasticloadbalancing",
            Self::Groups => "autoscaling",
            Self::Ecs => "ecs",
            Self::Buckets => "s3",
            Self::Batch => "s3control",
            Self::Search => "search",
            Self::Mattermost => "mattermost",
        }
    }

    fn protocol(self) -> Protocol {
        match self {
            Self::Rds => rds::PROTOCOL,
            Self::Balancer => balancer::PROTOCOL,
            Self::Groups => groups::PROTOCOL,
            Self::Ssm | Self::Ecs => Protocol::Json,
            Self::Buckets => Protocol::S3,
            Self::Batch => Protocol::S3Control,
            Self::Domains | Self::Search | Self::Mattermost => Protocol::RestJson,
        }
    }

    fn signed(name: &str, request: &Request) -> Option<Self> {
        match name {
            "rds" => Some(Self::Rds),
            "es" => Some(Self::Domains),
            "ssm" => Some(Self::Ssm),
            "elasticloadbalancing" => Some(Self::Balancer),
            "autoscaling" => Some(Self::Groups),
            "ecs" => Some(Self::Ecs),
            "s3" if request.path.starts_with("/v20180820/") => Some(Self::Batch),
            "s3" => Some(Self::Buckets),
            _ => None,
        }
    }
}

/// What was asked, of whom.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) service: Service,
    /// The Region that is asked; outside where it is none of the Deployment's.
    pub(crate) region: Ix,
    /// That Region's name.
    pub(crate) region_name: String,
    pub(crate) operation: String,
    /// Whether it changes something.
    pub(crate) mutates: bool,
    /// The identifier of the request.
    pub(crate) id: String,
}

/// A request under way: its number in the list of calls, what was asked, and what becomes of it.
pub(crate) struct Taken {
    pub(crate) number: usize,
    pub(crate) asked: Asked,
    pub(crate) outcome: Outcome,
}

/// Takes a request: notes it, and finds out what becomes of it. `Err` is an answer to what is for nobody.
pub(crate) fn take(world: &mut World, request: &Request) -> Result<Taken, Reply> {
    let (service, region, region_name) = addressed(world, request)?;
    let (operation, mutates) = operation(service, request);
    let id = world.next_id();
    let asked = Asked { service, region, region_name, operation, mutates, id };
    let number = world.calls.note(Call {
        at_ms: world.now(),
        region: asked.region_name.clone(),
        from: request.from().map(str::to_owned),
        service: service.name(),
        operation: asked.operation.clone(),
        mutates,
        status: None,
        agent: request.header("user-agent").map(str::to_owned),
    });
    let outcome = meet(world, request, &asked);
    Ok(Taken { number, asked, outcome })
}

fn addressed(world: &mut World, request: &Request) -> Result<(Service, Ix, String), Reply> {
    match request.port {
        Port::Search(ix) => Ok((Service::Search, ix, world.name(ix).to_owned())),
        Port::Mattermost(ix) => Ok((Service::Mattermost, ix, world.name(ix).to_owned())),
        Port::PublicName => {
            // Two resolvers in each of three vantages; a host asks its first one (the model's `public_name_answers_from`).
            let vantage = request.from().map_or(OUTSIDE, |name| world.ix(name));
            let now = world.now();
            let ix = world.sim.model.dns.resolve(vantage * 2, now);
            Ok((Service::Mattermost, ix, world.name(ix).to_owned()))
        }
        Port::Aws => {
            let refused =
                |status, kind: &str, text: &str| Reply::json(status, &json!({ "__type": kind, "message": text }));
            let missing =
                || refused(403, "MissingAuthenticationTokenException", "Request is missing Authentication Token");
            let scope = request.scope().ok_or_else(missing)?;
            let unknown =
                || refused(404, "UnknownOperationException", &format!("{} is not served here", scope.service));
            let service = Service::signed(&scope.service, request).ok_or_else(unknown)?;
            Ok((service, world.ix(&scope.region), scope.region))
        }
    }
}

/// The operation's name, and whether it changes something.
fn operation(service: Service, request: &Request) -> (String, bool) {
    let by_name = |name: String| {
        let reads = ["Describe", "Get", "List", "Head"].iter().any(|verb| name.starts_with(verb));
        (name, !reads)
    };
    match service {
        Service::Rds | Service::Balancer | Service::Groups => {
            by_name(request.form().get("Action").unwrap_or_default().to_owned())
        }
        Service::Ssm | Service::Ecs => {
            let target = request.header("x-amz-target").unwrap_or_default();
            by_name(target.rsplit('.').next().unwrap_or_default().to_owned())
        }
        Service::Domains => by_name(domains::operation(request).to_owned()),
        Service::Buckets => by_name(buckets::operation(request).to_owned()),
        Service::Batch => by_name(batch::operation(request).to_owned()),
        Service::Search => search::operation(request),
        Service::Mattermost => mattermost::operation(request),
    }
}

/// Whether it arrives, which fault it meets, and what it is answered.
fn meet(world: &mut World, request: &Request, asked: &Asked) -> Outcome {
    if !arrives(world, request, asked) {
        return Outcome::Held;
    }
    let hit = world.guards.of(asked.service.name(), &asked.operation, &asked.region_name, asked.mutates);
    match hit {
        None => dispatch(world, request, asked),
        Some(Hit::Throttle) => refuse(asked, Refusal::Throttled),
        Some(Hit::Error) => refuse(asked, Refusal::Failed),
        Some(Hit::Refuse { code, message }) => refuse(asked, Refusal::Said { code, message }),
        Some(Hit::BlackHole) => Outcome::Held,
        Some(Hit::AnswerLost) => lose(dispatch(world, request, asked)),
        Some(Hit::Slow(ms)) => {
            let outcome = dispatch(world, request, asked);
            Outcome::Later(world.now() + ms, Box::new(move |_| outcome))
        }
    }
}

/// What was begun goes on; its answer does not come back.
fn lose(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Later(at_ms, then) => Outcome::Later(at_ms, Box::new(move |world| lose(then(world)))),
        Outcome::Reply(_) | Outcome::Held => Outcome::Held,
    }
}

fn arrives(world: &World, request: &Request, asked: &Asked) -> bool {
    let network = &world.sim.network;
    // S3's bucket configuration is written in us-east-1 whatever the bucket's Region (whitepaper "AWS Fault Isolation
    // Boundaries", global services).
    let is_global = matches!(asked.operation.as_str(), "PutBucketReplication" | "PutBucketVersioning");
    if is_global && !network.us_east_1_control {
        return false;
    }
    let from = request.from().map_or(OUTSIDE, |name| world.ix(name));
    network.reaches(from, asked.region)
}

fn refuse(asked: &Asked, refusal: Refusal) -> Outcome {
    match asked.service {
        Service::Search => Outcome::Reply(search::refuse(&refusal)),
        Service::Mattermost => Outcome::Reply(mattermost::refuse(&refusal)),
        service => service.protocol().settle(Err(refusal), &asked.id),
    }
}

fn dispatch(world: &mut World, request: &Request, asked: &Asked) -> Outcome {
    let answered = match asked.service {
        Service::Rds => rds::answer(world, asked, &request.form()),
        Service::Domains => domains::answer(world, asked, request),
        Service::Ssm => ssm::answer(world, asked, request),
        Service::Balancer => balancer::answer(world, asked, &request.form()),
        Service::Groups => groups::answer(world, asked, &request.form()),
        Service::Ecs => ecs::answer(world, asked, request),
        Service::Buckets => buckets::answer(world, asked, request),
        Service::Batch => batch::answer(world, asked, request),
        Service::Search => return search::answer(world, asked, request),
        Service::Mattermost => return mattermost::answer(world, asked, request),
    };
    asked.service.protocol().settle(answered, &asked.id)
}
