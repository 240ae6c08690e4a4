//! A broker inside of another program: `cargo run --example embedded_broker -- RULES`.

use std::error::Error;
use std::sync::Arc;

use pgiris::rules::{Engine, Library};
use pgiris::{Broker, Config, upstream};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rules = std::env::args_os().nth(1).ok_or("which rules?")?;
    let mut config = Config::default();
    config.client.connections = 100;
    let engine = Engine::new(config.rules.clone())?;
    let library = Arc::new(Library::open(&engine, rules.as_ref())?);
    // Rules that are exchanged in the file are used from the next statement on.
    tokio::spawn(Arc::clone(&library).watch());
    let broker = Broker::builder()
        .config(config)
        .rules(library)
        .upstream(upstream::connector("sandbox:")?)
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    Ok(broker.run(listener, interrupted).await?)
}
