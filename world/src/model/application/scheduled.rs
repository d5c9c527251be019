//! Scheduled posts: they obey neither job flag.
//!
//! The timer is aligned to the wall clock, rows are deleted only after posting, and every cluster's leader sends
//! (`scheduled_post_job.go`, `scheduled_post_store.go`): two live Regions on one database send every post twice.

use crate::model::nodes::{sees, view};
use crate::model::{Ctx, Model, search};
use crate::network::Ix;
use crate::news::News;

/// What an outage of less delayed is still sent (`scheduled_post_job.go`).
const LOOK_BACK_MS: i64 = 86_400_000;

/// A post that a person scheduled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// Its row.
    pub row: u32,
    /// When it is due.
    pub due: i64,
    /// Who sent it, and the row of the message that came of it. A volume that holds such a row has deleted the
    /// scheduled one; a volume that lost the message lost the deletion with it and sends again.
    pub sent: Vec<(Ix, u32)>,
}

/// Notes that the row which the database has just taken is a scheduled post, due in one to ten minutes.
pub fn schedule_post(model: &mut Model, row: u32, ctx: &mut Ctx<'_>) {
    let due = ctx.now + ctx.random.between(60_000, 600_000);
    model.application.scheduled.push(Scheduled { row, due, sent: Vec::new() });
}

/// Each Region with a serving node on a writable database sends what is due. All of them look before any of them
/// deletes: their clocks strike together.
pub(super) fn send_due(model: &mut Model, ctx: &mut Ctx<'_>) {
    let mut due: Vec<(Ix, Ix, usize)> = Vec::new();
    for region in 0..2 {
        if model.nodes.running(region) == 0 {
            continue;
        }
        let Some(volume) = view(model, region, ctx).writable() else { continue };
        let posts = model.application.scheduled.iter().enumerate();
        let found = posts.filter(|(_, post)| is_due(model, post, volume, ctx.now));
        due.extend(found.map(|(number, _)| (region, volume, number)));
    }
    for (region, volume, number) in due {
        let Some(post) = model.application.scheduled.get(number) else { continue };
        // A volume that never got the first message sends for the first time, as far as it can know.
        let again = !post.sent.is_empty() && !is_sent(model, post, volume, ctx.now);
        let Some(row) = model.database.accept_message(volume, ctx) else { continue };
        let Some(post) = model.application.scheduled.get_mut(number) else { continue };
        post.sent.push((region, row));
        let post = post.row;
        if again {
            let line = format!(
                "scheduled post {post} is sent in {}: its first sending was lost with the other volume",
                model.name(region)
            );
            ctx.tell(line);
        } else {
            ctx.news.push(News::ScheduledPostSent { post, region });
        }
        search::index_post(model, region, row, ctx);
    }
}

fn is_due(model: &Model, post: &Scheduled, volume: Ix, now: i64) -> bool {
    post.due <= now
        && now - post.due < LOOK_BACK_MS
        && sees(model, volume, post.row, now)
        && !is_sent(model, post, volume, now)
}

fn is_sent(model: &Model, post: &Scheduled, volume: Ix, now: i64) -> bool {
    post.sent.iter().any(|(_, row)| sees(model, volume, *row, now))
}
