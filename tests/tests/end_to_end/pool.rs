//! Clients that share connections to the database.

mod cancels;
mod faults;
mod losses;
mod sharing;
mod site;
mod soak;
mod state;
mod upgrade;
mod waiting;
