//! Files. The model keeps each under its identifier as its tag; the bytes are remembered here.

use mmdr_world::model::application;
use mmdr_world::network::Ix;
use serde_json::{Value, json};

use super::{Done, failed, must_read};
use crate::memory::{File, mattermost_id};
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// `POST /files`: as a form with the parts `channel_id` and `files`, or as the bare bytes with both in the address.
pub(super) fn upload(world: &mut World, region: Ix, request: &Request) -> Done {
    must_read(world, region)?;
    let (channel, name, content) =
        parts(request).ok_or_else(|| failed(400, "api.file.upload_file.incorrect_channelId.app_error"))?;
    let id = world.memory.mattermost_id();
    world.act(|model, ctx| application::upload_file(model, region, &id, ctx))?;
    let file = File { channel, name, content, created_at: world.now() };
    let shown = shape(&id, &file);
    world.memory.files.insert(id, file);
    Ok(Reply::json(201, &json!({ "file_infos": [shown], "client_ids": [] })))
}

/// Channel, name and bytes.
fn parts(request: &Request) -> Option<(String, String, Vec<u8>)> {
    let kind = request.header("content-type").unwrap_or_default();
    let Some((_, boundary)) = kind.split_once("boundary=") else {
        let (channel, name) = (request.query.get("channel_id")?, request.query.get("filename")?);
        return Some((channel.to_owned(), name.to_owned(), request.body.clone()));
    };
    let boundary = format!("--{}", boundary.split(';').next().unwrap_or(boundary).trim().trim_matches('"'));
    let (mut channel, mut file) = (request.query.get("channel_id").map(str::to_owned), None);
    for part in split(&request.body, boundary.as_bytes()) {
        let Some((head, body)) = cut(part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(head).into_owned();
        let body = body.strip_suffix(b"\r\n").unwrap_or(body);
        match quoted(&head, "filename") {
            Some(name) => file = Some((name, body.to_vec())),
            None if quoted(&head, " name").as_deref() == Some("channel_id") => {
                channel = Some(String::from_utf8_lossy(body).into_owned());
            }
            None => {}
        }
    }
    let (name, content) = file?;
    Some((channel?, name, content))
}

fn quoted(head: &str, name: &str) -> Option<String> {
    let rest = head.split_once(&format!("{name}=\""))?.1;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

/// The first place at which `mark` stands, and what is before and behind it.
fn cut<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((bytes.get(..at)?, bytes.get(at + mark.len()..)?))
}

/// What lies between the marks.
fn split<'a>(mut bytes: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut found = Vec::new();
    while let Some((before, behind)) = cut(bytes, mark) {
        found.push(before);
        bytes = behind;
    }
    found
}

/// `GET /files/{id}`: the row names a key, the bucket must have it.
pub(super) fn get(world: &mut World, region: Ix, id: &str) -> Done {
    let is_there = world.act(|model, ctx| application::file_exists(model, region, id, ctx))?;
    match world.memory.files.get(id).filter(|_| is_there) {
        Some(file) => Ok(Reply::text(200, "application/octet-stream", file.content.clone())),
        None => Err(failed(404, "app.file_info.get.app_error")),
    }
}

/// `GET /files/{id}/info`.
pub(super) fn info(world: &mut World, region: Ix, id: &str) -> Done {
    must_read(world, region)?;
    match world.memory.files.get(id) {
        Some(file) => Ok(Reply::json(200, &shape(id, file))),
        None => Err(failed(404, "app.file_info.get.app_error")),
    }
}

pub(super) fn shape(id: &str, file: &File) -> Value {
    json!({
        "id": id, "user_id": mattermost_id("u", 1), "post_id": "", "channel_id": file.channel,
        "create_at": file.created_at, "update_at": file.created_at, "delete_at": 0, "name": file.name,
        "extension": file.name.rsplit_once('.').map_or("", |(_, extension)| extension), "size": file.content.len(),
        "mime_type": "text/plain; charset=utf-8", "mini_preview": null, "remote_id": "", "archived": false,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::request::Port;

    #[test]
    fn a_form_gives_channel_name_and_bytes() {
        let body = "--b\r\nContent-Disposition: form-data; name=\"channel_id\"\r\n\r\nc1\r\n--b\r\n\
                    Content-Disposition: form-data; name=\"files\"; filename=\"probe.txt\"\r\n\
                    Content-Type: text/plain\r\n\r\na\r\nb\r\n--b--\r\n";
        let headers = BTreeMap::from([("content-type".to_owned(), "multipart/form-data; boundary=b".to_owned())]);
        let request = Request::new(Port::Mattermost(0), "POST", "/api/v4/files", "", headers, body.into());
        assert_eq!(parts(&request), Some(("c1".into(), "probe.txt".into(), b"a\r\nb".to_vec())));
    }

    #[test]
    fn bare_bytes_are_named_in_the_address() {
        let request = Request::new(
            Port::Mattermost(0),
            "POST",
            "/",
            "channel_id=c1&filename=p.txt",
            BTreeMap::new(),
            b"x".to_vec(),
        );
        assert_eq!(parts(&request), Some(("c1".into(), "p.txt".into(), b"x".to_vec())));
    }
}
