//! What a node does, with a systemd of the test's own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::scene::{DOCUMENT, EAST, Said, Scene, WEST, ledger};

/// The example's job flags.
const FLAGS: &str = "/acme-chat/mmdr/job-flags";

/// A node of `us-east-1` with a `systemctl` that writes down what it was asked.
struct Node {
    scene: Scene,
    path: String,
    flags: PathBuf,
}

impl Node {
    fn new(test: &str) -> Self {
        let scene = Scene::new(test);
        scene.parameter(EAST, "/mmdr/acme-chat/deployment", DOCUMENT);
        scene.parameter(EAST, FLAGS, "MM_JOBSETTINGS_RUNJOBS=true\nMM_JOBSETTINGS_RUNSCHEDULER=true\nMMDR_EPOCH=7\n");
        let bin = scene.folder.join("bin");
        fs::create_dir_all(&bin).unwrap();
        let tool = bin.join("systemctl");
        let script = "#!/bin/sh\necho \"$@\" >> \"$HOME/asked\"\n[ \"$1\" = show ] && cat \"$HOME/unit\"\nexit 0\n";
        fs::write(&tool, script).unwrap();
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let flags = scene.folder.join("etc/job-flags.env");
        Self { scene, path, flags }
    }

    fn mmdr(&self, arguments: &[&str], more: &[(&str, &str)]) -> Said {
        let mut variables = vec![
            ("PATH", self.path.as_str()),
            ("AWS_REGION", EAST),
            ("MMDR_DEPLOYMENT", "acme-chat"),
            ("MMDR_JOB_FLAGS", self.flags.to_str().unwrap()),
            ("MMDR_BINARY", "/nowhere/mattermost"),
        ];
        variables.extend(more);
        self.scene.plain(&[&["node"], arguments].concat(), &variables)
    }

    fn systemctl(&self) -> Vec<String> {
        let asked = fs::read_to_string(self.scene.folder.join("asked")).unwrap_or_default();
        asked.lines().map(str::to_owned).collect()
    }
}

#[test]
fn a_start_writes_the_epochs_flags_and_then_starts_the_unit() {
    let node = Node::new("node-start");
    node.scene.put(EAST, "ledger.json", &ledger(EAST, EAST, 7));
    let said = node.mmdr(&["start", "--epoch", "7"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(said.out, "mattermost is started for epoch 7, jobs on, scheduler on (flags of epoch 7)\n");
    assert_eq!(node.systemctl(), ["reset-failed -- mattermost", "start --no-block -- mattermost"]);
    let flags = fs::read_to_string(&node.flags).unwrap();
    assert_eq!(flags, "MM_JOBSETTINGS_RUNJOBS=true\nMM_JOBSETTINGS_RUNSCHEDULER=true\nMMDR_EPOCH=7\n");
    assert!(node.scene.changes().iter().all(|it| it.starts_with("POST /")), "a start changes nothing of AWS");
}

#[test]
fn nothing_is_started_where_the_epoch_is_over_or_another_region_writes() {
    let open = json!({"id": "so-8", "execution": "arn:x", "kind": "switchover", "region": WEST, "epoch": 8, "phase": "open",
        "by": "person", "opened_at": 1});
    let taken = json!({"region": EAST, "claimed": 8, "run": open, "settled": ledger(EAST, EAST, 7)["settled"]});
    let table: [(&str, Value, &str); 3] = [
        ("over", taken, "nothing is started: epoch 7 is over, a ledger has 8"),
        (
            "elsewhere",
            ledger(EAST, WEST, 7),
            "nothing is started: a ledger has settled us-west-1 as the writer at epoch 7",
        ),
        ("unsettled", json!({"region": EAST, "claimed": 7}), "nothing is started: cannot tell who writes"),
    ];
    for (name, own, sentence) in table {
        let node = Node::new(&format!("node-start-{name}"));
        node.scene.put(EAST, "ledger.json", &own);
        node.scene.silence(WEST);
        let said = node.mmdr(&["start", "--epoch", "7"], &[]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        assert!(said.err.contains(sentence), "{name}: {said:?}");
        assert!(node.systemctl().is_empty() && !node.flags.exists(), "{name}");
    }
}

#[test]
fn nothing_is_started_with_flags_of_a_later_epoch() {
    let node = Node::new("node-start-flags");
    node.scene.put(EAST, "ledger.json", &ledger(EAST, EAST, 6));
    let said = node.mmdr(&["start", "--epoch", "6"], &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("nothing is started: epoch 6 is over, the job flags are of 7"), "{said:?}");
    assert!(node.systemctl().is_empty());
}

#[test]
fn a_stop_obeys_a_run_unless_its_epoch_is_over() {
    let node = Node::new("node-stop");
    let said = node.mmdr(&["stop", "--epoch", "7", "--unit", "chat"], &[]);
    assert_eq!((said.code, said.out.as_str()), (0, "chat is stopped for epoch 7\n"), "{said:?}");
    assert_eq!(node.systemctl(), ["stop -- chat"]);
    let said = node.mmdr(&["stop", "--epoch", "5"], &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("nothing is stopped: epoch 5 is over, a ledger has 6"), "{said:?}");
    assert_eq!(node.systemctl().len(), 1);
}

#[test]
fn a_stop_with_a_fence_check_stops_only_what_the_node_itself_finds_fenced() {
    let node = Node::new("node-stop-fenced");
    let said = node.mmdr(&["stop", "--epoch", "6", "--fence-check"], &[]);
    assert_eq!(said.code, 0, "the ledger has settled the other Region: {said:?}");
    assert_eq!(node.systemctl(), ["stop -- mattermost"]);
    let node = Node::new("node-stop-not-fenced");
    node.scene.put(EAST, "ledger.json", &ledger(EAST, EAST, 8));
    let said = node.mmdr(&["stop", "--epoch", "9", "--fence-check"], &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("nothing is stopped: cannot tell who writes"), "{said:?}");
    assert!(node.systemctl().is_empty());
}

#[test]
fn a_unit_asks_before_each_start_and_gets_the_flags_that_are_to_hold() {
    let node = Node::new("node-pre-start");
    assert_eq!(node.mmdr(&["pre-start"], &[]).code, 1, "the other Region writes");
    assert!(!node.flags.exists());
    node.scene.put(EAST, "ledger.json", &ledger(EAST, EAST, 7));
    let said = node.mmdr(&["pre-start"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(fs::read_to_string(&node.flags).unwrap().contains("MMDR_EPOCH=7"));
    assert!(node.systemctl().is_empty(), "the unit starts itself");
}

#[test]
fn a_report_lies_beside_the_ledger_and_says_what_the_unit_does() {
    let table = [
        ("inactive", "dead", 0, "stopped", 0),
        ("activating", "auto-restart", 4, "restart-loop", 4),
        ("activating", "start", 0, "starting", 0),
    ];
    for (active, sub, restarts, state, exits) in table {
        let node = Node::new(&format!("node-report-{state}"));
        let unit = format!("LoadState=loaded\nActiveState={active}\nSubState={sub}\nNRestarts={restarts}\nMainPID=0\n");
        fs::write(node.scene.folder.join("unit"), unit).unwrap();
        let said = node.mmdr(&["report", "--once", "--id", "i-1"], &[("MMDR_ADDRESS", "http://127.0.0.1:1")]);
        assert_eq!(said.code, 0, "{said:?}");
        let held = scene_object(&node.scene, "nodes/i-1.json");
        assert_eq!((&held["id"], &held["state"], &held["exits"]), (&json!("i-1"), &json!(state), &json!(exits)));
        assert_eq!(held, said.json());
        let puts: Vec<String> =
            node.scene.asked().into_iter().map(|it| it.what).filter(|it| it.starts_with("PUT")).collect();
        assert_eq!(puts, ["PUT /acme-mmdr-ledger-us-east-1/nodes/i-1.json"]);
    }
}

#[test]
fn a_node_that_is_not_told_who_and_where_it_is_asks_its_machine() {
    let node = Node::new("node-report-machine");
    fs::write(node.scene.folder.join("unit"), "LoadState=loaded\nActiveState=inactive\nSubState=dead\n").unwrap();
    let about = [("meta-data/instance-id", "i-0a1b"), ("meta-data/placement/region", EAST)];
    for (key, value) in about {
        node.scene.held.lock().unwrap().objects.insert((String::new(), key.into()), value.into());
    }
    let address = node.scene.address.clone();
    let more =
        [("AWS_REGION", ""), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &*address), ("MMDR_ADDRESS", "http://127.0.0.1:1")];
    let said = node.mmdr(&["report", "--once"], &more);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(scene_object(&node.scene, "nodes/i-0a1b.json")["state"], "stopped");
}

#[test]
fn a_unit_that_systemd_does_not_know_is_no_stopped_node() {
    let node = Node::new("node-report-nobody");
    fs::write(node.scene.folder.join("unit"), "LoadState=not-found\nActiveState=inactive\nSubState=dead\n").unwrap();
    let said = node.mmdr(&["report", "--once", "--id", "i-1"], &[]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("--unit: expected a unit of systemd, found \"mattermost\" (not-found)"), "{said:?}");
    assert!(node.scene.asked().iter().all(|it| !it.what.starts_with("PUT")));
}

#[test]
fn the_version_of_a_stopped_node_is_that_of_the_binary_which_would_be_started() {
    let node = Node::new("node-report-version");
    fs::write(node.scene.folder.join("unit"), "LoadState=loaded\nActiveState=inactive\nSubState=dead\n").unwrap();
    let binary = node.scene.folder.join("mattermost");
    fs::write(&binary, "#!/bin/sh\n[ \"$1\" = version ] && echo 'Version: 11.6.0' && echo 'Build Number: 1'\n")
        .unwrap();
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755)).unwrap();
    let more = [("MMDR_BINARY", binary.to_str().unwrap()), ("MMDR_ADDRESS", "http://127.0.0.1:1")];
    let said = node.mmdr(&["report", "--once", "--id", "i-1"], &more);
    assert_eq!(said.json()["version"], "11.6.0", "{said:?}");
}

#[test]
fn what_a_node_is_told_is_checked_before_anything_is_asked() {
    let node = Node::new("node-told");
    fs::write(node.scene.folder.join("node.env"), "# what a node is told\nexport MMDR_ADRESS=http://127.0.0.1:1\n")
        .unwrap();
    /// Arguments, variables, and what is said of them.
    type Row = (&'static [&'static str], &'static [(&'static str, &'static str)], &'static str);
    let table: [Row; 8] = [
        (
            &["start", "--epoch", "7", "--settings", "nowhere.env"],
            &[],
            "--settings: expected a readable text file, found nowhere.env (",
        ),
        (
            &["report", "--once", "--id", "i-1", "--settings", "node.env"],
            &[],
            "--settings: node.env, line 2: expected one of MMDR_DEPLOYMENT, AWS_REGION, MMDR_DOCUMENT, MMDR_JOB_FLAGS, \
             MMDR_ADDRESS, MMDR_METRICS, MMDR_BINARY, found \"MMDR_ADRESS\"",
        ),
        (
            &["pre-start"],
            &[("AWS_REGION", "US East")],
            "AWS_REGION: expected an AWS Region such as us-east-1, found \"US East\"",
        ),
        (
            &["pre-start"],
            &[("MMDR_DEPLOYMENT", "Acme")],
            "MMDR_DEPLOYMENT: expected 2 to 32 lower-case letters, digits and hyphens, first a letter, last no hyphen",
        ),
        (
            &["report", "--once", "--id", "i-1"],
            &[("MMDR_ADDRESS", "localhost:8065")],
            "MMDR_ADDRESS: expected an address that begins with http:// or https://, found \"localhost:8065\"",
        ),
        (
            &["report", "--once", "--id", "i-1"],
            &[("MMDR_ADDRESS", "http://")],
            "MMDR_ADDRESS: expected an address that begins with http:// or https://, found \"http://\" (",
        ),
        (
            &["report", "--once", "--id", "i-1"],
            &[("MMDR_METRICS", "8067")],
            "MMDR_METRICS: expected an address that begins with http:// or https://, found \"8067\"",
        ),
        (
            &["report", "--once", "--id", "../ledger"],
            &[],
            "--id: expected 1 to 64 letters, digits and hyphens, as an instance or a task has, found \"../ledger\"",
        ),
    ];
    for (arguments, variables, sentence) in table {
        let said = node.mmdr(arguments, variables);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains(sentence), "{arguments:?}: expected {sentence:?} in {:?}", said.err);
    }
    assert!(node.scene.asked().is_empty() && node.systemctl().is_empty());
}

#[test]
fn a_node_reads_what_it_is_told_from_the_file_that_is_named_as_a_shell_would() {
    let node = Node::new("node-settings");
    node.scene.put(EAST, "ledger.json", &ledger(EAST, EAST, 7));
    let flags = node.flags.display();
    let lines = format!("export MMDR_DEPLOYMENT=\"acme-chat\"\nAWS_REGION={EAST}\nMMDR_JOB_FLAGS={flags}\n");
    fs::write(node.scene.folder.join("node.env"), lines).unwrap();
    let said = node.scene.plain(&["node", "pre-start", "--settings", "node.env"], &[]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(fs::read_to_string(&node.flags).unwrap().contains("MMDR_EPOCH=7"));
}

#[test]
fn the_help_of_a_node_names_every_variable_of_the_example() {
    let scene = Scene::new("node-help");
    let example = include_str!("../../../examples/node/node.env");
    let lines = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
    let names: Vec<&str> = lines.map(|(name, _)| name).filter(|name| !name.contains(' ')).collect();
    assert_eq!(names.len(), 7, "{names:?}");
    for command in ["report", "start", "stop", "pre-start"] {
        let said = scene.plain(&["node", command, "--help"], &[]);
        assert!(names.iter().all(|name| said.out.contains(name)), "{command}: {said:?}");
    }
}

fn scene_object(scene: &Scene, key: &str) -> Value {
    let held = scene.held.lock().unwrap();
    let text = held.objects.get(&(EAST.to_owned(), key.to_owned())).cloned();
    serde_json::from_str(&text.unwrap_or_default()).unwrap_or_default()
}
