//! Short names for long texts.

use sha2::{Digest, Sha256};

/// The first 64 bits of SHA-256, in 16 hexadecimal digits: enough for names that live 90 days, as those of executions do.
pub fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_digest_is_the_beginning_of_sha_256() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(super::digest("abc"), "ba7816bf8f01cfea");
    }
}
