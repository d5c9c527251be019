//! What users experienced over time: a drawing, and the same as tables.

use maud::{Markup, html};

use super::chart::{Mark, drawing};
use crate::story::{Rehearsal, Users, UsersPoint};
use crate::text::{clock, duration};

/// Points of one row of the table.
const ROW: usize = 6;

pub(super) fn section(rehearsal: &Rehearsal, marks: &[Mark]) -> Markup {
    let users = &rehearsal.users;
    if users.points.is_empty() {
        return html! {};
    }
    html! {
        section #users {
            h2 { "What people experienced" }
            figure.users {
                figcaption {
                    (users.people) " people, in points of " (duration(users.point_ms)) ". "
                    span.legend { i.key.worked {} " attempts that worked" }
                    span.legend { i.key.failed {} " attempts that failed" }
                    span.legend { i.key.sockets {} " open sockets" }
                }
                (drawing(users, marks))
            }
            (attempts(users))
            details { summary { "The drawing as a table" } (table(users)) }
        }
    }
}

fn attempts(users: &Users) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="Attempts by what was attempted" { table.small {
            thead { tr {
                th scope="col" { "Attempt" } th.figure scope="col" { "Worked" } th.figure scope="col" { "Failed" }
            } }
            tbody { @for it in &users.attempts {
                tr { th scope="row" { (it.what) } td.figure { (it.worked) } td.figure { (it.failed) } }
            } }
        } }
    }
}

fn table(users: &Users) -> Markup {
    let sum = |points: &[UsersPoint], of: fn(&UsersPoint) -> u64| points.iter().map(of).sum::<u64>();
    html! {
        div.scroll tabindex="0" role="group" aria-label="What people experienced, as a table" { table.small {
            thead { tr {
                th scope="col" { "From" } th.figure scope="col" { "Worked" } th.figure scope="col" { "Failed" }
                th.figure scope="col" { "Sockets open at the end" }
            } }
            tbody { @for (row, points) in users.points.chunks(ROW).enumerate() {
                tr {
                    th scope="row" { (clock(users.begins((row * ROW) as i64))) }
                    td.figure { (sum(points, |point| point.worked)) }
                    td.figure { (sum(points, |point| point.failed)) }
                    td.figure { (points.last().map_or(0, |point| point.sockets)) }
                }
            } }
        } }
    }
}
