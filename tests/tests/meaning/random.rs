//! Statements by chance, carried out by the broker and by a real PostgreSQL, which must answer the same.
//!
//! They are the same in every run. `PGIRIS_RANDOM=SEED` tries others, `PGIRIS_RANDOM=SEED:COUNT` so many of
//! them; what differs is made smaller before it is shown. Counted, and no failure, are:
//! what is refused with 0A000; a division by zero that only one of both meets, because neither says in which order
//! it evaluates a condition; a numeric that is the same but for zeros at its end, because IRIS knows one scale for a
//! column where PostgreSQL knows one for each value.

mod grammar;
mod numbers;
mod query;
mod tree;
mod typed;
mod write;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use pgiris_tests::{Broker, Postgres, connect};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::answer::{Answer, Server};
use crate::verdict::{Care, Verdict, compared};
use grammar::Grammar;
use tree::Tree;

/// What both servers have before the first statement; `t` and `u` of [`grammar`].
const TABLES: &[&str] = &[
    "CREATE TABLE t (id int PRIMARY KEY, n int, b bigint, x numeric(10,2), f float8, s varchar(20), tx text, \
     d date, ts timestamp, bo boolean)",
    "CREATE TABLE u (id int PRIMARY KEY, tid int, name text, q int)",
    "INSERT INTO t VALUES \
     (1,10,10000000000,1.50,0.5,'abc','Hello','2024-01-31','2024-01-31 10:20:30',true), \
     (2,-3,-5,-2.25,-1.25,'ABC','hello','2023-12-01','2023-12-01 00:00:00',false), \
     (3,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL), \
     (4,0,0,0.00,0,'','','2024-02-29','2024-02-29 23:59:59',true), \
     (5,7,7,100.10,3.5,'a b','x%y','2024-01-31','2024-01-31 10:20:30',false), \
     (6,10,42,1.50,2,'10','9','2000-01-01','2000-01-01 12:00:00',NULL), \
     (7,123,1,99999.99,1e3,'zz','Zürich','1999-12-31','1999-12-31 08:00:00',true)",
    "INSERT INTO u VALUES (1,1,'one',5),(2,1,'two',NULL),(3,2,'three',7),(4,NULL,'four',1),(5,5,'five',5),(6,9,'nine',9)",
];

/// How many statements there are for each version, and what chance begins with.
const COUNT: usize = 300;
const SEED: u64 = 1;

/// So many trials make a statement smaller, and so many statements are made so.
const TRIALS: usize = 200;
const SHOWN: usize = 25;

#[tokio::test]
async fn statements_by_chance_mean_what_they_mean_in_postgresql() -> Result<()> {
    let (seed, count) = wanted()?;
    let postgres = Postgres::start()?;
    let mut tally = BTreeMap::new();
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for (number, version) in (0..).zip(crate::versions()?) {
        let broker = crate::broker(&version)?;
        let pair = Pair::over(&postgres, &broker, &version).await?;
        let mut grammar = Grammar {
            random: StdRng::seed_from_u64(seed + number),
            sources: Vec::new(),
        };
        for _ in 0..count {
            let form = Form::of(&mut grammar);
            let statement = form.statement(&mut grammar);
            let outcome = pair.outcome(form, &statement).await?;
            *tally.entry(outcome.name()).or_insert(0) += 1;
            if let Outcome::Refused(why) = &outcome {
                *refused.entry(why.clone()).or_insert(0) += 1;
            }
            if let Outcome::Different(mut why) = outcome {
                let mut least = statement;
                if failures.len() < SHOWN {
                    (least, why) = pair.least(form, least, why).await?;
                }
                failures.push(format!("IRIS {version}, {form:?}: {least}\n{why}"));
            }
        }
    }
    println!("{tally:?}");
    for (why, count) in refused {
        println!("  refused {count:4} {why}");
    }
    ensure!(
        failures.is_empty(),
        "{} statements do not mean the same:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    Ok(())
}

/// The seed and the count that the environment asks for.
fn wanted() -> Result<(u64, usize)> {
    let Ok(wanted) = std::env::var("PGIRIS_RANDOM") else {
        return Ok((SEED, COUNT));
    };
    let (seed, count) = wanted.split_once(':').unwrap_or((&wanted, ""));
    let count = match count {
        "" => COUNT,
        count => count.parse().context("PGIRIS_RANDOM=SEED:COUNT")?,
    };
    Ok((seed.parse().context("PGIRIS_RANDOM=SEED")?, count))
}

/// How a statement is carried out.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// As a text; what comes back is text.
    Query,
    /// With parameters; what comes back is binary.
    Parameters,
    /// In a transaction, with a look at the table behind it.
    Write,
}

impl Form {
    fn of(grammar: &mut Grammar) -> Self {
        match grammar.random.random_range(0..10) {
            0..5 => Self::Query,
            5..7 => Self::Parameters,
            _ => Self::Write,
        }
    }

    fn statement(self, grammar: &mut Grammar) -> Tree {
        match self {
            Self::Query | Self::Parameters => query::query(grammar),
            Self::Write => write::write(grammar),
        }
    }
}

enum Outcome {
    Same,
    SameError,
    Refused(String),
    Divided,
    /// The same but for zeros at the ends of numerics.
    Zeros,
    Different(String),
}

impl Outcome {
    fn name(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::SameError => "same error",
            Self::Refused(_) => "refused",
            Self::Divided => "divided by zero",
            Self::Zeros => "zeros",
            Self::Different(_) => "different",
        }
    }
}

/// Both servers.
struct Pair {
    oracle: Server,
    ours: Server,
}

impl Pair {
    async fn over(postgres: &Postgres, broker: &Broker, version: &str) -> Result<Self> {
        let database = format!("random_{}", version.replace('.', "_"));
        let admin = connect(postgres.port(), "postgres").await?;
        admin
            .batch_execute(&format!(
                "CREATE DATABASE {database} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
            ))
            .await?;
        let pair = Self {
            oracle: server(postgres.port(), &database).await?,
            ours: server(broker.port(), "USER").await?,
        };
        for statement in TABLES {
            for server in [&pair.oracle, &pair.ours] {
                let outcome = server.client.batch_execute(statement).await;
                outcome.with_context(|| format!("{}: {statement}", server.port))?;
            }
        }
        Ok(pair)
    }

    async fn outcome(&self, form: Form, statement: &Tree) -> Result<Outcome> {
        let mut text = statement.to_string();
        let mut answers = Vec::new();
        for server in [&self.oracle, &self.ours] {
            answers.push(match form {
                Form::Query => vec![Answer::of(server, &text).await],
                Form::Parameters => {
                    let (with, values) = statement.with_parameters();
                    text = with;
                    vec![typed::answer(server, &text, &values).await]
                }
                Form::Write => written(server, &text).await?,
            });
        }
        let [expected, found] = answers.as_slice() else {
            return Ok(Outcome::Same);
        };
        Ok(judged(expected, found, &text))
    }

    /// The smallest statement found that differs, and how.
    async fn least(&self, form: Form, statement: Tree, why: String) -> Result<(Tree, String)> {
        let mut least = (statement, why);
        let mut trials = 0;
        'smaller: loop {
            for candidate in least.0.smaller() {
                trials += 1;
                if trials > TRIALS {
                    break 'smaller;
                }
                if let Outcome::Different(why) = self.outcome(form, &candidate).await? {
                    least = (candidate, why);
                    continue 'smaller;
                }
            }
            break;
        }
        Ok(least)
    }
}

async fn server(port: u16, database: &str) -> Result<Server> {
    Ok(Server {
        client: connect(port, database).await?,
        port,
        database: database.to_owned(),
        types: None,
        names: std::sync::Mutex::default(),
    })
}

/// What a statement that writes answers, and what the table holds then; nothing stays.
async fn written(server: &Server, text: &str) -> Result<Vec<Answer>> {
    server.client.batch_execute("BEGIN").await?;
    let mut answers = vec![Answer::of(server, text).await];
    if matches!(answers.first(), Some(Answer::Rows { .. })) {
        answers.push(Answer::of(server, "SELECT * FROM t ORDER BY id").await);
    }
    server.client.batch_execute("ROLLBACK").await?;
    Ok(answers)
}

fn judged(expected: &[Answer], found: &[Answer], text: &str) -> Outcome {
    let sqlstate = |answers: &[Answer]| match answers.first() {
        Some(Answer::Error(error)) => Some(error.sqlstate.clone()),
        _ => None,
    };
    match (sqlstate(expected), sqlstate(found)) {
        (Some(there), Some(here)) if there == here => return Outcome::SameError,
        (_, Some(here)) if here == "0A000" => {
            let Some(Answer::Error(error)) = found.first() else {
                return Outcome::Same;
            };
            return Outcome::Refused(error.message.clone());
        }
        (Some(only), None) | (None, Some(only)) if only == "22012" => return Outcome::Divided,
        _ => {}
    }
    let mut outcome = Outcome::Same;
    for (expected, found) in expected.iter().zip(found) {
        if let Verdict::Wrong(why) = compared(expected, found, text, Care::Usual) {
            let [expected, found] = [expected, found].map(numbers::without_zeros);
            match compared(&expected, &found, text, Care::Usual) {
                Verdict::Same => outcome = Outcome::Zeros,
                _ => return Outcome::Different(why),
            }
        }
    }
    outcome
}
