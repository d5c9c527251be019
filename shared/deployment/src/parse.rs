//! Reading a document.
//!
//! A document goes through four gates, and every mistake of the second and the third is reported in one pass:
//! 1. its size, its syntax and its version: a document that fails here cannot be looked at field by field;
//! 2. its structure, against the schema of the types (`shape`);
//! 3. what types cannot promise (`check`), on all fields that the structural pass left standing;
//! 4. the typed parse itself, which has the last word. It reads the tree, whichever language the tree was written in: a parser
//!    for each would be the same code a second time in every function.

use serde_json::Value;

use crate::mistake::{Mistake, Mistakes};
use crate::tree::Tree;
use crate::{Deployment, check, shape};

/// A full document has about 5 KiB. The limit keeps a stray file from being parsed at length.
const SIZE_LIMIT_BYTES: usize = 64 * 1024;

/// The only form of the document so far.
const VERSION: i128 = 1;

impl Deployment {
    /// Reads either form, whatever the file is called: what begins with a brace is JSON.
    pub fn from_text(text: &str) -> Result<Self, Mistakes> {
        if text.trim_start().starts_with('{') { Self::from_json(text) } else { Self::from_toml(text) }
    }

    /// Reads the form that people write.
    pub fn from_toml(text: &str) -> Result<Self, Mistakes> {
        within_size(text)?;
        let table: toml::Table = toml::from_str(text).map_err(|error| {
            let offset = error.span().map(|span| span.start);
            not_well_formed("TOML", offset.map(|offset| line_and_column(text, offset)), error.message())
        })?;
        typed(Tree::from(toml::Value::Table(table)))
    }

    /// Reads the form that machines keep.
    pub fn from_json(text: &str) -> Result<Self, Mistakes> {
        within_size(text)?;
        let tree: Tree = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            // The library appends the position to its sentence; ours begins with it.
            let (message, _) = message.rsplit_once(" at line ").unwrap_or((&message, ""));
            not_well_formed("JSON", Some((error.line().max(1), error.column().max(1))), message)
        })?;
        typed(tree)
    }
}

/// The JSON Schema of the document, generated from the types.
pub fn json_schema() -> Value {
    schemars::schema_for!(Deployment).to_value()
}

/// The same as it is kept beside the examples. A test holds the two equal, so that a function neither carries the generator nor
/// runs it at each cold start.
fn kept_schema() -> Value {
    serde_json::from_str(include_str!("../../../examples/deployment.schema.json")).unwrap_or_default()
}

fn typed(document: Tree) -> Result<Deployment, Mistakes> {
    fits(&document)?;
    serde_json::from_value(document.into()).map_err(|_| refused_by_the_types())
}

fn within_size(text: &str) -> Result<(), Mistakes> {
    if text.len() <= SIZE_LIMIT_BYTES {
        return Ok(());
    }
    let expected = format!("at most {SIZE_LIMIT_BYTES} bytes");
    Err(Mistakes::only(Mistake::new("document", expected, format!("{} bytes", text.len()))))
}

/// Structure and checks, all mistakes together.
fn fits(document: &Tree) -> Result<(), Mistakes> {
    of_known_version(document)?;
    let (fitting, mut mistakes) = shape::fit(&kept_schema(), document);
    mistakes.extend(check::check(&fitting));
    Mistakes::none_in(mistakes)
}

/// Another version has other rules. To judge it by ours would tell the reader to remove what belongs there, so this
/// mistake stands alone.
fn of_known_version(document: &Tree) -> Result<(), Mistakes> {
    let Tree::Table(table) = document else { return Ok(()) };
    match table.get("version") {
        Some(Tree::Whole(version)) if *version != VERSION => {
            let expected = format!("{VERSION}, the only version of this document that is known here");
            Err(Mistakes::only(Mistake::new("version", expected, version.to_string())))
        }
        // Absent or of another kind: the structural pass says so.
        _ => Ok(()),
    }
}

/// One mistake with its place. The library's own drawing of the line is left out: the line may hold a secret.
fn not_well_formed(language: &str, at: Option<(usize, usize)>, message: &str) -> Mistakes {
    let path = match at {
        Some((line, column)) => format!("line {line}, column {column}"),
        None => "document".into(),
    };
    let message = message.lines().collect::<Vec<_>>().join("; ");
    Mistakes::only(Mistake::new(path, format!("well-formed {language}"), format!("a syntax error ({message})")))
}

/// Both count from 1.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before: String = text.char_indices().take_while(|(at, _)| *at < offset).map(|(_, c)| c).collect();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

/// The schema is generated from the types, so this is not reached; if it ever is, the types' refusal stands. Their
/// sentence is left out, because it repeats values.
fn refused_by_the_types() -> Mistakes {
    Mistakes::only(Mistake::new("document", "what its schema describes", "something that only the types refuse"))
}

#[cfg(test)]
mod tests {
    use super::{Deployment, SIZE_LIMIT_BYTES, line_and_column};

    #[test]
    fn a_document_is_read_as_what_it_holds() {
        let toml = include_str!("../../../examples/seed-runbook.toml");
        let seed = Deployment::from_text(toml).unwrap();
        let json = format!(" \n{}", serde_json::to_string(&seed).unwrap());
        assert_eq!(Deployment::from_text(&json).unwrap(), seed);
        assert!(Deployment::from_text("{").unwrap_err().to_string().contains("well-formed JSON"));
        assert!(Deployment::from_text("version = ").unwrap_err().to_string().contains("well-formed TOML"));
    }

    #[test]
    fn a_document_of_more_than_64_kib_is_refused_in_either_language() {
        let long = " ".repeat(SIZE_LIMIT_BYTES + 1);
        for refused in [Deployment::from_toml(&long), Deployment::from_json(&long)] {
            let mistakes = refused.unwrap_err().to_string();
            assert_eq!(mistakes, "document: expected at most 65536 bytes, found 65537 bytes");
        }
    }

    #[test]
    fn a_list_of_thousands_gets_few_sentences() {
        let text = format!("{{\"version\": 1, \"regions\": [{}{{}}]}}", "{},".repeat(20_000));
        assert!(Deployment::from_json(&text).unwrap_err().0.len() < 200);
    }

    #[test]
    fn deep_nesting_is_a_syntax_error_and_no_crash() {
        for refused in [
            Deployment::from_json(&"[".repeat(60_000)),
            Deployment::from_toml(&format!("a = {}", "[".repeat(60_000))),
            Deployment::from_toml(&format!("{} = 1", ["a"; 20_000].join("."))),
        ] {
            assert_eq!(refused.unwrap_err().0.len(), 1);
        }
    }

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        assert_eq!(line_and_column("a\nbé=", 0), (1, 1));
        assert_eq!(line_and_column("a\nbé=", 5), (2, 3));
    }
}
