//! Files that a person names, and what is printed for them.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write, stdout};
use std::path::Path;

/// More than the longest scenario or document may have: what is larger is not read to its end.
const MOST_BYTES: u64 = 1024 * 1024;

/// Reads a text file that `option` names. An error is one sentence.
pub(crate) fn text(option: &str, path: &Path) -> Result<String, String> {
    let shown = path.display();
    let wrong = |why: String| format!("{option}: expected a readable text file, found {shown} ({why})");
    if path.is_dir() {
        return Err(wrong("a folder".into()));
    }
    let file = File::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(wrong(format!("more than {MOST_BYTES} bytes")));
    }
    String::from_utf8(bytes)
        .map_err(|error| wrong(format!("no UTF-8 after {} bytes", error.utf8_error().valid_up_to())))
}

/// Makes sure that a page can be written to `path` before anything is started, and that no file of another kind is
/// there. What it holds stays.
pub(crate) fn can_be_written(option: &str, path: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| {
        format!("{option}: expected a path that can be written, found {} ({error})", path.display())
    };
    // The build folder's page has no folder yet after a fresh clone; what else is missing was mistyped.
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        fs::create_dir(folder).map_err(wrong)?;
    }
    if path.exists() && !path.is_file() {
        let found = path.display();
        return Err(format!("{option}: expected a path that can be written, found {found} (a folder or a device)"));
    }
    if path.is_file() && !is_page(path) {
        return Err(format!(
            "{option}: expected a new file or an earlier page, found another file at {}",
            path.display()
        ));
    }
    if path.exists() {
        return OpenOptions::new().append(true).open(path).map(drop).map_err(wrong);
    }
    OpenOptions::new().create(true).append(true).open(path).map_err(wrong)?;
    fs::remove_file(path).map_err(wrong)
}

/// Whether a file holds an HTML document, or nothing.
fn is_page(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(15).read_to_end(&mut start));
    read.is_ok() && (start.is_empty() || start.to_ascii_lowercase().starts_with(b"<!doctype html"))
}

/// Prints. Whoever reads may stop reading, as `head` does: that is no error of ours. What cannot be written otherwise, as
/// on a full disk, is one.
pub(crate) fn say(text: &str) -> Result<(), String> {
    let mut out = stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output: expected to write to it, found {error}"))
        }
        _ => Ok(()),
    }
}
