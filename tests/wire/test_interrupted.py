"""Functions that die in the middle, and an execution that a person stops: what was asked of AWS is not asked twice."""

from __future__ import annotations

from rig.document import EAST, WEST, document
from rig.rehearsal import ENDED_WELL


def test_functions_killed_at_three_steps_and_a_stopped_execution_end_in_one_failover(rehearsal):
    rehearsal.begin(document(approval="never", loss_limit_s=600))
    rehearsal.settled(WEST)
    rehearsal.dark_for_minutes(WEST)
    # Each call is performed, or not, and then held: the function is killed while it waits for the answer.
    held = [
        ("switch-database", {"service": "rds", "operation": "FailoverGlobalCluster", "lose": "hold"}),
        ("toggle-scheduler", {"service": "ssm", "operation": "PutParameter", "lose": "hold"}),
        ("roll-nodes", {"service": "ssm", "operation": "SendCommand", "drop": "hold"}),
    ]
    for _, fault in held:
        rehearsal.outside.proxy("POST", "fault", fault)
    arn = rehearsal.start(EAST, "failover")
    killed_at(rehearsal, *held[0])
    # A person stops the execution after the database call; another run takes over what it left.
    rehearsal.behind.client("stepfunctions", EAST).stop_execution(executionArn=arn, cause="a person")
    stopped = arn.rsplit(":", 1)[1]
    rehearsal.until("a stopped execution", lambda: rehearsal.behind.execution(EAST, arn)["status"] == "ABORTED")
    again = rehearsal.start(EAST, "failover", resumes=stopped)
    for function, fault in held[1:]:
        killed_at(rehearsal, function, fault)
    ended = rehearsal.ended(EAST, again)
    report = rehearsal.behind.report(EAST, ended["name"])
    assert ended["status"] == "SUCCEEDED" and report["ending"] in ENDED_WELL, report["sentence"]
    assert rehearsal.through.writer(EAST) == EAST and len(rehearsal.through.healthy_targets(EAST)) == 2
    asked = [it["operation"] for it in rehearsal.outside.world("GET", "calls") if it["mutates"]]
    assert asked.count("FailoverGlobalCluster") == 1, asked
    assert rehearsal.outside.world("GET", "state")["violations"] == []


def killed_at(rehearsal, function: str, fault: dict) -> None:
    """Kills the function's process once its call has been taken."""

    def is_held() -> bool:
        return fault["operation"] not in {it["operation"] for it in rehearsal.outside.proxy("GET", "state")["faults"]}

    rehearsal.until(f"{function} at its call", is_held)
    assert rehearsal.kill(function), f"no process of {function} runs"
