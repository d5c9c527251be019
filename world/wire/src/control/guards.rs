//! Faults over the calls of this door: guards, each with its scope and its end.

use serde::{Deserialize, Serialize};

/// What happens to a call in a guard's scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Hit {
    /// It is asked to slow down.
    Throttle,
    /// It is answered with the service's 5xx, and not carried out.
    Error,
    /// It is refused with this code and sentence, and not carried out.
    Refuse {
        /// The service's error code.
        code: String,
        /// Its sentence.
        message: String,
    },
    /// It never arrives, and nothing comes back.
    BlackHole,
    /// It is carried out, and its answer is lost.
    AnswerLost,
    /// It is carried out, and its answer takes so many virtual milliseconds longer.
    Slow(i64),
}

/// Which calls a guard watches, and for how many of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guard {
    /// The service (`rds`, `es`, `search`, `mattermost`, …); any where none.
    #[serde(default)]
    pub(crate) service: Option<String>,
    /// The operation; any where none.
    #[serde(default)]
    pub(crate) operation: Option<String>,
    /// The Region that is asked; any where none.
    #[serde(default)]
    pub(crate) region: Option<String>,
    /// Only calls that change something, or only those that do not; both where none.
    #[serde(default)]
    pub(crate) mutates: Option<bool>,
    /// Only every n-th call.
    #[serde(default = "one")]
    pub(crate) every: u32,
    /// How many calls are hit before the guard is spent.
    #[serde(default = "one")]
    pub(crate) times: u32,
    /// What happens.
    pub(crate) hit: Hit,
    #[serde(default, skip_deserializing)]
    seen: u32,
}

fn one() -> u32 {
    1
}

/// Every guard in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guards(pub(crate) Vec<Guard>);

impl Guards {
    /// The fault of this call, if a guard's turn has come.
    pub(crate) fn of(&mut self, service: &str, operation: &str, region: &str, mutates: bool) -> Option<Hit> {
        let fits = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        for guard in &mut self.0 {
            let in_scope = fits(&guard.service, service)
                && fits(&guard.operation, operation)
                && fits(&guard.region, region)
                && guard.mutates.is_none_or(|wanted| wanted == mutates);
            if !in_scope || guard.times == 0 {
                continue;
            }
            guard.seen += 1;
            if guard.seen % guard.every.max(1) == 0 {
                guard.times -= 1;
                return Some(guard.hit.clone());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guards(text: &str) -> Guards {
        Guards(vec![serde_json::from_str(text).unwrap()])
    }

    #[test]
    fn a_guard_hits_so_many_calls_of_its_scope_and_is_spent() {
        let mut guards = guards(r#"{"service":"rds","operation":"DescribeEvents","times":2,"hit":"throttle"}"#);
        assert_eq!(guards.of("rds", "DescribeDBClusters", "us-east-1", false), None);
        assert_eq!(guards.of("rds", "DescribeEvents", "us-east-1", false), Some(Hit::Throttle));
        assert_eq!(guards.of("rds", "DescribeEvents", "us-west-1", false), Some(Hit::Throttle));
        assert_eq!(guards.of("rds", "DescribeEvents", "us-west-1", false), None);
    }

    #[test]
    fn a_guard_over_every_second_change_leaves_reads_and_the_first_change_alone() {
        let mut guards = guards(r#"{"mutates":true,"every":2,"hit":{"slow":5000}}"#);
        let changes: Vec<_> = (0..3).map(|_| guards.of("ssm", "SendCommand", "us-east-1", true)).collect();
        assert_eq!(changes, [None, Some(Hit::Slow(5_000)), None]);
        assert_eq!(guards.of("ssm", "GetParameter", "us-east-1", false), None);
    }
}
