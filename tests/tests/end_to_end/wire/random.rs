//! Sessions by chance, played against the broker and a real PostgreSQL: the same frames must come.
//!
//! They are the same in every run. `PGIRIS_SESSIONS=SEED` tries others, `PGIRIS_SESSIONS=SEED:COUNT` so many of
//! them; what differs is made smaller before it is shown.

mod grammar;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Postgres, WireClient};
use rand::SeedableRng;
use rand::rngs::StdRng;

/// How many sessions there are, and what chance begins with.
const COUNT: usize = 500;
const SEED: u64 = 1;

/// So many that differ are made smaller and shown.
const SHOWN: usize = 10;

/// Messages that are sent together; a Sync or a Query is the last of them.
type Round = Vec<String>;

/// What a session finds.
const BEFORE: &str =
    "DELETE FROM chance; INSERT INTO chance (a, b) VALUES (1, 'one'), (2, 'two'), (3, NULL)";

#[test]
fn sessions_by_chance_are_answered_as_postgresql_answers_them() -> Result<()> {
    let (seed, count) = wanted()?;
    let (postgres, broker) = (Postgres::start()?, Broker::start()?);
    let pair = Pair {
        judge: (postgres.port(), "postgres"),
        broker: (broker.port(), "USER"),
    };
    for server in [pair.judge, pair.broker] {
        let table = "Query \"CREATE TABLE chance (a int PRIMARY KEY, b text)\"";
        played(server, &[vec![table.to_owned()]])?;
    }
    let mut failures = Vec::new();
    for number in 0..count {
        let mut random = StdRng::seed_from_u64(seed.wrapping_add(number as u64));
        let session = grammar::session(&mut random);
        if let Some(answers) = pair.differ(&session)? {
            failures.push(pair.least(session, answers)?);
            if failures.len() == SHOWN {
                break;
            }
        }
    }
    ensure!(
        failures.is_empty(),
        "{} sessions are not answered the same:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    Ok(())
}

/// The seed and the count that the environment asks for.
fn wanted() -> Result<(u64, usize)> {
    let Ok(wanted) = std::env::var("PGIRIS_SESSIONS") else {
        return Ok((SEED, COUNT));
    };
    let (seed, count) = wanted.split_once(':').unwrap_or((&wanted, ""));
    let count = match count {
        "" => COUNT,
        count => count.parse().context("PGIRIS_SESSIONS=SEED:COUNT")?,
    };
    Ok((seed.parse().context("PGIRIS_SESSIONS=SEED")?, count))
}

/// Port and database.
type Server = (u16, &'static str);

/// The two that are compared.
struct Pair {
    judge: Server,
    broker: Server,
}

impl Pair {
    fn answers(&self, session: &[Round]) -> Result<[Vec<String>; 2]> {
        Ok([
            played(self.judge, session).context("PostgreSQL")?,
            played(self.broker, session).with_context(|| format!("the broker: {session:#?}"))?,
        ])
    }

    /// What came, if that differs.
    fn differ(&self, session: &[Round]) -> Result<Option<[Vec<String>; 2]>> {
        if session.iter().any(|round| looks_back(round)) {
            return Ok(None);
        }
        let answers = self.answers(session)?;
        Ok((answers[0] != answers[1]).then_some(answers))
    }

    /// The session without what the difference does not need, and what came.
    fn least(&self, mut session: Vec<Round>, mut answers: [Vec<String>; 2]) -> Result<String> {
        let same = answers[0].iter().zip(&answers[1]);
        let same = same.take_while(|(expected, came)| expected == came);
        let rounds = same.filter(|(frame, _)| is_end(frame)).count();
        if let Some(found) = self.differ(session.get(..=rounds).unwrap_or_default())? {
            session.truncate(rounds + 1);
            answers = found;
        }
        let mut at = session.len();
        while at > 0 {
            at -= 1;
            let mut smaller = session.clone();
            smaller.remove(at);
            if let Some(found) = self.differ(&smaller)? {
                (session, answers) = (smaller, found);
                continue;
            }
            // What ends a round stays.
            let mut message = session[at].len();
            while message > 1 {
                message -= 1;
                let mut smaller = session.clone();
                smaller[at].remove(message - 1);
                if let Some(found) = self.differ(&smaller)? {
                    (session, answers) = (smaller, found);
                }
            }
        }
        Ok(shown(&session, &answers))
    }
}

fn shown(session: &[Round], [expected, came]: &[Vec<String>; 2]) -> String {
    let mut lines = Vec::new();
    for message in session.iter().flatten() {
        lines.push(format!("> {message}"));
    }
    for (name, frames) in [("PostgreSQL", expected), ("the broker", came)] {
        lines.push(format!("{name}:"));
        lines.extend(frames.iter().map(|frame| format!("< {frame}")));
    }
    lines.join("\n")
}

/// Whether it uses the unnamed portal before it binds one: in PostgreSQL that of a Query message
/// which failed in a transaction block is seen then.
fn looks_back(round: &[String]) -> bool {
    let uses = |message: &String| {
        message.starts_with("Describe P \"\"") || message.starts_with("Execute \"\"")
    };
    let binds = |message: &String| message.starts_with("Bind \"\"");
    let first = round.iter().position(uses);
    first.is_some_and(|first| !round[..first].iter().any(binds))
}

fn is_end(frame: &str) -> bool {
    frame.starts_with("ReadyForQuery")
}

/// What comes, round by round, up to the end of the connection.
fn played((port, database): Server, session: &[Round]) -> Result<Vec<String>> {
    let mut client = WireClient::ready(port, database)?;
    let mut frames = Vec::new();
    let before = vec![format!("Query \"{BEFORE}\"")];
    // A table is made before there is anything in it.
    let makes = session
        .iter()
        .flatten()
        .any(|message| message.contains("CREATE TABLE"));
    if !makes {
        play(&mut client, &before)?;
    }
    for round in session {
        frames.extend(play(&mut client, round)?);
    }
    play(&mut client, &["Query \"ROLLBACK\"".to_owned()])?;
    client.say("Terminate")?;
    ensure!(
        client.receive()?.is_none(),
        "something comes behind Terminate"
    );
    Ok(frames)
}

/// What comes, up to the last ReadyForQuery.
fn play(client: &mut WireClient, round: &[String]) -> Result<Vec<String>> {
    let mut ends = 0;
    for message in round {
        client.say(message)?;
        ends += usize::from(message == "Sync" || message.starts_with("Query"));
    }
    let mut frames = Vec::new();
    while ends > 0 {
        let frame = client.receive()?.context("the connection was closed")?;
        // They say where a value was set, not when.
        if frame.tag != b'N' {
            frames.push(frame.to_string());
        }
        ends -= usize::from(frame.tag == b'Z');
    }
    Ok(frames)
}
