//! A small AWS: objects, parameters and executions of two Regions, over HTTP on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::{fs, thread, time};

use serde_json::{Value, json};

/// The example's two Regions.
pub(crate) const WEST: &str = "us-west-1";
pub(crate) const EAST: &str = "us-east-1";
/// The example.
pub(crate) const DOCUMENT: &str = include_str!("../../../examples/seed-runbook.toml");

/// What the instance metadata service says of its token.
const TOKEN: &str = "x-aws-ec2-metadata-token-ttl-seconds: 21600";

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The Region in its signature.
    pub(crate) region: String,
    /// `StartExecution`, or `GET /bucket/key`.
    pub(crate) what: String,
    /// Its body.
    pub(crate) body: String,
}

/// What the two Regions hold.
#[derive(Default)]
pub(crate) struct Held {
    /// Objects by Region and key.
    pub(crate) objects: BTreeMap<(String, String), String>,
    /// Parameters by Region and name.
    pub(crate) parameters: BTreeMap<(String, String), String>,
    /// Regions that close every connection.
    pub(crate) silent: BTreeSet<String>,
    /// What is refused, by Region and `what`.
    pub(crate) refused: BTreeSet<(String, String)>,
    /// Executions by ARN: what DescribeExecution answers.
    pub(crate) executions: BTreeMap<String, Value>,
    /// How every run ends that is started: `ending` of its report; none: it runs on.
    pub(crate) ending: Option<&'static str>,
    /// Whether what is started ends FAILED instead, without an output, with this cause.
    pub(crate) fails: Option<&'static str>,
    /// What GetExecutionHistory answers, the newest first.
    pub(crate) history: Vec<Value>,
}

/// An AWS and a folder of a test's own.
pub(crate) struct Scene {
    pub(crate) held: Arc<Mutex<Held>>,
    pub(crate) folder: PathBuf,
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scene {
    /// Two Regions at peace; the writer is `us-west-1`.
    pub(crate) fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("aws").join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("deployment.toml"), DOCUMENT).unwrap();
        let (held, asked) = (Arc::new(Mutex::new(Held::default())), Arc::new(Mutex::new(Vec::new())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (there, told) = (held.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &there, &told);
            }
        });
        let scene = Self { held, folder, address, asked };
        for region in [WEST, EAST] {
            scene.put(region, "ledger.json", &ledger(region, WEST, 6));
        }
        scene
    }

    pub(crate) fn put(&self, region: &str, key: &str, value: &Value) {
        self.held.lock().unwrap().objects.insert((region.into(), key.into()), value.to_string());
    }

    pub(crate) fn parameter(&self, region: &str, name: &str, value: &str) {
        self.held.lock().unwrap().parameters.insert((region.into(), name.into()), value.into());
    }

    pub(crate) fn silence(&self, region: &str) {
        self.held.lock().unwrap().silent.insert(region.into());
    }

    /// Runs `mmdr`, with the document in a file.
    pub(crate) fn mmdr(&self, arguments: &[&str]) -> Said {
        let file = self.folder.join("deployment.toml");
        let mut all: Vec<&str> = arguments.to_vec();
        all.extend(["--deployment", file.to_str().unwrap()]);
        self.plain(&all, &[])
    }

    /// Runs `mmdr` with these arguments and variables, and no other.
    pub(crate) fn plain(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        Said::of(&self.command(arguments, variables).output().unwrap())
    }

    /// The same, to be run.
    pub(crate) fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mmdr"));
        command.args(arguments).current_dir(&self.folder).env_clear();
        command.env("HOME", &self.folder).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("AWS_ENDPOINT_URL", &self.address).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "not-a-secret");
        command.envs(variables.iter().copied());
        command
    }

    /// Everything that was asked, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The only start: Region, machine and input.
    pub(crate) fn started(&self) -> (String, String, Value) {
        let starts: Vec<Asked> = self.asked().into_iter().filter(|it| it.what == "StartExecution").collect();
        assert_eq!(starts.len(), 1, "{starts:?}");
        let body: Value = serde_json::from_str(&starts[0].body).unwrap();
        let input = serde_json::from_str(body["input"].as_str().unwrap()).unwrap();
        (starts[0].region.clone(), body["stateMachineArn"].as_str().unwrap().to_owned(), input)
    }

    /// Requests that change something.
    pub(crate) fn changes(&self) -> Vec<String> {
        let changes = self
            .asked()
            .into_iter()
            .filter(|it| !["GET", "HEAD", "Get", "Desc", "List"].iter().any(|read| it.what.starts_with(read)));
        changes.map(|it| format!("{} in {}", it.what, it.region)).collect()
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A ledger that has settled `writer`.
pub(crate) fn ledger(region: &str, writer: &str, epoch: u64) -> Value {
    json!({"region": region, "claimed": epoch,
        "settled": {"writer": writer, "epoch": epoch, "at": 1_795_255_200_000_u64, "how": "observed"}})
}

/// A report in as few words as can be.
pub(crate) fn report(run: &str, kind: &str, to: &str, ending: &str, dry_run: bool) -> Value {
    let from = if to == EAST { WEST } else { EAST };
    json!({"deployment": "acme-chat", "run": run, "kind": kind, "from": from, "to": to, "epoch": 7, "by": "person",
        "reason": "a test", "dry_run": dry_run, "opened_at": 1, "closed_at": 2, "ending": ending,
        "sentence": format!("It ended {ending}."), "findings": [], "parts": [],
        "headline": {"recovered_in_ms": null, "split": [], "loss_at_least_s": null, "kept_in": null, "two_writers": null}})
}

fn serve(mut stream: TcpStream, held: &Mutex<Held>, told: &Mutex<Vec<Asked>>) {
    let Some(request) = read(&mut stream) else { return };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| {
        let mut fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let credential = header("authorization").unwrap_or_default();
    let region = credential.split("Credential=").nth(1).and_then(|it| it.split('/').nth(2)).unwrap_or_default();
    let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let path = line.split('?').next().unwrap_or_default().to_owned();
    let what = header("x-amz-target").map_or(path, |target| target.rsplit('.').next().unwrap().to_owned());
    let asked = Asked { region: region.into(), what, body: body.into() };
    told.lock().unwrap().push(asked.clone());
    let mut held = held.lock().unwrap();
    if held.silent.contains(region) {
        return;
    }
    let (status, answer) = answer(&mut held, &asked);
    let length = answer.len();
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\netag: \"1\"\r\n{TOKEN}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}"
    );
}

fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut got, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        got.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&got).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if body.len() >= length.map_or(0, |(_, value)| value.parse().unwrap()) {
            return Some(text);
        }
    }
}

fn answer(held: &mut Held, asked: &Asked) -> (u16, String) {
    let Asked { region, what, body } = asked;
    if held.refused.contains(&(region.clone(), what.clone())) {
        return (400, json!({"__type": "AccessDeniedException", "message": "no"}).to_string());
    }
    if let Some((method, rest)) = what.split_once(" /") {
        // Nothing but S3 speaks in paths here; RDS posts to the root, and is not there.
        let Some((_, key)) = rest.split_once('/') else { return (403, String::new()) };
        return object(held, region, method, key, body);
    }
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    match what.as_str() {
        "GetParameter" => parameter(held, region, body["Name"].as_str().unwrap_or_default()),
        "PutParameter" => {
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            held.parameters.insert((region.clone(), text("Name")), text("Value"));
            (200, json!({"Version": 2}).to_string())
        }
        "StartExecution" => (200, start(held, region, &body).to_string()),
        "DescribeExecution" => match held.executions.get(body["executionArn"].as_str().unwrap_or_default()) {
            Some(found) => (200, found.to_string()),
            None => (400, json!({"__type": "ExecutionDoesNotExist", "message": "no"}).to_string()),
        },
        "GetExecutionHistory" => (200, json!({"events": held.history}).to_string()),
        "ListExecutions" => {
            let machine = body["stateMachineArn"].as_str().unwrap_or_default();
            let of = |it: &&Value| it["stateMachineArn"].as_str().is_some_and(|arn| arn.starts_with(machine));
            let found: Vec<&Value> = held.executions.values().filter(of).collect();
            (200, json!({"executions": found}).to_string())
        }
        _ => (403, String::new()),
    }
}

fn object(held: &mut Held, region: &str, method: &str, key: &str, body: &str) -> (u16, String) {
    let at = (region.to_owned(), key.to_owned());
    if method == "PUT" {
        held.objects.insert(at, body.to_owned());
        return (200, String::new());
    }
    match held.objects.get(&at) {
        Some(found) => (200, found.clone()),
        None => (404, "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>".into()),
    }
}

fn parameter(held: &Held, region: &str, name: &str) -> (u16, String) {
    match held.parameters.get(&(region.to_owned(), name.to_owned())) {
        Some(value) => (200, json!({"Parameter": {"Name": name, "Value": value, "Type": "String"}}).to_string()),
        None => (400, json!({"__type": "ParameterNotFound", "message": "none"}).to_string()),
    }
}

/// Starts an execution that has ended in the same moment, with its report.
fn start(held: &mut Held, region: &str, body: &Value) -> Value {
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let (machine, name, input) = (text("stateMachineArn"), text("name"), text("input"));
    let machine: Vec<&str> = machine.split(':').take(7).collect();
    let machine = machine.join(":");
    let arn = format!("{}:{name}", machine.replace(":stateMachine:", ":execution:"));
    let now = time::SystemTime::now().duration_since(time::UNIX_EPOCH).unwrap().as_secs();
    let ended = held.ending.is_some();
    let status = if ended { "SUCCEEDED" } else { "RUNNING" };
    let mut execution = json!({"executionArn": arn, "stateMachineArn": machine, "name": name, "status": status,
        "startDate": now, "input": input});
    if ended {
        execution["stopDate"] = json!(now);
        execution["output"] = json!(r#"{"previous":{"sentence":"it is recorded"}}"#);
    }
    if let Some(cause) = held.fails {
        execution["status"] = json!("FAILED");
        execution["stopDate"] = json!(now);
        execution["cause"] = json!(cause);
    }
    held.executions.insert(arn.clone(), execution);
    let input: Value = serde_json::from_str(&input).unwrap();
    if let (Some(ending), Some(kind)) = (held.ending, input["kind"].as_str()) {
        let dry_run = input["dry_run"] == true;
        let key = format!("{}/{name}/report.json", if dry_run { "dry-run" } else { "runs" });
        held.objects.insert((region.to_owned(), key), report(&name, kind, region, ending, dry_run).to_string());
    }
    json!({"executionArn": arn, "startDate": now})
}
