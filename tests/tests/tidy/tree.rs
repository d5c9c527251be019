//! The repository as it lies on the disk.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that tools leave behind, and that nobody commits.
const NOT_OURS: [&str; 5] = ["target", ".git", "node_modules", ".aws-sam", "__pycache__"];

/// The folder that holds the workspace.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// A file as text; its path is seen from the root.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// One text file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path, seen from the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// Its lines with their numbers, from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it is source that ships or that the world is made of, not a test in a folder of its own.
    pub(crate) fn is_source_of(&self, folders: &[&str]) -> bool {
        let mut parts = self.path.split('/');
        let top = parts.next().unwrap_or_default();
        self.is_rust() && folders.contains(&top) && parts.any(|part| part == "src")
    }
}

/// Every text file of the repository, in the order of their paths. What is built, and Git's own, is left out.
pub(crate) fn files() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Every Rust file.
pub(crate) fn rust_files() -> Vec<File> {
    files().into_iter().filter(File::is_rust).collect()
}

fn walk(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && !NOT_OURS.iter().any(|it| name == *it) {
            walk(&path, found);
        } else if path.is_file()
            && name != ".git"
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(File { path, text });
        }
    }
}

/// The names of the folders in `path`, in order.
pub(crate) fn folders(path: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let folders = entries.flatten().filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Fails with every finding, under the sentence that says what must hold.
pub(crate) fn none(rule: &str, findings: &[String]) {
    if findings.is_empty() {
        return;
    }
    let mut told = String::new();
    for finding in findings {
        writeln!(told, "  {finding}").unwrap();
    }
    panic!("{rule}; found {}:\n{told}", findings.len());
}

/// What is in one set and not in the other, in sentences.
pub(crate) fn differences<'a>(
    (one_is, one): (&str, impl IntoIterator<Item = &'a String>),
    (other_is, other): (&str, impl IntoIterator<Item = &'a String>),
) -> Vec<String> {
    let (one, other): (Vec<&String>, Vec<&String>) = (one.into_iter().collect(), other.into_iter().collect());
    let only = |has: &[&String], lacks: &[&String], sides: (&str, &str)| -> Vec<String> {
        let missing = has.iter().filter(|it| !lacks.contains(it));
        missing.map(|it| format!("{it}: in {}, not in {}", sides.0, sides.1)).collect()
    };
    let mut found = only(&one, &other, (one_is, other_is));
    found.extend(only(&other, &one, (other_is, one_is)));
    found
}
