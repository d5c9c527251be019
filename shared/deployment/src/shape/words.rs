//! Which known word a mistyped one was meant to be.

/// The nearest of the known words, where at most a third of the letters differ or one contains the other.
pub(crate) fn nearest<'a>(found: &str, known: &[&'a str]) -> Option<&'a str> {
    // Distances are quadratic in length, and no name is that long.
    if found.len() > 64 {
        return None;
    }
    let plain = found.to_ascii_lowercase().replace('-', "_");
    let near = known.iter().map(|word| (distance(&plain, word), *word)).min()?;
    let limit = (plain.chars().count() / 3).max(1);
    (near.0 <= limit).then_some(near.1).or_else(|| {
        known.iter().copied().find(|word| plain.len() >= 4 && (word.contains(&plain) || plain.contains(word)))
    })
}

/// How many letters must be inserted, deleted or exchanged (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, c) in one.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, d) in row.iter_mut().skip(1).zip(&other) {
            let exchanged = diagonal + usize::from(c != *d);
            diagonal = *cell;
            *cell = exchanged.min(left + 1).min(*cell + 1);
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    const FIELDS: [&str; 4] = ["cluster_arn", "files_bucket", "ledger_bucket", "topic_arn"];

    #[test]
    fn distances_count_single_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_typing_slip_another_case_and_hyphens_find_the_field() {
        assert_eq!(nearest("clsuter_arn", &FIELDS), Some("cluster_arn"));
        assert_eq!(nearest("Topic-ARN", &FIELDS), Some("topic_arn"));
        assert_eq!(nearest("file_bucket", &FIELDS), Some("files_bucket"));
    }

    #[test]
    fn a_part_of_a_name_finds_it_and_another_word_finds_nothing() {
        assert_eq!(nearest("ledger", &FIELDS), Some("ledger_bucket"));
        assert_eq!(nearest("password", &FIELDS), None);
    }
}
