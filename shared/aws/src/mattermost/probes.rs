//! The probe post and the probe file, found again by the tag in the post's text.

use std::collections::BTreeMap;

use http::{HeaderValue, Method, Request, header};
use mmdr_core::Fault;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Mattermost, done};

/// Newest posts that are looked at: the channel is the probes' own.
const POSTS: usize = 100;

#[derive(Deserialize)]
struct Channel {
    id: String,
    team_id: String,
}

/// A list of posts, or what a search found.
#[derive(Deserialize)]
struct Posts {
    #[serde(default)]
    posts: Option<BTreeMap<String, Post>>,
}

#[derive(Deserialize)]
struct Post {
    #[serde(default)]
    message: String,
    #[serde(default)]
    file_ids: Option<Vec<String>>,
    #[serde(default)]
    delete_at: i64,
}

impl Posts {
    /// Posts with the tag: as a word of its own, since one tag may begin like another.
    fn with(self, tag: &str) -> Vec<Post> {
        let holds = |post: &Post| post.delete_at == 0 && post.message.split_whitespace().any(|word| word == tag);
        self.posts.unwrap_or_default().into_values().filter(holds).collect()
    }
}

impl Post {
    fn files(&self) -> &[String] {
        self.file_ids.as_deref().unwrap_or_default()
    }
}

impl Mattermost<'_> {
    async fn channel(&self) -> Result<Channel, Fault> {
        let (team, channel) = self.probe_channel.split_once('/').unwrap_or((self.probe_channel, ""));
        self.get(&format!("/teams/name/{team}/channels/name/{channel}")).await
    }

    async fn probe_posts(&self, channel: &Channel, tag: &str) -> Result<Vec<Post>, Fault> {
        let posts: Posts = self.get(&format!("/channels/{}/posts?page=0&per_page={POSTS}", channel.id)).await?;
        Ok(posts.with(tag))
    }

    pub(super) async fn post_exists(&self, tag: &str) -> Result<bool, Fault> {
        let posts = self.probe_posts(&self.channel().await?, tag).await?;
        Ok(posts.iter().any(|post| post.files().is_empty()))
    }

    /// The tag in quotes is one phrase to both engines; what comes back is held against it all the same.
    pub(super) async fn search_finds(&self, tag: &str) -> Result<bool, Fault> {
        let path = format!("/teams/{}/posts/search", self.channel().await?.team_id);
        let found: Posts = self.post(&path, &json!({ "terms": format!("\"{tag}\""), "is_or_search": false })).await?;
        Ok(!found.with(tag).is_empty())
    }

    pub(super) async fn file_exists(&self, tag: &str) -> Result<bool, Fault> {
        let posts = self.probe_posts(&self.channel().await?, tag).await?;
        self.any_file_is_whole(&posts, tag).await
    }

    async fn any_file_is_whole(&self, posts: &[Post], tag: &str) -> Result<bool, Fault> {
        for file in posts.iter().flat_map(Post::files) {
            let answer = self.ask(Method::GET, &format!("/files/{file}"), None).await?;
            // The row may be there and the object not: it has not been replicated.
            if answer.status != 404 && done(answer)?.body == content(tag) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Looks first: a post that was made and whose answer was lost is not made again. The pending identifier lets the server
    /// itself recognise a second one that comes right after the first (Mattermost source, `deduplicateCreatePost`).
    pub(super) async fn create_post(&self, tag: &str) -> Result<(), Fault> {
        let channel = self.channel().await?;
        if self.probe_posts(&channel, tag).await?.iter().any(|post| post.files().is_empty()) {
            return Ok(());
        }
        self.send_post(json!({ "channel_id": channel.id, "message": text(tag), "pending_post_id": tag })).await
    }

    /// The file, then the post by which it is found again; a file without a post is removed by nobody and harms nobody.
    pub(super) async fn upload_file(&self, tag: &str) -> Result<(), Fault> {
        #[derive(Deserialize)]
        struct Uploaded {
            file_infos: Vec<File>,
        }
        #[derive(Deserialize)]
        struct File {
            id: String,
        }
        let channel = self.channel().await?;
        let posts = self.probe_posts(&channel, tag).await?;
        if self.any_file_is_whole(&posts, tag).await? {
            return Ok(());
        }
        let url = format!("{}/api/v4/files?channel_id={}&filename={tag}.txt", self.base, channel.id);
        let unmade = |_| Fault::Refused("the upload could not be made".into());
        let request = Request::builder().method(Method::POST).uri(url).header(header::CONTENT_TYPE, TEXT);
        let request = request.body(content(tag)).map_err(unmade)?;
        let uploaded: Uploaded = done(self.ask_with(request).await?)?.json()?;
        let ids: Vec<&str> = uploaded.file_infos.iter().map(|file| file.id.as_str()).collect();
        if ids.is_empty() {
            return Err(Fault::Unreadable("an upload without a file".into()));
        }
        let post = json!({ "channel_id": channel.id, "message": text(tag), "file_ids": ids, "pending_post_id": format!("{tag}-file") });
        self.send_post(post).await
    }

    async fn send_post(&self, post: Value) -> Result<(), Fault> {
        done(self.ask(Method::POST, "/posts", Some(&post)).await?).map(|_| ())
    }
}

/// Content type of the probe file.
const TEXT: HeaderValue = HeaderValue::from_static("text/plain");

/// The text of a probe post.
fn text(tag: &str) -> String {
    format!("Mattermost DR probe: {tag}")
}

/// The content of the probe file.
fn content(tag: &str) -> Vec<u8> {
    format!("Mattermost DR probe file {tag}\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posts(messages: &[(&str, i64)]) -> Posts {
        let post = |(message, delete_at): &(&str, i64)| json!({ "message": message, "delete_at": delete_at });
        let posts: BTreeMap<String, Value> =
            messages.iter().enumerate().map(|(number, it)| (number.to_string(), post(it))).collect();
        serde_json::from_value(json!({ "order": [], "posts": posts })).unwrap()
    }

    #[test]
    fn a_post_is_found_by_its_whole_tag_and_a_deleted_one_is_not() {
        let list = || posts(&[("Mattermost DR probe: mmdr-a-1-inside", 0), ("probe: mmdr-a-2-inside", 7)]);
        assert_eq!(list().with("mmdr-a-1-inside").len(), 1);
        assert_eq!(list().with("mmdr-a-1-in").len(), 0);
        assert_eq!(list().with("mmdr-a-2-inside").len(), 0);
    }

    #[test]
    fn a_channel_without_posts_has_none() {
        let empty: Posts = serde_json::from_str("{\"order\":[],\"posts\":null}").unwrap();
        assert!(empty.with("x").is_empty());
    }
}
