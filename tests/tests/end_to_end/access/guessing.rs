//! Wrong passwords by the thousand, from many addresses: others are served, and nothing piles up.

use std::net::Ipv4Addr;

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use futures_util::stream;
use tokio::net::{TcpSocket, TcpStream};
use tokio_postgres::{Client, Config, NoTls};

use super::{SCRAM, Site};

/// Addresses of this machine that guess, and how often each does: less than what makes the broker
/// turn it away at once, so that every password is really looked at.
const ADDRESSES: u32 = 400;
const GUESSES: u32 = 5;
const AT_A_TIME: usize = 16;

/// What the broker may remember of all of them, in KiB: some hundred bytes of an address, and what
/// the allocator keeps of sixteen sessions.
const GROWTH: u64 = 16 * 1024;

/// Any address of the loopback network may be a client's.
async fn connection(from: Ipv4Addr, port: u16) -> Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    Ok(socket.connect(([127, 0, 0, 1], port).into()).await?)
}

async fn login(
    from: Ipv4Addr,
    port: u16,
    password: &str,
) -> Result<Result<Client, tokio_postgres::Error>> {
    let stream = connection(from, port).await?;
    let mut config = Config::new();
    config.user("ann").password(password).dbname("USER");
    Ok(config
        .connect_raw(stream, NoTls)
        .await
        .map(|(client, rest)| {
            tokio::spawn(rest);
            client
        }))
}

async fn guess(number: u32, port: u16) -> Result<()> {
    let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number % ADDRESSES);
    let refused = login(from, port, &format!("guess {number}")).await?;
    let error = refused.err().context("a guess was right")?;
    let code = error.code().with_context(|| format!("{error:?}"))?;
    ensure!(code.code() == "28P01", "{error:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_wrong_passwords_disturb_nobody() -> Result<()> {
    let served = Site::new()?.user("ann", "secret")?.serve(SCRAM)?;
    let port = served.broker.port();
    let inside = login(Ipv4Addr::LOCALHOST, port, "secret").await??;
    // What sixteen sessions at a time cost is no growth.
    let all = |numbers: std::ops::Range<u32>| {
        stream::iter(numbers)
            .map(|number| tokio::spawn(guess(number, port)))
            .buffer_unordered(AT_A_TIME)
            .for_each(async |outcome| outcome.expect("no panic").expect("a refusal"))
    };
    all(0..ADDRESSES / 4).await;
    let before = served.broker.resident_memory()?;
    let guessing = all(ADDRESSES / 4..ADDRESSES * GUESSES);
    let others = async {
        for _ in 0..20 {
            inside.simple_query("SELECT 1").await?;
            let other = login(Ipv4Addr::new(127, 0, 0, 2), port, "secret").await??;
            other.simple_query("SELECT 1").await?;
        }
        anyhow::Ok(())
    };
    let ((), served_others) = tokio::join!(guessing, others);
    served_others?;
    let after = served.broker.resident_memory()?;
    ensure!(after < before + GROWTH, "from {before} to {after} KiB");
    inside.simple_query("SELECT 1").await?;
    Ok(())
}
