//! A small reader of XML: elements and their text. Attributes, comments and namespaces are passed over; what is not well
//! formed is nothing.

/// One element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name, without a prefix.
    pub(crate) name: String,
    /// Its text, without that of its children.
    pub(crate) text: String,
    /// Its children, in order.
    pub(crate) children: Vec<Element>,
}

/// Deepest nesting that is read.
const DEEPEST: usize = 32;

impl Element {
    /// Reads a document; none where it is not well formed.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut open: Vec<Self> = Vec::new();
        let mut rest = text;
        loop {
            let (before, after) = rest.split_once('<')?;
            if let Some(inner) = open.last_mut() {
                inner.text.push_str(&unescaped(before));
            }
            if let Some(comment) = after.strip_prefix("!--") {
                rest = comment.split_once("-->")?.1;
                continue;
            }
            let (tag, after) = after.split_once('>')?;
            rest = after;
            if tag.starts_with(['?', '!']) {
                continue;
            }
            if let Some(name) = tag.strip_prefix('/') {
                let closed = open.pop().filter(|element| element.name == local(name))?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(closed),
                    None => return Some(closed),
                }
                continue;
            }
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let element = Self { name: local(tag.split_whitespace().next()?).to_owned(), ..Self::default() };
            if !is_empty {
                open.push(element);
                if open.len() > DEEPEST {
                    return None;
                }
                continue;
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(element),
                None => return Some(element),
            }
        }
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text at a path of names, as in `Destination/Bucket`.
    pub(crate) fn at(&self, path: &str) -> Option<&str> {
        let found = path.split('/').try_fold(self, |element, name| element.child(name))?;
        Some(found.text.trim())
    }
}

fn local(name: &str) -> &str {
    let name = name.trim();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn unescaped(text: &str) -> String {
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    plain.iter().fold(text.to_owned(), |text, (escape, sign)| text.replace(escape, sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_found_by_its_path() {
        let text = "<?xml version=\"1.0\"?><R xmlns=\"x\"><!-- a --><Rule><ID>a&amp;b</ID><Filter/></Rule></R>";
        let read = Element::parse(text).unwrap();
        assert_eq!(read.at("Rule/ID"), Some("a&b"));
        assert_eq!(read.at("Rule/Filter"), Some(""));
        assert_eq!(read.at("Rule/Status"), None);
    }

    #[test]
    fn what_is_not_well_formed_is_nothing() {
        for text in ["", "text", "<a>", "<a></b>", "<a", "</a>"] {
            assert_eq!(Element::parse(text), None, "{text}");
        }
        assert_eq!(Element::parse(&"<a>".repeat(100)), None);
    }
}
