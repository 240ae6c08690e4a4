//! Clients that share connections to the database.

mod cancels;
mod faults;
mod losses;
mod sharing;
mod site;
mod state;
mod upgrade;
mod waiting;
