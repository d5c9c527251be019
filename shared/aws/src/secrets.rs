//! Secrets: read from Secrets Manager where they are used, and dropped with the client that used them.
//!
//! A secret never gets into a sentence, not even the one that says that it has the wrong form.

use aws_sdk_secretsmanager::Client;
use aws_smithy_types::base64;
use http::HeaderValue;
use mmdr_core::{Fault, Region};
use serde_json::Value;

use crate::clients::Manner;
use crate::{Aws, faults};

impl Aws {
    /// The value of `Authorization` for Mattermost: the bot's token, plain or as `{"token": …}`.
    pub(crate) async fn bearer(&self, arn: &str) -> Result<HeaderValue, Fault> {
        let text = self.secret(arn).await?;
        header("Bearer", &token(&text).ok_or_else(|| unfit(arn, "a token, plain or as {\"token\": …}"))?)
    }

    /// The value of `Authorization` for search: user and password as `{"username": …, "password": …}`.
    pub(crate) async fn basic(&self, arn: &str) -> Result<HeaderValue, Fault> {
        let text = self.secret(arn).await?;
        let pair = pair(&text).ok_or_else(|| unfit(arn, "{\"username\": …, \"password\": …}"))?;
        header("Basic", &base64::encode(pair))
    }

    async fn secret(&self, arn: &str) -> Result<String, Fault> {
        let home = Region::new(arn.split(':').nth(3).unwrap_or_default());
        let manner = if home == self.own { Manner::Repeatable } else { Manner::Across };
        let client: Client = self.clients.get(&home, manner, |config| Client::new(config));
        let answer = client.get_secret_value().secret_id(arn).send().await.map_err(|error| faults::of(&error))?;
        let text = answer.secret_string().ok_or_else(|| unfit(arn, "text"))?;
        Ok(text.trim().to_owned())
    }
}

fn unfit(arn: &str, expected: &str) -> Fault {
    Fault::Unreadable(format!("the secret {arn}: expected {expected}"))
}

fn header(scheme: &str, value: &str) -> Result<HeaderValue, Fault> {
    // The error would not say more, and must not say what was found.
    let mut value = HeaderValue::from_str(&format!("{scheme} {value}"))
        .map_err(|_| Fault::Unreadable("a secret with signs that no header may have".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn token(text: &str) -> Option<String> {
    let token =
        if text.starts_with('{') { field(&serde_json::from_str(text).ok()?, "token")? } else { text.to_owned() };
    (!token.is_empty()).then_some(token)
}

fn pair(text: &str) -> Option<String> {
    let secret = serde_json::from_str(text).ok()?;
    Some(format!("{}:{}", field(&secret, "username")?, field(&secret, "password")?))
}

fn field(secret: &Value, name: &str) -> Option<String> {
    secret.get(name)?.as_str().filter(|value| !value.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_plain_or_a_field() {
        assert_eq!(token("abc"), Some("abc".into()));
        assert_eq!(token("{ \"token\" : \"abc\", \"bot\": \"dr\" }"), Some("abc".into()));
        assert_eq!(token(""), None);
        assert_eq!(token("{\"user\":\"abc\"}"), None);
    }

    #[test]
    fn user_and_password_are_both_needed() {
        assert_eq!(pair("{\"username\":\"dr\",\"password\":\"a:b\"}"), Some("dr:a:b".into()));
        for text in ["", "abc", "{\"username\":\"dr\"}", "{\"username\":\"dr\",\"password\":\"\"}"] {
            assert_eq!(pair(text), None);
        }
    }

    #[test]
    fn a_secret_of_the_wrong_form_is_not_repeated_and_a_header_of_it_shows_nothing() {
        let Err(Fault::Unreadable(said)) = header("Bearer", "s3cret\n") else { panic!("was taken") };
        assert!(!said.contains("s3cret"));
        assert!(!format!("{:?}", header("Bearer", "s3cret").unwrap()).contains("s3cret"));
    }
}
