//! Two Regions, simulated: the same steps and the same state machine definitions under virtual time.
//!
//! `sim` holds everything; `driver` lets executions, functions and the model take turns on one agenda; `door` is the
//! ports as the model answers them; `judges` watch; `scenario` and `rehearsal` make a story of it.

pub mod alarms;
pub mod door;
pub mod driver;
pub mod faults;
pub mod judges;
pub mod model;
pub mod network;
pub mod news;
pub mod peace;
pub mod random;
pub mod rehearsal;
pub mod saboteurs;
pub mod scenario;
pub mod sim;
pub mod story;
pub mod timers;
