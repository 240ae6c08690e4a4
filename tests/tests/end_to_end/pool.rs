//! Clients that share connections to the database.

mod cancels;
mod departed;
mod faults;
mod hangs;
mod losses;
mod sharing;
mod site;
mod soak;
mod state;
mod thousand;
mod upgrade;
mod waiting;
