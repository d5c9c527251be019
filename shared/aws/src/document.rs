//! Where the deployment document lies, and reading it: Parameter Store or S3, in the own Region.

use std::fmt;
use std::str::FromStr;

use aws_sdk_s3::Client as S3;
use aws_sdk_ssm::Client as Ssm;
use mmdr_core::{CallError, Fault, Region};

use crate::clients::{Clients, Manner};
use crate::{faults, ledgers};

/// Where the deployment document lies, as `MMDR_DOCUMENT` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentPlace {
    /// `ssm:/name`: a parameter; 4 KiB, or 8 KiB in the advanced tier (SSM API, PutParameter).
    Parameter(String),
    /// `s3://bucket/key`.
    Object {
        /// The bucket, in the own Region.
        bucket: String,
        /// The key.
        key: String,
    },
}

impl FromStr for DocumentPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected ssm:/NAME or s3://BUCKET/KEY, found {text:?}");
        if let Some(name) = text.strip_prefix("ssm:") {
            let whole = name.len() > 1 && name.starts_with('/');
            return if whole { Ok(Self::Parameter(name.into())) } else { Err(expected()) };
        }
        let (bucket, key) = text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).ok_or_else(expected)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(expected());
        }
        Ok(Self::Object { bucket: bucket.into(), key: key.into() })
    }
}

impl fmt::Display for DocumentPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parameter(name) => write!(f, "the parameter {name}"),
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

impl DocumentPlace {
    /// The document's text. None: there is nothing at this place.
    pub async fn read(&self, clients: &Clients, own: &Region) -> Result<Option<String>, CallError> {
        let (call, found) = match self {
            Self::Parameter(name) => ("ssm:GetParameter", parameter(clients, own, name).await),
            Self::Object { bucket, key } => {
                let client = clients.get(own, Manner::Read, |config| S3::new(config));
                let found = ledgers::object(&client, bucket, key).await;
                ("s3:GetObject", found.map(|found| found.map(|(text, _)| text)))
            }
        };
        found.map_err(|fault| CallError { call: call.into(), region: own.clone(), fault })
    }
}

async fn parameter(clients: &Clients, own: &Region, name: &str) -> Result<Option<String>, Fault> {
    let client = clients.get(own, Manner::Read, |config| Ssm::new(config));
    match client.get_parameter().name(name).with_decryption(true).send().await {
        Ok(answer) => Ok(answer.parameter().and_then(|it| it.value()).map(str::to_owned)),
        Err(error) if error.as_service_error().is_some_and(|said| said.is_parameter_not_found()) => Ok(None),
        Err(error) => Err(faults::of(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_parameter_or_an_object() {
        assert_eq!("ssm:/mmdr/acme/deployment".parse(), Ok(DocumentPlace::Parameter("/mmdr/acme/deployment".into())));
        let object = DocumentPlace::Object { bucket: "b".into(), key: "k/deployment.json".into() };
        assert_eq!("s3://b/k/deployment.json".parse(), Ok(object));
    }

    #[test]
    fn anything_else_is_said_in_one_sentence() {
        for text in ["", "ssm:", "ssm:name", "ssm:/", "s3://b", "s3://b/", "https://x/y"] {
            let error = text.parse::<DocumentPlace>().unwrap_err();
            assert_eq!(error, format!("expected ssm:/NAME or s3://BUCKET/KEY, found {text:?}"));
        }
    }
}
