//! `mmdr config push`: shows what would differ in each Region, and with `--yes` stores the document and reads it back.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use mmdr_aws::{Clients, DOCUMENT_KEY, DocumentPlace};
use mmdr_core::{Deployment, Fault, Region};
use serde_json::{Value, json};

use super::exits::{Done, Exit, Failure, TABLE};
use super::{clients, signed, tell};
use crate::input;

/// Most differences that are shown of one Region.
const SHOWN: usize = 40;

/// What can be done with the document.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Stores a deployment document in both Regions, and in the witness's: where it fits into 8 KiB, as a parameter, else
    /// in the ledger's bucket; and wherever one lies already. Without --yes it only shows what would differ.
    #[command(after_help = TABLE)]
    Push(Options),
}

/// What may be said of a push.
#[derive(Args)]
pub(crate) struct Options {
    /// The document, TOML or JSON.
    file: PathBuf,
    /// Stores it.
    #[arg(long)]
    yes: bool,
    /// One JSON document on standard output instead of sentences.
    #[arg(long)]
    json: bool,
}

/// One place, before and after.
struct Stored {
    region: Region,
    place: DocumentPlace,
    /// What differs from what lies there, or why that is not known.
    differs: Result<Vec<String>, String>,
    /// What lies there now: the new document, or why not. None: nothing was to be stored.
    now: Option<Result<(), String>>,
}

/// Runs it.
pub(crate) async fn run(command: &Command) -> Done {
    let Command::Push(options) = command;
    let text = input::text("FILE", &options.file).map_err(Failure::BadInput)?;
    let document = checked(&text, options)?;
    let first = document.regions.first().map(|setup| setup.name.clone());
    let Some(first) = first else { return Err(Failure::BadInput("FILE: expected two Regions, found none".into())) };
    let clients = clients(&first).await?;
    signed(&clients).await?;
    let mut stored = Vec::new();
    for region in document.regions.iter().map(|setup| &setup.name).chain(&document.witnesses.third_region) {
        for place in places(&document, region, &text, &clients).await {
            stored.push(at(&clients, region, place, &text, &document, options.yes).await);
        }
    }
    let told =
        if options.json { format!("{:#}\n", whole(options.yes, &stored)) } else { self::text(options.yes, &stored) };
    tell::say(&told)?;
    let failed = stored.iter().any(|it| matches!(it.now, Some(Err(_))) || (it.now.is_none() && it.differs.is_err()));
    Ok(if failed { Exit::Failed } else { Exit::Well })
}

/// Checked as every function will check it, in each Region in which one will read it.
fn checked(text: &str, options: &Options) -> Result<Deployment, Failure> {
    let parsed = Deployment::from_text(text);
    let document = parsed.map_err(|mistakes| Failure::BadInput(format!("{}:\n{mistakes}", options.file.display())))?;
    let place = DocumentPlace::parameter_of(&document.name);
    for region in document.regions.iter().map(|setup| &setup.name).chain(&document.witnesses.third_region) {
        place.understood(text, &document.name, region).map_err(Failure::BadInput)?;
    }
    Ok(document)
}

/// Where the document goes in `region`: the parameter where it fits, else the bucket; and the other of the two as well
/// where something lies there, because the stack may read that one.
async fn places(document: &Deployment, region: &Region, text: &str, clients: &Clients) -> Vec<DocumentPlace> {
    let parameter = DocumentPlace::parameter_of(&document.name);
    let fits = text.len() <= DocumentPlace::PARAMETER_BYTES;
    let Some(setup) = document.region(region) else { return vec![parameter] };
    let object = DocumentPlace::Object { bucket: setup.ledger_bucket.clone(), key: DOCUMENT_KEY.into() };
    let (first, second) = if fits { (parameter, object) } else { (object, parameter) };
    // A place that cannot be read may be the one that the stack reads: it is told of, not left out.
    let read = second.read(clients, region).await;
    let other_lies =
        !matches!(&read, Ok(None)) && !matches!(&read, Err(error) if matches!(error.fault, Fault::NotFound(_)));
    if other_lies { vec![first, second] } else { vec![first] }
}

async fn at(
    clients: &Clients,
    region: &Region,
    place: DocumentPlace,
    text: &str,
    document: &Deployment,
    store: bool,
) -> Stored {
    let before = place.read(clients, region).await.map_err(|error| error.to_string());
    let differs = match &before {
        Err(why) => Err(why.clone()),
        Ok(None) => Ok(vec!["nothing lies there yet".into()]),
        Ok(Some(before)) if before == text => Ok(Vec::new()),
        Ok(Some(before)) => Ok(differences(&place, before, document, region)),
    };
    let stored = |differs, now| Stored { region: region.clone(), place: place.clone(), differs, now };
    if matches!(place, DocumentPlace::Parameter(_)) && text.len() > DocumentPlace::PARAMETER_BYTES {
        let (limit, found) = (DocumentPlace::PARAMETER_BYTES, text.len());
        let why =
            format!("a parameter takes {limit} bytes, and the document has {found}; what lies there stays as it is");
        return stored(differs, Some(Err(why)));
    }
    match (store, &before) {
        (false, _) => stored(differs, None),
        (true, Err(why)) => stored(differs, Some(Err(why.clone()))),
        (true, Ok(Some(before))) if before == text => stored(differs, Some(Ok(()))),
        (true, Ok(before)) => {
            let now = written(clients, region, &place, text, before.is_some()).await;
            stored(differs, Some(now))
        }
    }
}

/// Stores and reads back: only what can be read is there.
async fn written(
    clients: &Clients,
    region: &Region,
    place: &DocumentPlace,
    text: &str,
    renews: bool,
) -> Result<(), String> {
    place.store(clients, region, text, renews).await.map_err(|error| error.to_string())?;
    match place.read(clients, region).await {
        Ok(Some(found)) if found == text => Ok(()),
        Ok(_) => Err("it was stored, and another text was read back: look again".into()),
        Err(error) => Err(format!("it was stored, and could not be read back: {error}")),
    }
}

/// Field by field.
fn differences(place: &DocumentPlace, before: &str, document: &Deployment, region: &Region) -> Vec<String> {
    let old = match place.understood(before, &document.name, region) {
        Ok(old) => fields(&json!(old)),
        Err(sentence) => return vec![format!("what lies there cannot be used: {sentence}")],
    };
    let new = fields(&json!(document));
    let mut found = Vec::new();
    for (path, value) in &new {
        match old.get(path) {
            Some(before) if before == value => {}
            Some(before) => found.push(format!("{path}: {before} becomes {value}")),
            None => found.push(format!("{path}: {value} is new")),
        }
    }
    found
        .extend(old.iter().filter(|(path, _)| !new.contains_key(*path)).map(|(path, it)| format!("{path}: {it} goes")));
    if found.is_empty() {
        found.push("only its form".into());
    }
    found
}

/// Every value of a document by its path.
fn fields(value: &Value) -> BTreeMap<String, String> {
    fn walk(path: &str, value: &Value, found: &mut BTreeMap<String, String>) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, it)| walk(&below(name), it, found)),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(index, it)| walk(&format!("{path}[{index}]"), it, found));
            }
            plain => {
                found.insert(path.to_owned(), plain.to_string());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk("", value, &mut found);
    found
}

fn whole(yes: bool, stored: &[Stored]) -> Value {
    let each = stored.iter().map(|it| {
        json!({
            "region": it.region,
            "place": it.place.to_string(),
            "differs": it.differs.as_ref().ok(),
            "before_unknown_because": it.differs.as_ref().err(),
            "stored": it.now.as_ref().map(Result::is_ok),
            "not_stored_because": it.now.as_ref().and_then(|now| now.as_ref().err()),
        })
    });
    json!({"yes": yes, "places": each.collect::<Vec<_>>()})
}

fn text(yes: bool, stored: &[Stored]) -> String {
    let mut text = String::new();
    for it in stored {
        let Stored { region, place, .. } = it;
        match &it.differs {
            Err(why) => writeln!(text, "{region}, {place}: what lies there is not known ({why})"),
            Ok(lines) if lines.is_empty() => writeln!(text, "{region}, {place}: the same"),
            Ok(lines) => writeln!(text, "{region}, {place}:\n  {}", shown(lines)),
        }
        .unwrap_or_default();
    }
    text + &match (yes, versions(stored)) {
        (false, _) => "Nothing was stored: --yes stores it.\n".into(),
        (true, (new, old)) if old.is_empty() => format!("Stored and read back: {}.\n", new.join("; ")),
        (true, (new, old)) => {
            let new = if new.is_empty() { "nobody".to_owned() } else { new.join("; ") };
            format!("The new document has {new}. The one before stays with {}.\n", old.join("; "))
        }
    }
}

/// Which places have the new document, and which the one before.
fn versions(stored: &[Stored]) -> (Vec<String>, Vec<String>) {
    let (mut new, mut old) = (Vec::new(), Vec::new());
    for Stored { region, place, now, .. } in stored {
        match now {
            Some(Ok(())) => new.push(format!("{region} ({place})")),
            Some(Err(why)) => old.push(format!("{region} ({place}: {why})")),
            None => {}
        }
    }
    (new, old)
}

fn shown(lines: &[String]) -> String {
    let mut text = lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("\n  ");
    if lines.len() > SHOWN {
        let _ = write!(text, "\n  and {} more", lines.len() - SHOWN);
    }
    text
}
