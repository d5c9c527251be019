//! The outside as the SDK's HTTP client meets it: every request is written down and answered from a table.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_rds::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use mmdr_aws::{Aws, Clients, Settings};
use mmdr_core::{Deployment, Region, Time};

use crate::answers;

/// One request, as far as a test looks at it.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// `rds:FailoverGlobalCluster`: the service in the signature's scope, and the operation.
    pub(crate) action: String,
    /// The Region in the signature's scope.
    pub(crate) region: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What an answer is made of.
pub(crate) type Answer = (u16, String);

/// What is asked of the outside, and what it answers otherwise than the table.
#[derive(Clone, Default)]
pub(crate) struct Outside {
    seen: Arc<Mutex<Vec<Request>>>,
    instead: Arc<Mutex<Vec<Instead>>>,
}

/// An action, a part of its body, and the answer where both are met.
type Instead = (String, String, Answer);

impl Outside {
    /// From now on this action is answered like this.
    pub(crate) fn answers(self, action: &str, status: u16, body: &str) -> Self {
        self.refuses(action, "", status, body)
    }

    /// From now on this action is answered like this where its body has that part.
    pub(crate) fn refuses(self, action: &str, part: &str, status: u16, body: &str) -> Self {
        self.instead.lock().unwrap().push((action.into(), part.into(), (status, body.into())));
        self
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The actions that were asked for, each once.
    pub(crate) fn actions(&self) -> BTreeSet<String> {
        self.requests().into_iter().map(|request| request.action).collect()
    }

    /// The ports in us-east-1 over this outside.
    pub(crate) fn ports(&self, deployment: Deployment) -> Aws {
        // What lies inside a VPC is not there: port 9 discards.
        let nowhere =
            |setup: &mmdr_core::deployment::RegionSetup| (setup.search_endpoint.clone(), "http://127.0.0.1:9".into());
        let settings = Settings {
            replication_role: Some("arn:aws:iam::123456789012:role/r".into()),
            reroute: deployment.regions.iter().map(nowhere).collect(),
            ..Settings::default()
        };
        let (clients, clock) = (Arc::new(Clients::over(self.config())), Arc::new(|| Time(1_795_255_200_000)));
        Aws::new(Region::new("us-east-1"), Arc::new(deployment), clients, Arc::new(settings), clock, Arc::new(|_| {}))
    }

    fn config(&self) -> SdkConfig {
        let outside = self.clone();
        let client = infallible_client_fn(move |request| outside.answer(&request));
        let credentials = Credentials::new("AKIDEXAMPLE", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(client)
            .sleep_impl(aws_smithy_types_sleep())
            .build()
    }

    fn answer(&self, request: &http::Request<SdkBody>) -> http::Response<SdkBody> {
        let request = read(request);
        let action = request.action.clone();
        self.seen.lock().unwrap().push(request.clone());
        let instead = self.instead.lock().unwrap();
        let is_meant = |it: &&Instead| it.0 == action && request.body.contains(&it.1);
        let (status, body) = match instead.iter().rev().find(is_meant) {
            Some((_, _, answer)) => answer.clone(),
            None => answers::of(&request),
        };
        let builder = http::Response::builder().status(status).header("etag", "\"v1\"");
        if action.starts_with("cloudwatch:") {
            // An empty map in CBOR: no data.
            return builder.header("smithy-protocol", "rpc-v2-cbor").body(SdkBody::from(vec![0xa0_u8])).unwrap();
        }
        builder.body(SdkBody::from(body)).unwrap()
    }
}

fn aws_smithy_types_sleep() -> aws_sdk_rds::config::SharedAsyncSleep {
    // Pauses between attempts take no time here.
    #[derive(Debug)]
    struct AtOnce;
    impl aws_sdk_rds::config::AsyncSleep for AtOnce {
        fn sleep(&self, time: std::time::Duration) -> aws_sdk_rds::config::Sleep {
            // Time-outs must not come at once; pauses are shorter than any of them.
            let waits = time >= std::time::Duration::from_secs(2);
            aws_sdk_rds::config::Sleep::new(async move {
                if waits {
                    std::future::pending::<()>().await;
                }
            })
        }
    }
    aws_sdk_rds::config::SharedAsyncSleep::new(AtOnce)
}

fn read(request: &http::Request<SdkBody>) -> Request {
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned()))
        .collect();
    let body = request.body().bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let header = |name: &str| headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let scope = header("authorization").unwrap_or_default();
    let scope =
        scope.split("Credential=").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default().to_owned();
    let mut parts = scope.split('/').skip(2);
    let (region, service) = (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned());
    let uri = request.uri().to_string();
    let method = request.method().as_str();
    let operation = operation(&service, method, &uri, header("x-amz-target"), &body);
    Request { action: format!("{}:{operation}", prefix(&service)), region, uri, headers, body }
}

/// IAM's prefix of a service.
fn prefix(service: &str) -> &str {
    match service {
        "monitoring" => "cloudwatch",
        other => other,
    }
}

/// The operation, as each protocol says it.
fn operation(service: &str, method: &str, uri: &str, target: Option<String>, body: &str) -> String {
    if let Some(target) = target {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    if let Some((_, rest)) = uri.split_once("/operation/") {
        return rest.to_owned();
    }
    if let Some(rest) = body.strip_prefix("Action=") {
        return rest.split('&').next().unwrap_or_default().to_owned();
    }
    answers::rest_operation(service, method, uri)
}
