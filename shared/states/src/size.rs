//! The limit on state data, measured as AWS does: bytes of compact UTF-8 JSON.

use serde_json::Value;
use std::io::{self, Write};

/// The most that a state's input, output, effective input or result may measure: 256 KiB.
pub const DATA_LIMIT_BYTES: usize = 262_144;

/// Whether `value` is within the limit.
pub(crate) fn fits(value: &Value) -> bool {
    // The bound costs a walk without formatting; exact measuring is for the rare value that comes near.
    upper_bound(value) <= DATA_LIMIT_BYTES || serde_json::to_writer(Budget(DATA_LIMIT_BYTES), value).is_ok()
}

/// At least the serialised length: every byte of a text could become a six-byte escape.
fn upper_bound(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 32,
        Value::String(text) => text.len() * 6 + 2,
        Value::Array(list) => list.iter().map(|element| upper_bound(element) + 1).sum::<usize>() + 2,
        Value::Object(map) => {
            map.iter().map(|(key, element)| key.len() * 6 + 4 + upper_bound(element)).sum::<usize>() + 2
        }
    }
}

/// Accepts this many bytes, then fails.
struct Budget(usize);

impl Write for Budget {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or_else(|| io::Error::other("over the limit"))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{DATA_LIMIT_BYTES, fits};
    use serde_json::json;

    #[test]
    fn the_limit_itself_still_fits_and_one_byte_more_does_not() {
        assert!(fits(&json!("x".repeat(DATA_LIMIT_BYTES - 2))));
        assert!(!fits(&json!("x".repeat(DATA_LIMIT_BYTES - 1))));
    }

    #[test]
    fn a_letter_of_two_bytes_counts_twice() {
        assert!(!fits(&json!("é".repeat(DATA_LIMIT_BYTES / 2))));
    }
}
