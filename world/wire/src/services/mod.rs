//! The services, one file or folder each: what the model answers, in the words of its protocol.

pub(crate) mod balancer;
pub(crate) mod batch;
pub(crate) mod buckets;
pub(crate) mod domains;
pub(crate) mod ecs;
pub(crate) mod groups;
pub(crate) mod mattermost;
pub(crate) mod rds;
pub(crate) mod search;
pub(crate) mod ssm;
