//! What lies inside a Region's VPC: search's data plane and Mattermost. Asked directly, or through that Region's relay.
//!
//! Only the own Region is always reached. Into the other one leads peering, where the document says so, or a small function of
//! the other stack: [`Inside`] is what it is handed, [`RelayAnswer`] what it gives back.

use aws_sdk_lambda::Client as Lambda;
use aws_sdk_lambda::operation::invoke::InvokeOutput;
use aws_sdk_lambda::primitives::Blob;
use mmdr_core::calls::{Call, Does};
use mmdr_core::deployment::Reach;
use mmdr_core::ports::{Called, RuleName};
use mmdr_core::{Fault, Region, Time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clients::Manner;
use crate::{Aws, faults};

/// What a relay answers: what was asked for, or why not.
pub type RelayAnswer = Result<Value, Fault>;

/// Some of the operations of one shard, by sequence number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Stretch {
    /// The index.
    pub index: String,
    /// The shard.
    pub shard: u32,
    /// What lies above this number, and not at it.
    pub above: i64,
    /// Up to this number; none: to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<i64>,
}

/// One question or change inside a VPC, with every argument: what a relay is handed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Inside {
    /// Every Mattermost index.
    Indices,
    /// Health of the domain, and whether a snapshot runs.
    Domain,
    /// The conditional write probe.
    Probe(Vec<String>),
    /// The auto-follow rules.
    Rules,
    /// The primaries of one index, after a refresh.
    Shards(String),
    /// A page of documents, from the beginning of the stretch.
    Documents(Stretch),
    /// A page of ids, from the beginning of the stretch.
    Ids(Stretch),
    /// Snapshots in the search domain's repository.
    SearchSnapshots,
    /// The fence.
    SetWriteBlock(bool),
    /// `_stop` of each.
    Stop(Vec<String>),
    /// `_pause` of each.
    Pause(Vec<String>),
    /// `_resume` of each.
    Resume(Vec<String>),
    /// `_start` of each.
    Start {
        /// The alias of the leader.
        alias: String,
        /// The indices.
        names: Vec<String>,
    },
    /// `_close` and `_open` of each.
    Reopen(Vec<String>),
    /// A new auto-follow rule.
    CreateRule(RuleName),
    /// An auto-follow rule less.
    DeleteRule(RuleName),
    /// These indices less.
    DeleteIndices(Vec<String>),
    /// Mattermost's deep ping.
    Ping,
    /// Whether the probe post is there.
    PostExists(String),
    /// Whether search finds the probe post.
    SearchFinds(String),
    /// Whether the probe file comes back whole.
    FileExists(String),
    /// Jobs of one type.
    Jobs(String),
    /// Open WebSocket connections.
    OpenSockets,
    /// The newest migration.
    SchemaVersion,
    /// Mattermost's configuration, as far as we read it.
    Config,
    /// The probe post.
    CreatePost(String),
    /// The probe file.
    UploadFile(String),
    /// The canary.
    CreateCanaryJob,
    /// The window to index again.
    Reindex {
        /// From when.
        from: Time,
        /// Until when.
        to: Time,
    },
}

impl Aws {
    /// One question to what lies inside `region`'s VPC.
    pub(crate) async fn inside<T: DeserializeOwned>(
        &self,
        call: &'static Call,
        region: &Region,
        what: Inside,
    ) -> Called<T> {
        self.call(call, region, self.reach(call, region, what)).await
    }

    /// The same as part of a call.
    pub(crate) async fn reach<T: DeserializeOwned>(
        &self,
        call: &Call,
        region: &Region,
        what: Inside,
    ) -> Result<T, Fault> {
        let reaches = self.reaches(region)?;
        read_as(if reaches { self.look(region, &what).await? } else { self.relayed(call, region, &what).await? })
    }

    /// One change there. Apart from questions, so that a function that asks only has no change in its binary.
    pub(crate) async fn change_inside<T: DeserializeOwned>(
        &self,
        call: &'static Call,
        region: &Region,
        what: Inside,
    ) -> Called<T> {
        let sent = async {
            let reaches = self.reaches(region)?;
            read_as(if reaches {
                self.perform(region, &what).await?
            } else {
                self.relayed(call, region, &what).await?
            })
        };
        self.call(call, region, sent).await
    }

    /// Whether what lies inside `region` is reached from here. The own Region's entry says how the other one is.
    fn reaches(&self, region: &Region) -> Result<bool, Fault> {
        self.setup(region)?;
        Ok(*region == self.own || self.setup(&self.own)?.reaches_other_by == Reach::Peering)
    }

    /// Does it in the own Region: what a relay is there for.
    pub async fn perform_here(&self, what: &Inside) -> RelayAnswer {
        self.perform(&self.own, what).await
    }

    /// Asks from here.
    async fn look(&self, region: &Region, what: &Inside) -> RelayAnswer {
        match what {
            Inside::Indices
            | Inside::Domain
            | Inside::Probe(_)
            | Inside::Rules
            | Inside::Shards(_)
            | Inside::Documents(_)
            | Inside::Ids(_)
            | Inside::SearchSnapshots => self.opensearch(region).await?.read(what).await,
            Inside::Ping => value(self.ping(region).await?),
            _ => self.mattermost(region).await?.read(what).await,
        }
    }

    /// Asks or changes from here.
    pub async fn perform(&self, region: &Region, what: &Inside) -> RelayAnswer {
        match what {
            Inside::SetWriteBlock(_)
            | Inside::Stop(_)
            | Inside::Pause(_)
            | Inside::Resume(_)
            | Inside::Start { .. }
            | Inside::Reopen(_)
            | Inside::CreateRule(_)
            | Inside::DeleteRule(_)
            | Inside::DeleteIndices(_) => self.opensearch(region).await?.change(what).await,
            Inside::CreatePost(_) | Inside::UploadFile(_) | Inside::CreateCanaryJob | Inside::Reindex { .. } => {
                self.mattermost(region).await?.change(what).await
            }
            _ => self.look(region, what).await,
        }
    }

    /// Has it done by the relay in `region`. A change is sent once, and so is a relay that fails not asked again.
    async fn relayed(&self, call: &Call, region: &Region, what: &Inside) -> RelayAnswer {
        let manner = if call.does == Does::Change { Manner::RelayedChange } else { Manner::RelayedRead };
        let client: Lambda = self.clients.get(region, manner, |config| Lambda::new(config));
        let name = format!("mmdr-{}-relay", self.deployment.name);
        let payload = serde_json::to_vec(what).map_err(unmade)?;
        let answer = client.invoke().function_name(&name).payload(Blob::new(payload)).send().await;
        match answer.map_err(|error| faults::of(&error)) {
            Ok(answer) => relay_answer(&name, &answer),
            // That there is no relay says nothing of what was asked for behind it.
            Err(Fault::NotFound(_)) => Err(Fault::Refused(format!("there is no function {name} in {region}"))),
            Err(fault) => Err(fault),
        }
    }
}

/// What an answer says.
fn read_as<T: DeserializeOwned>(answer: Value) -> Result<T, Fault> {
    serde_json::from_value(answer).map_err(|error| Fault::Unreadable(faults::short(&error.to_string())))
}

/// An answer as JSON.
pub(crate) fn value(it: impl Serialize) -> RelayAnswer {
    serde_json::to_value(it).map_err(unmade)
}

fn unmade(error: serde_json::Error) -> Fault {
    Fault::Refused(format!("no JSON could be made: {error}"))
}

/// What a relay's process said of itself, where it did not come to an answer.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Failed {
    error_type: String,
    error_message: String,
}

fn relay_answer(name: &str, answer: &InvokeOutput) -> RelayAnswer {
    let payload = answer.payload().map(Blob::as_ref).unwrap_or_default();
    if answer.function_error().is_none() {
        let readable = serde_json::from_slice::<RelayAnswer>(payload);
        return readable.unwrap_or_else(|error| Err(Fault::Unreadable(faults::short(&format!("{name}: {error}")))));
    }
    let Failed { error_type, error_message } = serde_json::from_slice(payload).unwrap_or_default();
    let text = faults::short(&format!("{name}: {error_type}: {error_message}"));
    Err(match error_type.as_str() {
        // It understood nothing, so it did nothing: the two stacks are of different versions, or its document is broken.
        "Dr.BadInput" | "Dr.BadDeployment" => Fault::Refused(text),
        // Whatever else ended it, nobody knows how far it had come.
        "Dr.OutOfTime" | "Sandbox.Timedout" => Fault::NoAnswer,
        _ => Fault::LookAgain(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::served::{Asked, Served, ports_with, served};
    use mmdr_core::ports::{ProbeAnswer, SearchReads, SearchWrites};

    fn answered(error: Option<&str>, payload: &str) -> RelayAnswer {
        let answer = InvokeOutput::builder().set_function_error(error.map(str::to_owned));
        relay_answer("mmdr-a-relay", &answer.payload(Blob::new(payload)).build())
    }

    #[test]
    fn what_a_relay_is_handed_is_plain_json() {
        let text = |what: &Inside| serde_json::to_string(what).unwrap();
        assert_eq!(text(&Inside::Indices), "\"indices\"");
        assert_eq!(text(&Inside::Stop(vec!["users".into()])), "{\"stop\":[\"users\"]}");
        let page = Inside::Ids(Stretch { index: "users".into(), shard: 0, above: -1, up_to: Some(7) });
        assert_eq!(serde_json::from_str::<Inside>(&text(&page)).unwrap(), page);
    }

    #[test]
    fn a_relay_gives_the_answer_or_the_fault_that_it_met() {
        assert_eq!(answered(None, "{\"Ok\":[1]}"), Ok(serde_json::json!([1])));
        let fault = Fault::LookAgain("503 Service Unavailable".into());
        let text = serde_json::to_string(&RelayAnswer::Err(fault.clone())).unwrap();
        assert_eq!(answered(None, &text), Err(fault));
        assert!(matches!(answered(None, "null"), Err(Fault::Unreadable(_))));
    }

    #[test]
    fn a_relay_that_ends_without_an_answer_may_have_made_the_change() {
        let ended =
            |kind: &str| answered(Some("Unhandled"), &format!("{{\"errorType\":\"{kind}\",\"errorMessage\":\"m\"}}"));
        assert_eq!(ended("Dr.OutOfTime"), Err(Fault::NoAnswer));
        assert_eq!(ended("Runtime.ExitError"), Err(Fault::LookAgain("mmdr-a-relay: Runtime.ExitError: m".into())));
        assert_eq!(ended("Dr.BadInput"), Err(Fault::Refused("mmdr-a-relay: Dr.BadInput: m".into())));
        assert!(matches!(answered(Some("Unhandled"), ""), Err(Fault::LookAgain(_))));
    }

    const RELAY: &str =
        "POST https://lambda.us-west-1.amazonaws.com/2015-03-31/functions/mmdr-acme-chat-relay/invocations ";

    fn relayed(status: u16, body: &'static str) -> (Aws, Asked) {
        ports_with(&[], move |_| (status, body.into()))
    }

    #[tokio::test]
    async fn the_other_region_is_asked_through_its_relay_with_the_question_as_it_is() {
        let (ports, asked) = relayed(200, "{\"Ok\":[[\"users\",\"writable\"]]}");
        let seen = ports.probe(&Region::new("us-west-1"), &["users".into()]).await;
        assert_eq!(seen, Ok(vec![("users".into(), ProbeAnswer::Writable)]));
        assert_eq!(asked.all(), [format!("{RELAY}{{\"probe\":[\"users\"]}}")]);
    }

    #[tokio::test]
    async fn a_change_through_a_relay_is_sent_once_and_a_read_twice() {
        let west = Region::new("us-west-1");
        let (ports, asked) = relayed(500, "{\"Type\":\"Service\",\"Message\":\"no\"}");
        let changed = ports.set_write_block(&west, true).await.unwrap_err();
        assert!(changed.is_look_again(), "{changed}");
        assert_eq!(asked.count(), 1);
        assert!(ports.rules(&west).await.is_err());
        assert_eq!(asked.count(), 3);
    }

    #[tokio::test]
    async fn a_relay_that_is_not_there_is_never_taken_for_an_index_that_is_not_there() {
        let (ports, _) = relayed(404, "{\"Type\":\"User\",\"Message\":\"Function not found\"}");
        let gone = ports.delete_indices(&Region::new("us-west-1"), &["users".into()]).await.unwrap_err();
        assert_eq!(gone.fault, Fault::Refused("there is no function mmdr-acme-chat-relay in us-west-1".into()));
    }

    #[tokio::test]
    async fn the_own_region_is_asked_directly_with_the_credentials_of_its_secret() {
        let (address, asked) = served(vec![Served::answer(200, "{\"autofollow_stats\":[]}")]);
        let endpoint = "https://vpc-acme-chat-east-zyxwvutsrqponmlkjihgfedcba.us-east-1.es.amazonaws.com";
        let secret = "{\"SecretString\":\"{\\\"username\\\":\\\"dr\\\",\\\"password\\\":\\\"x\\\"}\"}";
        let (ports, secrets) = ports_with(&[(endpoint, &address)], move |_| (200, secret.into()));
        assert_eq!(ports.rules(&Region::new("us-east-1")).await, Ok(Vec::new()));
        assert!(secrets.all()[0].starts_with("POST https://secretsmanager.us-east-1.amazonaws.com/"));
        assert!(asked.all()[0].to_lowercase().contains("authorization: basic zhi6ea=="));
    }
}
