//! Sequences against the sandbox, through real rules: no stock rule gives a
//! sequence yet, so the plans are written here.

mod arrangements;
mod plans;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncWriteExt, DuplexStream};

use super::super::statement::Values;
use super::*;
use crate::broker::Shared;
use crate::cancel::Key;
use crate::config::Config;
use crate::databases::{Database, Databases};
use crate::frontend::message::Formats;
use crate::frontend::rows::rows_of;
use crate::frontend::transport::Transport;
use crate::rules::{Engine, Library, Translation, wit, wit_plan};
use crate::server::Server;

use plans::{constant, error, for_each, insert, insert_each, kept, step};

struct Fixture {
    session: Session<Transport<DuplexStream>>,
    _key: Key,
    _client: DuplexStream,
}

/// A session on a sandbox with a table.
async fn fixture() -> Fixture {
    fixture_of(Config::default()).await
}

async fn fixture_of(config: Config) -> Fixture {
    let rules = std::env::var_os("PGIRIS_RULES").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/rules"),
        PathBuf::from,
    );
    let mut limits = config.rules.clone();
    limits.compilation_cache = Some(rules.with_file_name("compiled-rules"));
    let engine = Engine::new(limits).unwrap();
    let library =
        Library::open(&engine, &rules).expect("`cargo xtask rules` has built the components");
    let connector = crate::upstream::connector("sandbox:").unwrap();
    let server = Server::new(connector, Arc::new(library), Duration::from_secs(60));
    let entrance = Arc::new(crate::access::Entrance::open_to_all());
    let databases = Databases::only(Database::new(Arc::new(server)));
    let shared = Arc::new(Shared::new(config, Arc::new(databases), entrance));
    let mut place = shared.admissions.enter(None);
    let (mut client, server) = tokio::io::duplex(1 << 20);
    client
        .write_all(b"\0\0\0\x20\0\x03\0\0user\0ann\0database\0USER\0\0")
        .await
        .unwrap();
    let (session, key) = crate::session::open(Transport::Plain(server), None, &mut place, &shared)
        .await
        .expect("the session opens");
    let mut fixture = Fixture {
        session,
        _key: key,
        _client: client,
    };
    fixture
        .query("CREATE TABLE t (k BIGINT IDENTITY, a INTEGER NOT NULL, UNIQUE (a))")
        .await;
    fixture
}

impl Fixture {
    /// Runs a Query message.
    async fn query(&mut self, text: &str) {
        self.session
            .query(&Bytes::copy_from_slice(text.as_bytes()))
            .await
            .expect(text);
        self.session.client.output.clear();
    }

    /// Carries a sequence out as a Query message would; gives what the client
    /// is sent, as text.
    async fn sequence(&mut self, steps: Vec<wit_plan::Step>) -> Result<String, String> {
        let plan = wit_plan::Plan::Sequence(wit_plan::Sequence {
            steps,
            parameters: Vec::new(),
            columns: Vec::new(),
            tag: wit_plan::Tag {
                word: "INSERT 0".into(),
                counted: true,
            },
            effect: wit_plan::Effect::Write,
            required: Vec::new(),
            temporary: Vec::new(),
        });
        let translation = wit::Translation {
            plan,
            notices: Vec::new(),
            applied: Vec::new(),
            alone: None,
            counts: None,
        };
        let translation = Translation::check(translation).map_err(str::to_owned)?;
        let session = &mut self.session;
        let outcome = async {
            let shape = session.shape(&translation, &[]).await?;
            let delivery = Delivery {
                shape: &shape,
                declared: &[],
                values: &Values::default(),
                formats: &Formats::default(),
                announce: false,
                row_limit: 0,
            };
            session.carry_out(&translation, delivery).await
        }
        .await;
        let sent = session.client.output.split().freeze();
        match outcome {
            Ok(_) => Ok(frames(&sent)),
            Err(Failure::Statement(diagnostic)) => Err(diagnostic.sqlstate.into_owned()),
            Err(failure) => panic!("{failure:?}"),
        }
    }

    async fn count(&mut self) -> String {
        let emit = step("SELECT COUNT(*) FROM t", vec![], RowUse::Emit);
        self.sequence(vec![emit]).await.expect("counting works")
    }
}

/// Messages as `D(1,2)` and `C(INSERT 0 1)`.
fn frames(sent: &Bytes) -> String {
    let mut shown = Vec::new();
    let mut rest = sent.clone();
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        let frame = rest.split_to(1 + length);
        shown.push(match frame[0] {
            b'D' => {
                let row = rows_of(&frame).unwrap().remove(0);
                let text = |value: Option<Bytes>| {
                    value.map_or("NULL".into(), |value| {
                        String::from_utf8_lossy(&value).into_owned()
                    })
                };
                format!(
                    "D({})",
                    row.into_iter().map(text).collect::<Vec<_>>().join(",")
                )
            }
            b'C' => format!("C({})", String::from_utf8_lossy(&frame[5..frame.len() - 1])),
            tag => (tag as char).to_string(),
        });
    }
    shown.join(" ")
}

#[tokio::test]
async fn later_steps_use_what_earlier_ones_kept() {
    let mut fixture = fixture().await;
    let answer = fixture
        .sequence(vec![
            insert(7),
            step("SELECT LAST_IDENTITY()", vec![], RowUse::Keep(0)),
            step(
                "SELECT a, k FROM t WHERE k = ?",
                vec![kept(0, 0)],
                RowUse::Emit,
            ),
        ])
        .await;
    assert_eq!(answer.unwrap(), "D(7,1) C(INSERT 0 1)");
}

#[tokio::test]
async fn a_failing_step_undoes_the_others() {
    let mut fixture = fixture().await;
    let clash = || vec![insert(1), insert(2), insert(1)];
    assert_eq!(fixture.sequence(clash()).await.unwrap_err(), "23505");
    assert_eq!(fixture.count().await, "D(0) C(INSERT 0 0)");

    fixture.query("BEGIN").await;
    fixture.query("INSERT INTO t (a) VALUES (9)").await;
    assert_eq!(fixture.sequence(clash()).await.unwrap_err(), "23505");
    assert_eq!(fixture.count().await, "D(1) C(INSERT 0 0)");
}

#[tokio::test]
async fn a_tolerated_error_counts_nothing() {
    let mut fixture = fixture().await;
    let again = wit_plan::Step {
        tolerated: vec![-119],
        ..insert(1)
    };
    let answer = fixture.sequence(vec![insert(1), again, insert(2)]).await;
    assert_eq!(answer.unwrap(), "C(INSERT 0 2)");
}

#[tokio::test]
async fn a_step_repeats_for_each_kept_row() {
    let mut fixture = fixture().await;
    let copy = wit_plan::Step {
        repetition: Repetition::ForEach(0),
        ..step(
            "INSERT INTO t (a) VALUES (? + 10)",
            vec![kept(0, 0)],
            RowUse::Discard,
        )
    };
    let keep = step("SELECT a FROM t ORDER BY a", vec![], RowUse::Keep(0));
    let read = step("SELECT a FROM t ORDER BY a", vec![], RowUse::Emit);
    let answer = fixture
        .sequence(vec![insert(1), insert(2), keep, copy, read])
        .await;
    assert_eq!(answer.unwrap(), "D(1) D(2) D(11) D(12) C(INSERT 0 4)");
}

#[tokio::test]
async fn steps_depend_on_what_was_kept() {
    let mut fixture = fixture().await;
    let look = || step("SELECT a FROM t", vec![], RowUse::Keep(0));
    let unless = |value| wit_plan::Step {
        repetition: Repetition::IfNone(0),
        ..insert(value)
    };
    let given = |value| wit_plan::Step {
        repetition: Repetition::IfAny(0),
        ..insert(value)
    };
    assert_eq!(
        fixture
            .sequence(vec![look(), unless(1), given(2)])
            .await
            .unwrap(),
        "C(INSERT 0 1)"
    );
    assert_eq!(
        fixture
            .sequence(vec![look(), unless(3), given(4)])
            .await
            .unwrap(),
        "C(INSERT 0 1)"
    );
    assert_eq!(fixture.count().await, "D(2) C(INSERT 0 0)");
}

#[tokio::test]
async fn a_slot_that_nobody_keeps_is_a_broken_plan() {
    let mut fixture = fixture().await;
    let steps = vec![step(
        "SELECT a FROM t WHERE a = ?",
        vec![kept(0, 0)],
        RowUse::Emit,
    )];
    assert!(fixture.sequence(steps).await.unwrap_err().contains("slot"));
}

#[tokio::test]
async fn a_step_runs_once_for_each_list_of_values() {
    let mut fixture = fixture().await;
    let constant = |value: Option<&str>| {
        Argument::Constant(wit_plan::Constant {
            type_oid: 23,
            value: value.map(str::to_owned),
        })
    };
    let inserts = |values: &[Option<&str>]| wit_plan::Step {
        repetition: Repetition::ForValues(values.iter().map(|v| vec![constant(*v)]).collect()),
        ..step(
            "INSERT INTO t (a) VALUES (?)",
            vec![constant(None)],
            RowUse::Discard,
        )
    };
    let many: Vec<String> = (0..600).map(|n| n.to_string()).collect();
    let many: Vec<Option<&str>> = many.iter().map(|n| Some(n.as_str())).collect();
    let answer = fixture.sequence(vec![inserts(&many)]).await;
    assert_eq!(answer.unwrap(), "C(INSERT 0 600)");
    // The last of them fails and takes the others with it.
    let clash = fixture.sequence(vec![inserts(&[Some("900"), Some("5")])]);
    assert_eq!(clash.await.unwrap_err(), "23505");
    assert_eq!(fixture.count().await, "D(600) C(INSERT 0 0)");
    let short = wit_plan::Step {
        repetition: Repetition::ForValues(vec![vec![]]),
        ..inserts(&[])
    };
    let refusal = fixture.sequence(vec![short]).await.unwrap_err();
    assert!(refusal.contains("as long as"), "{refusal}");
}

#[tokio::test]
async fn steps_depend_on_what_was_tolerated() {
    let mut fixture = fixture().await;
    let steps = || {
        vec![
            wit_plan::Step {
                tolerated: vec![-119],
                ..insert(1)
            },
            wit_plan::Step {
                repetition: Repetition::IfTolerated(0),
                ..step("UPDATE t SET a = 10 WHERE a = 1", vec![], RowUse::Discard)
            },
            wit_plan::Step {
                repetition: Repetition::UnlessTolerated(0),
                ..insert(2)
            },
        ]
    };
    assert_eq!(fixture.sequence(steps()).await.unwrap(), "C(INSERT 0 2)");
    assert_eq!(fixture.sequence(steps()).await.unwrap(), "C(INSERT 0 0)");
    let read = step("SELECT a FROM t ORDER BY a", vec![], RowUse::Emit);
    assert_eq!(
        fixture.sequence(vec![read]).await.unwrap(),
        "D(2) D(10) C(INSERT 0 0)"
    );
}

#[tokio::test]
async fn a_step_that_must_find_something_says_what_is_missing() {
    let mut fixture = fixture().await;
    let find = wit_plan::Step {
        if_empty: Some(error("21000")),
        ..step("UPDATE t SET a = 3 WHERE a = 2", vec![], RowUse::Discard)
    };
    let outcome = fixture.sequence(vec![insert(1), find.clone()]).await;
    assert_eq!(outcome.unwrap_err(), "21000");
    assert_eq!(fixture.count().await, "D(0) C(INSERT 0 0)");
    let outcome = fixture.sequence(vec![insert(2), find]).await;
    assert_eq!(outcome.unwrap(), "C(INSERT 0 1)");
}

#[tokio::test]
async fn a_step_behind_each_run_shows_what_it_did() {
    let mut fixture = fixture().await;
    let show = || wit_plan::Step {
        repetition: Repetition::AfterEach,
        ..step(
            "SELECT a FROM t WHERE k = LAST_IDENTITY()",
            vec![],
            RowUse::Emit,
        )
    };
    let answer = fixture.sequence(vec![insert_each(&[3, 1, 3, 2]), show()]);
    assert_eq!(answer.await.unwrap(), "D(3) D(1) D(2) C(INSERT 0 3)");
    assert_eq!(fixture.count().await, "D(3) C(INSERT 0 0)");
    let first = fixture.sequence(vec![show()]).await.unwrap_err();
    assert!(first.contains("before"), "{first}");
}

#[tokio::test]
async fn a_step_runs_for_the_values_that_were_tolerated() {
    let mut fixture = fixture().await;
    fixture.query("INSERT INTO t (a) VALUES (2)").await;
    let values = [1, 2, 3];
    let update = step(
        "UPDATE t SET a = a + 10 WHERE a = ?",
        vec![constant(0)],
        RowUse::Discard,
    );
    let update = wit_plan::Step {
        only_tolerated: Some(0),
        counted: true,
        ..for_each(&values, update)
    };
    let read = step("SELECT a FROM t ORDER BY a", vec![], RowUse::Emit);
    let answer = fixture.sequence(vec![insert_each(&values), update, read]);
    assert_eq!(answer.await.unwrap(), "D(1) D(3) D(12) C(INSERT 0 3)");
}

#[tokio::test]
async fn the_broker_chooses_among_the_rows_that_are_kept() {
    let mut fixture = fixture().await;
    let among = |array: &str| {
        let call = wit_plan::Call {
            function: wit_plan::Function::EqualsAny,
            operand_type: 23,
        };
        wit_plan::Step {
            kept_if: Some(vec![
                wit_plan::Instruction::Column(1),
                wit_plan::Instruction::Constant(Some(array.to_owned())),
                wit_plan::Instruction::Call(call),
            ]),
            ..step("SELECT k, a FROM t", vec![], RowUse::Keep(0))
        }
    };
    let show = || {
        let all = Argument::AllKept(wit_plan::KeptValue { slot: 0, column: 0 });
        let text = "SELECT a FROM t WHERE k %INLIST $LISTFROMSTRING(?, ',') ORDER BY a";
        step(text, vec![all], RowUse::Emit)
    };
    let steps = vec![insert_each(&[1, 2, 3]), among("{3,1,7}"), show()];
    let answer = fixture.sequence(steps).await;
    assert_eq!(answer.unwrap(), "D(1) D(3) C(INSERT 0 3)");
    let answer = fixture.sequence(vec![among("{}"), show()]).await;
    assert_eq!(answer.unwrap(), "C(INSERT 0 0)");
    let error = fixture
        .sequence(vec![among("x"), show()])
        .await
        .unwrap_err();
    assert_eq!(error, "22P02");
    let unsound = wit_plan::Step {
        kept_if: Some(Vec::new()),
        ..step("SELECT k FROM t", vec![], RowUse::Keep(0))
    };
    let error = fixture.sequence(vec![unsound]).await.unwrap_err();
    assert!(error.contains("one value"), "{error}");
    assert_eq!(fixture.count().await, "D(3) C(INSERT 0 0)");
}

#[tokio::test]
async fn rows_that_are_kept_must_differ() {
    let mut fixture = fixture().await;
    let find = |values: &[u32], rows| wit_plan::Step {
        if_repeated: Some(error("21000")),
        ..for_each(
            values,
            step("SELECT k FROM t WHERE a = ?", vec![constant(0)], rows),
        )
    };
    let all = [1, 2];
    let steps = vec![insert_each(&all), find(&all, RowUse::Keep(0))];
    assert_eq!(fixture.sequence(steps).await.unwrap(), "C(INSERT 0 2)");
    let steps = vec![insert_each(&[3]), find(&[3, 1, 3], RowUse::Keep(0))];
    assert_eq!(fixture.sequence(steps).await.unwrap_err(), "21000");
    assert_eq!(fixture.count().await, "D(2) C(INSERT 0 0)");
    let steps = vec![
        find(&[2, 1, 2], RowUse::KeepFirst(0)),
        wit_plan::Step {
            repetition: Repetition::ForEach(0),
            ..step(
                "SELECT k FROM t WHERE k = ?",
                vec![kept(0, 0)],
                RowUse::Emit,
            )
        },
    ];
    assert_eq!(
        fixture.sequence(steps).await.unwrap(),
        "D(2) D(1) C(INSERT 0 0)"
    );
}

#[tokio::test]
async fn all_kept_values_go_into_one_statement() {
    let mut fixture = fixture().await;
    let steps = vec![
        insert_each(&[1, 2, 3, 4]),
        step("SELECT k FROM t WHERE a > 2", vec![], RowUse::Keep(0)),
        step(
            "SELECT a FROM t WHERE k %INLIST $LISTFROMSTRING(?, ',') ORDER BY a",
            vec![Argument::AllKept(wit_plan::KeptValue {
                slot: 0,
                column: 0,
            })],
            RowUse::Emit,
        ),
    ];
    assert_eq!(
        fixture.sequence(steps).await.unwrap(),
        "D(3) D(4) C(INSERT 0 4)"
    );
}

#[tokio::test]
async fn the_current_value_of_a_sequence_is_the_session_s() {
    let mut fixture = fixture().await;
    let insert = |name: Option<&str>| {
        let value = Argument::CurrentValue(name.map(str::to_owned));
        step("INSERT INTO t (a) VALUES (?)", vec![value], RowUse::Discard)
    };
    let unknown = fixture.sequence(vec![insert(Some("s"))]).await;
    assert_eq!(unknown.unwrap_err(), "55000");
    let keep = RowUse::KeepCurrent(wit_plan::KeptCurrent {
        slot: 0,
        name: "s".into(),
    });
    let sent = fixture
        .sequence(vec![
            step("SELECT 41", vec![], keep),
            insert(Some("s")),
            step("SELECT a FROM t", vec![], RowUse::Emit),
        ])
        .await;
    assert!(sent.unwrap().contains("D(41)"));
    // An INSERT may have counted a column up since.
    let unknown = fixture.sequence(vec![insert(None)]).await;
    assert_eq!(unknown.unwrap_err(), "55000");
}
