//! How a found value is shown, and when it is not.
//!
//! A report of mistakes travels into logs, tickets and chats. Where a person pasted a token or a password into the wrong
//! field, the report must not carry it there. A value hidden without need costs a look into the document, a value shown
//! without need costs the secret; so in doubt it is hidden.

/// Longer values are cut: one mistake stays one line.
const SHOWN_CHARACTERS: usize = 120;

/// Runs of letters and digits of at least this length, without a separator, do not occur in names that people choose.
/// Mattermost's tokens have 26, AWS access keys 20, other services' tokens more.
const TOKEN_CHARACTERS: usize = 20;

/// How known secrets begin.
const SECRET_BEGINNINGS: [&str; 10] =
    ["AKIA", "ASIA", "eyJ", "ghp_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk-", "-----BEGIN"];

/// The text in quotes on one line, or a description where it looks like a secret.
pub(crate) fn text(text: &str) -> String {
    if looks_like_a_secret(text) { "a value that looks like a secret (not shown)".into() } else { quoted(text) }
}

/// The text in quotes on one line. Only for texts whose form makes a secret impossible, as an ARN's does.
pub(crate) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Whether a text may be a token, a key or a password that was pasted into the wrong place.
pub(crate) fn looks_like_a_secret(text: &str) -> bool {
    let text = text.trim();
    SECRET_BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || text.split(|c: char| !c.is_ascii_alphanumeric() && !"+=".contains(c)).any(is_token)
        || is_base64_key(text)
        || carries_user_and_password(text)
        || is_strong_password(text)
}

fn is_token(run: &str) -> bool {
    let has = |kind: fn(&char) -> bool| run.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic)
        || has(char::is_ascii_lowercase) && has(char::is_ascii_uppercase);
    run.len() >= TOKEN_CHARACTERS && mixed
}

/// A key in base64 may be cut by its own slashes; names with slashes rarely mix capitals, small letters and digits.
fn is_base64_key(text: &str) -> bool {
    text.len() >= TOKEN_CHARACTERS
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b))
        && text.contains(|c: char| c.is_ascii_uppercase())
        && text.contains(|c: char| c.is_ascii_lowercase())
        && text.contains(|c: char| c.is_ascii_digit())
}

/// `https://user:password@host`, or what a query may carry.
fn carries_user_and_password(text: &str) -> bool {
    text.contains("://") && text.contains(['@', '?', '#'])
}

/// What the password rules of most services ask for: eight characters, letters, digits, and one that is in no name.
fn is_strong_password(text: &str) -> bool {
    text.chars().count() >= 8
        && !text.contains(char::is_whitespace)
        && text.contains(|c: char| c.is_ascii_alphabetic())
        && text.contains(|c: char| c.is_ascii_digit())
        && text.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_./:,*".contains(c))
}

#[cfg(test)]
mod tests {
    use super::{looks_like_a_secret, text};

    #[test]
    fn tokens_keys_and_passwords_look_like_secrets() {
        for secret in [
            "xx3ytqmu7jyzfp5ozc1ynkb8ah",
            concat!("AKIA", "IOSFODNN7EXAMPLE"),
            concat!("wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"),
            "eyJhbGciOiJIUzI1NiJ9.e30.abc",
            "P@ssw0rd!",
            "https://admin:admin@search.example.com",
            "https://chat.example.com/?token=1",
            "0123456789abcdef0123456789abcdef",
        ] {
            assert!(looks_like_a_secret(secret), "{secret} would be shown");
        }
    }

    #[test]
    fn names_that_people_choose_are_shown() {
        for name in [
            "mattermost-files-us-west-1-123456789012",
            "us-west-1",
            "https://chat-west.example.com",
            "chat.example.com",
            "/mattermost-dr/us-west-1/job-flags",
            "mm_cluster/mattermost-app",
            "posts*",
        ] {
            assert!(!looks_like_a_secret(name), "{name} would be hidden");
        }
    }

    #[test]
    fn a_shown_text_is_one_line_and_never_long() {
        assert_eq!(text("one\ntwo"), r#""one\ntwo""#);
        assert!(text(&"word ".repeat(100)).chars().count() < 130);
    }
}
