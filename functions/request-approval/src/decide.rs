//! One decision per part.

use mmdr_core::deployment::Approval;
use mmdr_core::records::{self, ApprovalAnswer, Decision, Question};
use mmdr_core::{Acceptance, Kind, Run, StartedBy, Verdict};

use crate::observed::Observed;
use crate::question;
use crate::reply::Reply;
use crate::words::{Action, Refusal, Token, Waiting};

/// What request-approval decides.
pub(crate) type Decided = Verdict<Action, Waiting, Refusal>;

/// How long an answer waits for the task that it must wake. The machine goes from `ask` to `wait` within seconds; a
/// task that shows no token by then finds the answer itself. Seconds.
const TOKEN_WITHIN_S: i64 = 120;

/// `ask`: granted, denied, expired, or a question that stands.
pub(crate) fn ask(run: &Run, seen: &Observed) -> Decided {
    if nobody_is_asked(run) {
        return Decided::Already;
    }
    if let Some(by) = seen.overtaken_by {
        return Decided::Refuse(Refusal::Superseded { by });
    }
    if run.kind != Kind::Reprotect && seen.diagnosis.is_none() {
        return Decided::Wait(Waiting::NoDiagnosis);
    }
    match &seen.question {
        Some(question) if stands(run, seen, question) => judge(run, seen, question),
        _ if loss_is_unknown(run, seen) => {
            Decided::Refuse(Refusal::UnknownLoss { person: run.by == StartedBy::Person })
        }
        _ if !policy_asks(run, seen) => Decided::Already,
        _ => Decided::Act(Action::WriteQuestion {
            region: run.own().clone(),
            key: records::key(run, records::QUESTION),
            question: question::ask(run, seen),
            diagnosis: diagnosis_digest(run, seen),
        }),
    }
}

/// Runs that ask nobody whatever the policy says: dry ones, those past their call, and kinds that lose nothing.
pub(crate) fn nobody_is_asked(run: &Run) -> bool {
    run.dry_run || run.forward_only || !matches!(run.kind, Kind::Failover | Kind::Detach | Kind::Reprotect)
}

/// Whether the policy asks a person. A detach and the replacement of operations that only one side has are always
/// asked about; a machine that may fail over by itself still asks beyond the loss limit.
pub(crate) fn policy_asks(run: &Run, seen: &Observed) -> bool {
    let policy = &run.deployment.policy;
    let by_kind = match policy.approval {
        Approval::Always => true,
        Approval::MachineStarted => run.by.is_machine(),
        Approval::Never => false,
    };
    match run.kind {
        Kind::Detach => true,
        Kind::Reprotect => by_kind || seen.divergent.is_none_or(|divergent| divergent.operations > 0),
        _ => {
            let forecast_s = seen.diagnosis.as_ref().and_then(|diagnosis| diagnosis.forecast.at_least_s);
            let beyond = forecast_s.is_none_or(|at_least_s| at_least_s > i64::from(policy.loss_limit_s));
            by_kind || (run.by.is_machine() && beyond)
        }
    }
}

/// Nobody can forecast the loss, and no person took that upon themselves.
fn loss_is_unknown(run: &Run, seen: &Observed) -> bool {
    let forecast = seen.diagnosis.as_ref().and_then(|diagnosis| diagnosis.forecast.at_least_s);
    run.kind != Kind::Reprotect && forecast.is_none() && !run.accepts(Acceptance::UnknownLoss)
}

/// Whether the question is still the one to be answered: asked by this epoch about the same diagnosis, and the loss is
/// not worse than shown by more than `loss_growth_s`. What was shown is "at least so much, and one more for each second
/// that passes", so a forecast that grew with the clock alone is the one that was shown. So is one whose last sample
/// has grown older than 15 minutes while a person thought.
fn stands(run: &Run, seen: &Observed, asked: &Question) -> bool {
    let digest = question::digest(run, &question::judged(run, seen), asked.forecast.as_ref());
    let shown_s = asked.forecast.and_then(|shown| shown.at_least_s);
    let worse = match (shown_s, seen.diagnosis.as_ref().map(|now| (now.at, now.forecast.at_least_s))) {
        (Some(shown_s), Some((at, Some(now_s)))) => {
            let allowed_s = at.since_s(asked.asked_at).max(0) + i64::from(run.deployment.policy.loss_growth_s);
            now_s > shown_s + allowed_s
        }
        _ => false,
    };
    asked.epoch == run.epoch && asked.digest == digest && !worse
}

fn judge(run: &Run, seen: &Observed, asked: &Question) -> Decided {
    match &seen.answer {
        Some(answer) if answer.decision == Decision::Deny => {
            Decided::Refuse(Refusal::Denied { reason: answer.reason.clone() })
        }
        Some(_) => Decided::Already,
        None if seen.now >= asked.expires_at => Decided::Refuse(Refusal::Expired { at: asked.expires_at }),
        None if seen.told => Decided::Wait(Waiting::AwaitsAnswer { until: asked.expires_at }),
        None if seen.receipt.told.as_ref() == Some(&asked.digest) => Decided::Act(Action::NoteTold {
            region: run.own().clone(),
            key: records::key(run, &asked.told_name()),
            at: seen.now,
            not_told: seen.receipt.not_told.clone(),
        }),
        None => Decided::Act(Action::Tell {
            region: run.own().clone(),
            subject: question::subject(run),
            text: asked.text.clone(),
            digest: asked.digest.clone(),
            diagnosis: diagnosis_digest(run, seen),
        }),
    }
}

fn diagnosis_digest(run: &Run, seen: &Observed) -> Option<String> {
    let diagnosis = seen.diagnosis.as_ref().filter(|_| run.kind != Kind::Reprotect);
    diagnosis.map(|diagnosis| diagnosis.digest.clone())
}

/// `wait`: one look, made while the task waits. What it answers wakes nobody; only its token does. Where there is
/// nothing to wait for any more, it wakes its own task.
pub(crate) fn wait(run: &Run, seen: &Observed) -> Decided {
    let Some(token) = &seen.own_token else { return Decided::Refuse(Refusal::NoToken) };
    match &seen.question {
        Some(asked) if seen.answer.is_none() && seen.now < asked.expires_at => {
            if seen.waiting_token.as_ref() == Some(token) {
                return Decided::Already;
            }
            Decided::Act(Action::KeepToken {
                region: run.own().clone(),
                key: records::key(run, &asked.token_name()),
                token: Token(token.clone()),
            })
        }
        _ => Decided::Act(Action::Wake { region: run.own().clone(), token: Token(token.clone()) }),
    }
}

/// `answer`: the object first, then the token.
pub(crate) fn answer(run: &Run, seen: &Observed) -> Decided {
    let Some(reply) = &seen.reply else { return Decided::Refuse(Refusal::NoReply) };
    let name = reply.run.clone();
    let Some(asked) = &seen.question else {
        return Decided::Refuse(match seen.run_is_known {
            true => Refusal::NothingAsked { run: name },
            false => Refusal::UnknownRun { run: name, region: run.own().clone() },
        });
    };
    if reply.digest.as_ref().is_some_and(|digest| *digest != asked.digest) {
        return Decided::Refuse(Refusal::OtherQuestion { run: name, asked: asked.digest.clone() });
    }
    match &seen.answer {
        Some(answer) => stands_answered(run, seen, reply, answer),
        None if seen.now >= asked.expires_at => Decided::Refuse(Refusal::Expired { at: asked.expires_at }),
        None => Decided::Act(Action::CreateAnswer {
            region: run.own().clone(),
            key: format!("{}{}.json", records::prefix_of(&reply.run, false), asked.answer_name()),
            run: name,
            answer: ApprovalAnswer {
                epoch: asked.epoch,
                digest: asked.digest.clone(),
                decision: reply.decision,
                reason: reply.reason.clone(),
                at: seen.now,
            },
        }),
    }
}

/// An answer stands, this one or an earlier one. Whoever wrote it may have died before waking the task, so the task is
/// woken in any case; a dead token is no error.
fn stands_answered(run: &Run, seen: &Observed, reply: &Reply, answer: &ApprovalAnswer) -> Decided {
    match &seen.waiting_token {
        _ if seen.receipt.woken => {}
        Some(token) => {
            return Decided::Act(Action::Wake { region: run.own().clone(), token: Token(token.clone()) });
        }
        None if seen.now.since_s(answer.at) < TOKEN_WITHIN_S => {
            return Decided::Wait(Waiting::NobodyWaitsYet { run: reply.run.clone() });
        }
        None => {}
    }
    if answer.decision == reply.decision && answer.reason == reply.reason {
        return Decided::Already;
    }
    Decided::Refuse(Refusal::AlreadyAnswered {
        run: reply.run.clone(),
        decision: answer.decision,
        reason: answer.reason.clone(),
        at: answer.at,
    })
}
