//! The forms of requests and answers: query strings, XML, times.

pub(crate) mod query;
pub(crate) mod times;
pub(crate) mod xml;
pub(crate) mod xml_read;
