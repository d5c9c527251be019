//! What serde and TOML say, in the words of this product: what was expected, and what was found.

/// Longest part of a value that a sentence repeats, in characters.
const SHOWN_CHARACTERS: usize = 80;

/// Its beginning only: a value may fill the file.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A value as a sentence shows it.
pub(super) fn found(value: Option<&toml::Value>) -> String {
    match value {
        None => "nothing".into(),
        Some(toml::Value::String(text)) => format!("{:?}", shown(text)),
        Some(toml::Value::Array(_)) => "a list".into(),
        Some(toml::Value::Table(_)) => "a table".into(),
        Some(plain) => shown(&plain.to_string()),
    }
}

/// Both count from 1.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before: String = text.char_indices().take_while(|(at, _)| *at < offset).map(|(_, it)| it).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
    (line, column)
}

/// What was expected and what was found, from serde's sentence about `field` and its value.
pub(super) fn told(field: &str, value: &toml::Value, message: &str) -> (String, String) {
    let message = message.lines().next().unwrap_or_default();
    let names = backticked(message);
    let known: Vec<&str> = names.iter().skip(1).copied().collect();
    if message.starts_with("unknown field") {
        let near = did_you_mean(field, &known);
        return (format!("one of the fields {}", known.join(", ")), format!("an unknown field{near}"));
    }
    if let (true, Some(word)) = (message.starts_with("unknown variant"), names.first()) {
        return (one_of(&known), format!("{:?}{}", shown(word), did_you_mean(word, &known)));
    }
    let parts = ["invalid type: ", "invalid value: ", "invalid length "].iter().find_map(|kind| {
        let (what, expected) = message.strip_prefix(kind)?.rsplit_once(", expected ")?;
        Some((kind.trim_end(), what, expected))
    });
    match parts {
        Some(("invalid type:", "unit variant", expected)) => (expectation(expected), found(Some(value))),
        // The kind is right, and the number is too large or below zero.
        Some(("invalid value:", what, "u32")) => ("a whole number from 0 to 4294967295".into(), plain(what)),
        Some(("invalid length", length, expected)) => (expectation(expected), format!("a list of {length}")),
        Some((_, what, expected)) => (expectation(expected), plain(what)),
        None => ("what its description says".into(), shown(message)),
    }
}

fn one_of(known: &[&str]) -> String {
    match known {
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} or {other}"),
        many => format!("one of {}", many.join(", ")),
    }
}

/// What stands in backticks; serde names first what was found, then everything that it knows.
fn backticked(message: &str) -> Vec<&str> {
    // A value with backticks of its own would shift the pairs; it ends where serde goes on.
    match message.split_once("`, expected ") {
        Some((found, known)) => {
            let found = found.split_once('`').map_or("", |(_, found)| found);
            std::iter::once(found).chain(known.split('`').skip(1).step_by(2)).collect()
        }
        None => message.split('`').skip(1).step_by(2).collect(),
    }
}

/// Rust's names of kinds, as a person calls them.
fn expectation(kind: &str) -> String {
    let kind = match kind {
        "a string" | "string" => "a text in quotes",
        "a boolean" => "true or false, without quotes",
        "a sequence" => "a list",
        "a map" => "a table",
        "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i64" => "a whole number",
        "string or map" | "string only" | "variant identifier" | "enum" => "a word in quotes",
        "an array of length 2" => "a list of two",
        other => other,
    };
    kind.to_owned()
}

/// `integer `-5`` is -5, `string "a"` is "a".
fn plain(found: &str) -> String {
    match found {
        "sequence" => return "a list".into(),
        "map" => return "a table".into(),
        _ => {}
    }
    let value = ["string ", "integer ", "floating point ", "boolean "].iter().find_map(|kind| found.strip_prefix(kind));
    let value = value.map(|value| value.trim_matches('`'));
    shown(value.unwrap_or(found))
}

fn did_you_mean(word: &str, known: &[&str]) -> String {
    nearest(word, known).map_or_else(String::new, |near| format!(" (did you mean {near}?)"))
}

/// The nearest of the known words, where a third of the letters differ at most, or one begins with the other.
pub(super) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    // Distances are quadratic in length, and no word is that long.
    if word.len() > 64 {
        return None;
    }
    let word = plainly(word);
    let (letters, near) = known.iter().map(|it| (distance(&word, &plainly(it)), *it)).min()?;
    let letters_of_word = word.chars().count();
    // Two exchanged letters count twice, and happen in short words too.
    let limit = (letters_of_word / 3).max(if letters_of_word < 4 { 1 } else { 2 });
    let begins = |it: &&&str| word.len() >= 4 && (plainly(it).starts_with(&word) || word.starts_with(&plainly(it)));
    (letters <= limit).then_some(near).or_else(|| known.iter().find(begins).copied())
}

fn plainly(word: &str) -> String {
    word.to_lowercase().replace(['_', ' '], "-")
}

/// How many letters must be inserted, deleted or exchanged (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (line, line + 1);
        for (cell, its) in row.iter_mut().skip(1).zip(&other) {
            let exchanged = diagonal + usize::from(letter != *its);
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
    use super::*;

    #[test]
    fn what_serde_says_is_told_in_plain_words() {
        let table = [
            (
                "unknown field `whn`, expected one of `at`, `when`",
                "one of the fields at, when; an unknown field (did you mean when?)",
            ),
            ("unknown variant `West`, expected `home` or `away`", "home or away; \"West\""),
            ("invalid type: string \"a, expected b\", expected u32", "a whole number, 0 or more; \"a, expected b\""),
            ("invalid value: integer `-5`, expected u32", "a whole number from 0 to 4294967295; -5"),
            ("invalid type: sequence, expected a boolean", "true or false, without quotes; a list"),
            ("invalid type: unit variant, expected string only", "a word in quotes; true"),
            ("invalid length 3, expected an array of length 2", "a list of two; a list of 3"),
            ("something else altogether", "what its description says; something else altogether"),
        ];
        for (message, wanted) in table {
            let (expected, found) = told("whn", &toml::Value::Boolean(true), message);
            assert_eq!(format!("{expected}; {found}"), wanted);
        }
    }

    #[test]
    fn a_value_with_backticks_does_not_shift_what_is_known() {
        assert_eq!(
            told("", &toml::Value::Boolean(true), "unknown variant `a`b`, expected `home` or `away`").0,
            "home or away"
        );
    }

    #[test]
    fn the_nearest_word_is_found_across_spelling_and_not_across_meaning() {
        let known = ["region-dark", "region-back", "database_down"];
        assert_eq!(nearest("region_drak", &known), Some("region-dark"));
        assert_eq!(nearest("Database-Down", &known), Some("database_down"));
        assert_eq!(nearest("region", &known), Some("region-dark"));
        assert_eq!(nearest("explode", &known), None);
    }

    #[test]
    fn a_long_value_is_cut() {
        assert_eq!(shown(&"é".repeat(100)).chars().count(), SHOWN_CHARACTERS + 1);
    }
}
