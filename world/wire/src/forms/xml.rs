//! A small writer of XML: elements and text, nothing else is needed.

use std::fmt::{Display, Write};

/// XML in the making.
#[derive(Debug, Default)]
pub(crate) struct Xml(String);

impl Xml {
    /// A document with its declaration.
    pub(crate) fn document(name: &str, namespace: &str, inside: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into());
        let namespace = if namespace.is_empty() { String::new() } else { format!(" xmlns=\"{namespace}\"") };
        xml.0.push_str(&format!("<{name}{namespace}>"));
        inside(&mut xml);
        xml.0.push_str(&format!("</{name}>"));
        xml.0
    }

    /// An element and what is inside.
    pub(crate) fn element(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let _ = write!(self.0, "<{name}>");
        inside(self);
        let _ = write!(self.0, "</{name}>");
    }

    /// An element with text.
    pub(crate) fn text(&mut self, name: &str, value: impl Display) {
        let _ = write!(self.0, "<{name}>{}</{name}>", escaped(&value.to_string()));
    }

    /// An element with text, where there is any.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }
}

fn escaped(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => found.push_str("&amp;"),
            '<' => found.push_str("&lt;"),
            '>' => found.push_str("&gt;"),
            '"' => found.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            other if other < ' ' && !matches!(other, '\n' | '\t' | '\r') => found.push('\u{fffd}'),
            other => found.push(other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_its_declaration_and_its_namespace() {
        let written = Xml::document("Answer", "http://example.com/", |xml| {
            xml.element("Items", |xml| {
                xml.text("Item", 1);
                xml.maybe("Item", Some("two"));
                xml.maybe("Item", None::<&str>);
            });
        });
        let expected = "<Answer xmlns=\"http://example.com/\"><Items><Item>1</Item><Item>two</Item></Items></Answer>";
        assert_eq!(written.lines().last(), Some(expected));
        assert!(written.starts_with("<?xml version=\"1.0\""));
    }

    #[test]
    fn what_has_a_meaning_in_xml_is_escaped() {
        let written = Xml::document("A", "", |xml| xml.text("B", "a<b & \"c\" > d\u{1}"));
        assert!(written.ends_with("<A><B>a&lt;b &amp; &quot;c&quot; &gt; d\u{fffd}</B></A>"), "{written}");
    }

    #[test]
    fn an_empty_element_is_there_all_the_same() {
        assert!(Xml::document("A", "", |xml| xml.element("B", |_| {})).ends_with("<A><B></B></A>"));
    }
}
