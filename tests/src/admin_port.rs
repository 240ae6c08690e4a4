//! A client of the admin port, which speaks HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};

use crate::broker::Broker;
use crate::wait::eventually;

/// The admin port of a broker.
pub struct AdminPort {
    address: String,
}

/// What came back.
pub struct Answer {
    /// Of the first line.
    pub status: u16,
    /// Status line and headers, in small letters.
    pub head: String,
    /// All the rest.
    pub body: String,
}

impl AdminPort {
    /// Where this broker says that it is.
    ///
    /// # Errors
    /// It says nothing of one.
    pub fn of(broker: &Broker) -> Result<Self> {
        let address = eventually(|| {
            let output = broker.output();
            let line = output
                .lines()
                .find_map(|line| line.strip_prefix("admin port http://"))?;
            Some(line.trim_end_matches('/').to_owned())
        });
        Ok(Self {
            address: address.context("it names no admin port")?,
        })
    }

    /// What it answers for a path.
    ///
    /// # Errors
    /// It does not answer.
    pub fn get(&self, path: &str) -> Result<Answer> {
        self.get_as(path, "*/*")
    }

    /// The same for somebody who takes nothing but that.
    ///
    /// # Errors
    /// It does not answer.
    pub fn get_as(&self, path: &str, accept: &str) -> Result<Answer> {
        let mut stream = TcpStream::connect(&self.address)?;
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: admin\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no head")?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok(Answer {
            status,
            head: head.to_lowercase(),
            body: body.to_owned(),
        })
    }
}

/// The value of a metric in that text, whose line begins so.
pub fn metric(text: &str, line: &str) -> Option<f64> {
    let found = text.lines().find_map(|found| found.strip_prefix(line))?;
    found.trim().parse().ok()
}
