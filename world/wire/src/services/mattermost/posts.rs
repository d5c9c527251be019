//! Posts of the probe channel. The model keeps each under its identifier as its tag; the words are remembered here.

use mmdr_world::model::application;
use mmdr_world::network::Ix;
use serde_json::{Map, Value, json};

use super::{Done, failed, files, must_read};
use crate::memory::{Post, mattermost_id};
use crate::reply::Reply;
use crate::request::Request;
use crate::world::World;

/// The one team and the one channel that the document names.
fn probe_channel(world: &World) -> (String, String) {
    let named = &world.sim.deployment.mattermost.probe_channel;
    named.split_once('/').map(|(team, channel)| (team.to_owned(), channel.to_owned())).unwrap_or_default()
}

fn team_id() -> String {
    mattermost_id("t", 1)
}

fn channel_id() -> String {
    mattermost_id("c", 1)
}

/// `GET /teams/name/{team}`.
pub(super) fn team(world: &mut World, region: Ix, team: &str) -> Done {
    must_read(world, region)?;
    if probe_channel(world).0 != team {
        return Err(failed(404, "app.team.get_by_name.missing.app_error"));
    }
    Ok(Reply::json(200, &json!({ "id": team_id(), "name": team, "display_name": team, "type": "I", "delete_at": 0 })))
}

/// `GET /teams/name/{team}/channels/name/{channel}`.
pub(super) fn channel(world: &mut World, region: Ix, team: &str, channel: &str) -> Done {
    must_read(world, region)?;
    if probe_channel(world) != (team.to_owned(), channel.to_owned()) {
        return Err(failed(404, "app.channel.get_by_name.missing.app_error"));
    }
    let body = json!({ "id": channel_id(), "team_id": team_id(), "name": channel, "type": "P", "delete_at": 0 });
    Ok(Reply::json(200, &body))
}

/// `POST /posts`.
pub(super) fn create(world: &mut World, region: Ix, body: &Value) -> Done {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (channel, message) = (text("channel_id"), text("message"));
    must_read(world, region)?;
    if channel != channel_id() {
        return Err(failed(403, "api.context.permissions.app_error"));
    }
    let files = body.get("file_ids").and_then(Value::as_array).cloned().unwrap_or_default();
    let files = files.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let id = world.memory.mattermost_id();
    world.act(|model, ctx| application::create_post(model, region, &id, ctx))?;
    let post = Post { channel, message, files, created_at: world.now() };
    let shown = shape(world, &id, &post);
    world.memory.posts.insert(id, post);
    Ok(Reply::json(201, &shown))
}

fn exists(world: &mut World, region: Ix, id: &str) -> Result<bool, super::Refused> {
    Ok(world.act(|model, ctx| application::post_exists(model, region, id, ctx))?)
}

/// `GET /posts/{id}`.
pub(super) fn get(world: &mut World, region: Ix, id: &str) -> Done {
    let is_there = exists(world, region, id)?;
    match world.memory.posts.get(id).filter(|_| is_there).cloned() {
        Some(post) => Ok(Reply::json(200, &shape(world, id, &post))),
        None => Err(failed(404, "app.post.get.app_error")),
    }
}

/// `GET /channels/{id}/posts`: newest first.
pub(super) fn listed(world: &mut World, region: Ix, channel: &str, request: &Request) -> Done {
    must_read(world, region)?;
    let number = |name: &str| request.query.get(name).and_then(|it| it.parse::<i64>().ok());
    let size = number("per_page").and_then(|it| usize::try_from(it).ok()).unwrap_or(60).min(200);
    let (page, since) =
        (number("page").and_then(|it| usize::try_from(it).ok()).unwrap_or(0), number("since").unwrap_or(0));
    let posts = world.memory.posts.iter().rev();
    let ids: Vec<String> = posts
        .filter(|(_, post)| post.channel == channel && post.created_at >= since)
        .map(|(id, _)| id.clone())
        .collect();
    let mut found = Vec::new();
    for id in ids {
        if exists(world, region, &id)? {
            found.push(id);
        }
    }
    Ok(list(world, found.into_iter().skip(page * size).take(size).collect()))
}

/// `POST /posts/search`: what the Region's domain finds is held against the database.
pub(super) fn search(world: &mut World, region: Ix, body: &Value) -> Done {
    must_read(world, region)?;
    let terms = body.get("terms").and_then(Value::as_str).unwrap_or_default();
    let words: Vec<String> = terms.split_whitespace().map(|word| word.trim_matches('"').to_lowercase()).collect();
    let fits = |post: &Post| {
        let message = post.message.to_lowercase();
        !words.is_empty() && words.iter().all(|word| message.contains(word))
    };
    let posts = world.memory.posts.iter().rev();
    let ids: Vec<String> = posts.filter(|(_, post)| fits(post)).map(|(id, _)| id.clone()).collect();
    let mut found = Vec::new();
    for id in ids {
        if world.act(|model, ctx| application::search_finds(model, region, &id, ctx))? {
            found.push(id);
        }
    }
    Ok(list(world, found))
}

fn list(world: &World, order: Vec<String>) -> Reply {
    let shown =
        order.iter().filter_map(|id| world.memory.posts.get(id).map(|post| (id.clone(), shape(world, id, post))));
    let posts: Map<String, Value> = shown.collect();
    let body = json!({ "order": order, "posts": posts, "next_post_id": "", "prev_post_id": "", "has_next": false });
    Reply::json(200, &body)
}

fn shape(world: &World, id: &str, post: &Post) -> Value {
    let shown = post.files.iter().filter_map(|file| world.memory.files.get(file).map(|it| files::shape(file, it)));
    let files: Vec<Value> = shown.collect();
    let metadata = if files.is_empty() { json!({}) } else { json!({ "files": files }) };
    json!({
        "id": id, "create_at": post.created_at, "update_at": post.created_at, "edit_at": 0, "delete_at": 0,
        "is_pinned": false, "user_id": mattermost_id("u", 1), "channel_id": post.channel, "root_id": "",
        "original_id": "", "message": post.message, "type": "", "props": { "from_bot": "true" }, "hashtags": "",
        "file_ids": post.files, "pending_post_id": "", "remote_id": "", "reply_count": 0, "last_reply_at": 0,
        "participants": null, "metadata": metadata,
    })
}
