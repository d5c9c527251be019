//! The query protocol: `Action=…&Targets.member.1.Id=…`, in an address or in a body.

/// Names and values, in the order in which they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads `a=b&c=d`. A name without `=` has the empty value, as in `?versioning`.
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (decode(k), decode(v))).collect(),
        )
    }

    /// The value of the first parameter of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether there is a parameter of this name, with or without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether the parameter says `true`.
    pub(crate) fn truth(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Every value of a name that is sent more than once.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A list: `<name>.member.1<field>`, `<name>.member.2<field>` and so on, until one is missing.
    pub(crate) fn list(&self, name: &str, field: &str) -> Vec<String> {
        let numbered = (1..).map(|number| self.get(&format!("{name}.member.{number}{field}")));
        numbered.map_while(|value| value.map(str::to_owned)).collect()
    }
}

/// `%41+b` is `A b`. What is no valid sequence stands for itself.
pub(crate) fn decode(text: &str) -> String {
    decode_bytes(&text.replace('+', " "))
}

/// A path's segment, in which `+` stands for itself.
pub(crate) fn decode_path(text: &str) -> String {
    decode_bytes(text)
}

fn decode_bytes(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                found.push(decoded);
                at += 3;
            }
            None => {
                found.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&found).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded() {
        let params = Params::parse("Action=DescribeEvents&StartTime=2026-11-21T03%3A00%3A00Z&Text=a+b%2Bc&empty");
        assert_eq!(params.get("Action"), Some("DescribeEvents"));
        assert_eq!(params.get("StartTime"), Some("2026-11-21T03:00:00Z"));
        assert_eq!(params.get("Text"), Some("a b+c"));
        assert_eq!(params.get("empty"), Some(""));
        assert!(!params.has("Empty"));
    }

    #[test]
    fn a_list_ends_at_its_first_gap() {
        let params = Params::parse("T.member.1.Id=i-1&T.member.2.Id=i-2&T.member.4.Id=i-4");
        assert_eq!(params.list("T", ".Id"), ["i-1", "i-2"]);
        assert!(params.list("U", ".Id").is_empty());
    }

    #[test]
    fn what_is_no_escape_stands_for_itself() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%e2%82%ac"), "%zz€");
        assert_eq!(decode_path("a+b%20c"), "a+b c");
    }

    #[test]
    fn truth_is_told_in_either_case() {
        let params = Params::parse("AllowDataLoss=True&Switchover=false");
        assert!(params.truth("AllowDataLoss") && !params.truth("Switchover") && !params.truth("Other"));
    }

    #[test]
    fn a_name_that_comes_twice_has_two_values() {
        let params = Params::parse("jobStatuses=Complete&jobStatuses=Active");
        assert_eq!(params.all("jobStatuses").collect::<Vec<_>>(), ["Complete", "Active"]);
    }
}
