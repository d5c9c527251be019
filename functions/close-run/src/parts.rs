//! The parts of each machine, in its order. A test of the whole holds this table against `statemachines/`.

use mmdr_core::{Kind, StepName};

/// When a part leaves evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In every run that goes the whole way.
    Always,
    /// Only when a person was asked.
    Asked,
    /// Only when a switchover was called off.
    CalledOff,
}

/// One part of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// The step.
    pub step: StepName,
    /// The part; `whole` where the step occurs once.
    pub part: &'static str,
    /// When it leaves evidence.
    pub when: When,
}

const fn always(step: StepName, part: &'static str) -> PartOf {
    PartOf { step, part, when: When::Always }
}

const fn asked(step: StepName, part: &'static str) -> PartOf {
    PartOf { step, part, when: When::Asked }
}

const fn called_off(step: StepName, part: &'static str) -> PartOf {
    PartOf { step, part, when: When::CalledOff }
}

const FAILOVER: &[PartOf] = &[
    always(StepName::OpenRun, "whole"),
    always(StepName::DetectRegionOutage, "diagnose"),
    always(StepName::RequestApproval, "ask"),
    asked(StepName::RequestApproval, "wait"),
    always(StepName::DetectRegionOutage, "diagnose-again"),
    always(StepName::RollNodes, "fence-lost"),
    always(StepName::SwitchDatabase, "promote"),
    always(StepName::RollNodes, "fence-lost-beside"),
    always(StepName::SwapSearchLeader, "save"),
    always(StepName::ToggleScheduler, "activate"),
    always(StepName::RollNodes, "start-here"),
    always(StepName::SwapSearchLeader, "promote-hot"),
    always(StepName::ConfirmRecovery, "inside"),
    always(StepName::FlipDns, "whole"),
    always(StepName::ConfirmRecovery, "outside"),
    always(StepName::SwapSearchLeader, "promote-rest"),
    always(StepName::SwapSearchLeader, "reindex-gap"),
    always(StepName::ConfirmRecovery, "jobs"),
    always(StepName::SwitchDatabase, "fenced"),
    always(StepName::CloseRun, "whole"),
];

const SWITCHOVER: &[PartOf] = &[
    always(StepName::OpenRun, "whole"),
    always(StepName::CheckReadiness, "gate"),
    always(StepName::VerifyFiles, "gate"),
    always(StepName::ToggleScheduler, "quiesce"),
    always(StepName::RollNodes, "stop-there"),
    always(StepName::SwapSearchLeader, "fence"),
    always(StepName::SwapSearchLeader, "prove"),
    always(StepName::VerifyFiles, "drained"),
    always(StepName::SwitchDatabase, "prove"),
    always(StepName::SwitchDatabase, "switch-over"),
    always(StepName::ToggleScheduler, "activate"),
    always(StepName::RollNodes, "start-here"),
    always(StepName::SwapSearchLeader, "promote-hot"),
    always(StepName::ConfirmRecovery, "inside"),
    always(StepName::FlipDns, "whole"),
    always(StepName::ConfirmRecovery, "outside"),
    always(StepName::SwapSearchLeader, "promote-rest"),
    always(StepName::ConfirmRecovery, "jobs"),
    always(StepName::SwapSearchLeader, "follow-back"),
    always(StepName::VerifyFiles, "both-ways"),
    always(StepName::ArmDns, "whole"),
    called_off(StepName::SwapSearchLeader, "unblock"),
    called_off(StepName::ToggleScheduler, "give-back"),
    called_off(StepName::RollNodes, "start-there"),
    called_off(StepName::ConfirmRecovery, "called-off"),
    always(StepName::CloseRun, "whole"),
];

const REPROTECT: &[PartOf] = &[
    always(StepName::OpenRun, "whole"),
    always(StepName::RollNodes, "keep-there-stopped"),
    always(StepName::SwitchDatabase, "save-lost-writes"),
    always(StepName::SwitchDatabase, "resynchronised"),
    always(StepName::SwapSearchLeader, "divergence"),
    always(StepName::RequestApproval, "ask"),
    asked(StepName::RequestApproval, "wait"),
    always(StepName::SwapSearchLeader, "follow-back"),
    always(StepName::VerifyFiles, "both-ways"),
    always(StepName::ArmDns, "whole"),
    always(StepName::CloseRun, "whole"),
];

const PROTECT: &[PartOf] = &[
    always(StepName::OpenRun, "whole"),
    always(StepName::SwapSearchLeader, "connect"),
    always(StepName::VerifyFiles, "both-ways"),
    always(StepName::ArmDns, "whole"),
    always(StepName::CheckReadiness, "report"),
    always(StepName::CloseRun, "whole"),
];

const VERIFY_BACKUPS: &[PartOf] = &[
    always(StepName::OpenRun, "whole"),
    always(StepName::VerifyBackups, "whole"),
    always(StepName::CloseRun, "whole"),
];

const CHECK_READINESS: &[PartOf] = &[
    always(StepName::OpenRun, "whole"),
    always(StepName::CheckReadiness, "report"),
    always(StepName::CloseRun, "whole"),
];

/// The parts of the machine that runs `kind`, in its order; none for what runs outside the machines.
pub fn parts_of(kind: Kind) -> &'static [PartOf] {
    match kind {
        Kind::Failover | Kind::Detach => FAILOVER,
        Kind::Switchover => SWITCHOVER,
        Kind::Reprotect => REPROTECT,
        Kind::Protect => PROTECT,
        Kind::VerifyBackups => VERIFY_BACKUPS,
        Kind::CheckReadiness => CHECK_READINESS,
        Kind::Standing => &[],
    }
}

/// Whether a step with this part changes the Deployment, so that its work remains when a run stops. Everything else
/// looks, asks, proves or writes records.
pub(crate) fn changes(step: StepName, part: &str) -> bool {
    match step {
        StepName::ToggleScheduler | StepName::RollNodes | StepName::FlipDns | StepName::ArmDns => true,
        StepName::SwapSearchLeader => !matches!(part, "save" | "prove" | "divergence"),
        StepName::SwitchDatabase => matches!(part, "promote" | "switch-over"),
        StepName::VerifyFiles => part == "both-ways",
        _ => false,
    }
}
