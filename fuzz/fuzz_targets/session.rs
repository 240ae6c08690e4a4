//! A broker in this process, and clients that send any messages; see `pgiris_tests::attack`.

#![no_main]

use std::sync::{Arc, OnceLock};

use pgiris::rules::{Engine, Library};
use pgiris::{Broker, Config, upstream};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// libFuzzer calls the target as a function: the broker outlives the calls here.
static BROKER: OnceLock<(Runtime, u16)> = OnceLock::new();

fn start() -> (Runtime, u16) {
    let runtime = Runtime::new().expect("threads can be had");
    let port = runtime.block_on(async {
        let mut config = Config::default();
        let compiled = pgiris_tests::compiled_rules().expect("it lies in the target directory");
        config.rules.compilation_cache = Some(compiled);
        let rules = pgiris_tests::rules_file("iris-2025.1").expect("the rules are built");
        let engine = Engine::new(config.rules.clone()).expect("the engine starts");
        let library = Library::open(&engine, &rules).expect("the rules are sound");
        let connector = upstream::connector("sandbox:?iris=2025.1").expect("it is built in");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let broker = Broker::new(config, Arc::new(library), connector);
        tokio::spawn(broker.run(listener, std::future::pending()));
        port
    });
    (runtime, port)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (_, port) = BROKER.get_or_init(start);
    pgiris_tests::attack(*port, data).expect("the broker goes on");
});
