//! The RDS API, 2014-10-31: query and XML. What happens is the model's; shapes and codes are botocore's `rds` model.

mod clusters;
mod events;
mod global;
mod snapshots;

use crate::forms::query::Params;
use crate::reply::{Answered, Protocol, Refusal};
use crate::route::Asked;
use crate::world::World;

pub(crate) const PROTOCOL: Protocol = Protocol::Query("http://rds.amazonaws.com/doc/2014-10-31/");

/// Answers one operation.
pub(crate) fn answer(world: &mut World, asked: &Asked, params: &Params) -> Answered {
    match asked.operation.as_str() {
        "DescribeGlobalClusters" => global::describe(world, asked, params),
        "SwitchoverGlobalCluster" => global::switch_over(world, asked, params),
        "FailoverGlobalCluster" => global::fail_over(world, asked, params),
        "RemoveFromGlobalCluster" => global::remove(world, asked, params),
        "DescribeDBClusters" => clusters::describe(world, asked, params),
        "DescribeDBClusterParameters" => clusters::parameters(world, asked, params),
        "DescribeDBClusterSnapshots" => snapshots::describe(world, asked, params),
        "CopyDBClusterSnapshot" => snapshots::copy(world, asked, params),
        "DescribeEvents" => events::describe(world, asked, params),
        other => Err(Refusal::new("InvalidAction", format!("The action {other} is not valid for this web service."))),
    }
}

/// A parameter without which nothing can be done.
fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, Refusal> {
    let missing = || Refusal::new("MissingParameter", format!("The request must contain the parameter {name}"));
    params.get(name).filter(|value| !value.is_empty()).ok_or_else(missing)
}

/// The last part of an ARN, or the name itself.
fn named(text: &str) -> &str {
    text.rsplit(':').next().unwrap_or(text)
}
