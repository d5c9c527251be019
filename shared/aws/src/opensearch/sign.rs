//! Who asks: a user of the domain with a password, or the function's role with a signature.

use std::time::SystemTime;

use aws_sdk_opensearch::config::{Credentials, ProvideCredentials};
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::{HeaderValue, Request, header};
use mmdr_core::deployment::RegionSetup;
use mmdr_core::{Fault, Region};

use crate::Aws;

/// The service's name in a signature: domains, not collections.
const SERVICE: &str = "es";

/// A request carries one of the two, never both: with internal users a domain refuses signatures of roles that it does not
/// know, and a policy that names principals refuses passwords (OpenSearch Service guide, fine-grained access control).
pub(super) enum Identity {
    /// User and password.
    Basic(HeaderValue),
    /// The role's credentials.
    Role(Credentials),
}

impl Identity {
    pub(super) async fn of(aws: &Aws, setup: &RegionSetup) -> Result<Self, Fault> {
        if let Some(arn) = &setup.search_credentials {
            return Ok(Self::Basic(aws.basic(arn).await?));
        }
        let none = || Fault::Refused("there are no credentials to sign with".into());
        let provider = aws.clients.base().credentials_provider().ok_or_else(none)?;
        Ok(Self::Role(provider.provide_credentials().await.map_err(|_| none())?))
    }

    /// The request with this identity in it.
    pub(super) fn apply(
        &self,
        mut request: Request<Vec<u8>>,
        region: &Region,
        at: SystemTime,
    ) -> Result<Request<Vec<u8>>, Fault> {
        match self {
            Self::Basic(value) => {
                request.headers_mut().insert(header::AUTHORIZATION, value.clone());
                Ok(request)
            }
            Self::Role(credentials) => signed(request, credentials, region, at),
        }
    }
}

fn signed(
    mut request: Request<Vec<u8>>,
    credentials: &Credentials,
    region: &Region,
    at: SystemTime,
) -> Result<Request<Vec<u8>>, Fault> {
    let unsigned = || Fault::Refused("the request could not be signed".into());
    let identity = credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params = SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name(SERVICE)
        .time(at)
        .settings(settings)
        .build()
        .map_err(|_| unsigned())?;
    let (method, uri) = (request.method().to_string(), request.uri().to_string());
    let headers = request.headers().iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let body = SignableBody::Bytes(request.body());
    let signable = SignableRequest::new(&method, uri, headers, body).map_err(|_| unsigned())?;
    let (instructions, _) = sign(signable, &params.into()).map_err(|_| unsigned())?.into_parts();
    instructions.apply_to_request_http1x(&mut request);
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::request;
    use http::Method;

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI", Some("session".into()), None, "test")
    }

    #[test]
    fn a_role_signs_for_the_service_es_in_the_region_that_is_asked() {
        let asked = request(Method::GET, "https://search.example.com/posts*,users*/_settings?flat_settings=true", None);
        let region = Region::new("us-east-1");
        let signed = Identity::Role(credentials()).apply(asked.unwrap(), &region, SystemTime::UNIX_EPOCH).unwrap();
        let header = |name: &str| signed.headers().get(name).unwrap().to_str().unwrap().to_owned();
        let authorization = header("authorization");
        assert!(authorization.contains("AKIDEXAMPLE/19700101/us-east-1/es/aws4_request"), "{authorization}");
        assert!(authorization.contains("host;x-amz-content-sha256;x-amz-date;x-amz-security-token"), "{authorization}");
        assert!(!authorization.contains("wJalrXUtnFEMI"));
        assert_eq!(header("x-amz-content-sha256").len(), 64);
        assert_eq!(signed.uri().path(), "/posts*,users*/_settings");
    }

    #[test]
    fn a_password_goes_without_a_signature() {
        let asked = request(Method::GET, "https://search.example.com/", None).unwrap();
        let basic = Identity::Basic(HeaderValue::from_static("Basic eA=="));
        let made = basic.apply(asked, &Region::new("us-east-1"), SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(made.headers().get("authorization").unwrap(), "Basic eA==");
        assert!(made.headers().get("x-amz-date").is_none());
    }
}
