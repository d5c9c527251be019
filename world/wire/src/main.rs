//! The wire door: the same world that rehearsals run in, spoken to over HTTP as AWS, OpenSearch and Mattermost are, so that
//! real clients meet the behaviour that no emulator has. There is no second model: everything here is a form.
//!
//! `request` is what comes in, `route` whom it is for, `services` how each of them answers, `control` what the harness asks.

mod clock;
mod control;
mod forms;
mod memory;
mod metrics;
mod name_server;
mod neighbour;
mod record;
mod reply;
mod request;
mod route;
mod serve;
mod services;
mod world;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;

use clap::Parser;
use mmdr_core::Deployment;
use mmdr_world::model::setup::Setup;
use serde_json::{Value, json};
use tokio::net::{TcpListener, UdpSocket};
use tokio::task::{LocalSet, spawn_local};

use clock::Clock;
use record::Record;
use request::Port;
use serve::{Door, listen};
use world::{Beginning, World};

/// The two Regions of the world, over HTTP on loopback.
#[derive(Debug, Parser)]
#[command(name = "mmdr-wire", version)]
struct Arguments {
    /// The deployment document, TOML or JSON; the seed runbook's example where none is named.
    #[arg(long)]
    deployment: Option<PathBuf>,
    /// The knobs of the world as JSON: a file.
    #[arg(long)]
    setup: Option<PathBuf>,
    /// The seed of everything that chance decides.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Port of AWS's APIs and of `/_world`; 0 for any.
    #[arg(long, default_value_t = 4600)]
    port: u16,
    /// Ports of both search domains, in the document's order.
    #[arg(long, value_delimiter = ',', num_args = 1, default_values_t = [0, 0])]
    search_ports: Vec<u16>,
    /// Ports of Mattermost in both Regions, in the document's order.
    #[arg(long, value_delimiter = ',', num_args = 1, default_values_t = [0, 0])]
    mattermost_ports: Vec<u16>,
    /// A port that leads to the Region to which the public name leads.
    #[arg(long)]
    public_port: Option<u16>,
    /// A port that is bound at both addresses that the public name gives: 127.0.0.1 the first Region, 127.0.0.2 the second.
    #[arg(long)]
    address_port: Option<u16>,
    /// UDP ports of resolvers: first the two public ones, then two in each Region.
    #[arg(long, value_delimiter = ',')]
    dns_ports: Vec<u16>,
    /// The clock's file: `{"real_ms", "virtual_ms", "scale"}`; the machine's clock where none is named.
    #[arg(long)]
    clock: Option<PathBuf>,
    /// A file to which every request and answer is appended, a line of JSON each.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Where S3 is kept, `http://HOST:PORT`: node reports are put there and ledgers read from there.
    #[arg(long)]
    s3_endpoint: Option<String>,
    /// Secret of the key with which requests there are signed; the key is the account's number
    #[arg(long, default_value = "rehearsal")]
    s3_secret: String,
    /// The only token that Mattermost takes; any where none is given.
    #[arg(long)]
    token: Option<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime
        .map_err(|error| error.to_string())
        .and_then(|runtime| LocalSet::new().block_on(&runtime, run(arguments)));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mmdr-wire: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let read = |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let deployment = match &arguments.deployment {
        Some(path) => control::document(&read(path)?)?,
        None => Deployment::seed_example().map_err(|mistakes| mistakes.to_string())?,
    };
    let setup = match &arguments.setup {
        Some(path) => serde_json::from_str(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?,
        None => Setup::default(),
    };
    let clock = Clock::new(arguments.clock.clone());
    let deployment = Arc::new(deployment);
    let at_ms = clock.now();
    let beginning = Beginning { deployment: Arc::clone(&deployment), setup, seed: arguments.seed, writer: 0, at_ms };
    let world = RefCell::new(World::new(beginning, arguments.token.clone())?);
    let record = Record::open(arguments.record.as_deref())?;
    let door = Rc::new(Door { world, clock, record, addresses: RefCell::new(Value::Null) });
    let addresses = open(&door, &deployment, &arguments).await?;
    *door.addresses.borrow_mut() = addresses.clone();
    println!("{addresses}");
    if let Some(endpoint) = arguments.s3_endpoint {
        let neighbour = neighbour::Neighbour::new(&endpoint, arguments.s3_secret);
        spawn_local(neighbour::tend(Rc::clone(&door), neighbour));
    }
    door.tick().await;
    Ok(())
}

/// Opens every listener; gives where they are.
async fn open(door: &Rc<Door>, deployment: &Deployment, arguments: &Arguments) -> Result<Value, String> {
    let aws = bind(door, Port::Aws, "127.0.0.1", arguments.port).await?;
    let (mut search, mut mattermost) = (json!({}), json!({}));
    for (ix, setup) in deployment.regions.iter().enumerate() {
        let port = |ports: &[u16]| ports.get(ix).copied().unwrap_or(0);
        let name = setup.name.as_str();
        let at = bind(door, Port::Search(ix), "127.0.0.1", port(&arguments.search_ports)).await?;
        put(&mut search, name, at);
        let at = bind(door, Port::Mattermost(ix), "127.0.0.1", port(&arguments.mattermost_ports)).await?;
        put(&mut mattermost, name, at);
    }
    let public = match arguments.public_port {
        Some(port) => Some(bind(door, Port::PublicName, "127.0.0.1", port).await?),
        None => None,
    };
    if let Some(port) = arguments.address_port {
        bind(door, Port::Mattermost(0), "127.0.0.1", port).await?;
        bind(door, Port::Mattermost(1), "127.0.0.2", port).await?;
    }
    let mut resolvers = Vec::new();
    for (port, resolver) in arguments.dns_ports.iter().zip(name_server::RESOLVERS) {
        let socket =
            UdpSocket::bind(("127.0.0.1", *port)).await.map_err(|error| format!("UDP port {port}: {error}"))?;
        resolvers.push(socket.local_addr().map_err(|error| error.to_string())?.to_string());
        spawn_local(name_server::answer(Rc::clone(door), socket, resolver));
    }
    Ok(json!({ "aws": aws, "search": search, "mattermost": mattermost, "public": public, "resolvers": resolvers }))
}

fn put(to: &mut Value, name: &str, address: String) {
    if let Some(fields) = to.as_object_mut() {
        fields.insert(name.to_owned(), json!(address));
    }
}

async fn bind(door: &Rc<Door>, port: Port, host: &str, number: u16) -> Result<String, String> {
    let listener = TcpListener::bind((host, number)).await.map_err(|error| format!("port {number}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    spawn_local(listen(Rc::clone(door), port, listener));
    Ok(format!("http://{address}"))
}
