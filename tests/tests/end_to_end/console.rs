//! The admin console: a database of the broker's own.

mod commands;
mod doors;
mod entry;
mod scripted;
mod site;
mod views;
