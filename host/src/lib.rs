//! A broker that lets PostgreSQL clients use InterSystems IRIS.

pub mod upstream;
pub mod value;
