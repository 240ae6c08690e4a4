use super::*;
use crate::rules::wit_plan::{Access, Isolation, TransactionMode};

/// Takes steps written as letters: b begin, c commit, r rollback, s/t savepoint
/// "s"/"t", S/T rollback to, x/y release, ! an error. Gives the status after
/// each and what IRIS was told.
fn play(script: &str) -> String {
    let mut state = Transaction::default();
    let mut seen = Vec::new();
    for letter in script.chars() {
        if letter == '!' {
            state = state.after_error();
            seen.push(format!("!{}", state.status().indicator() as char));
            continue;
        }
        let step = match letter {
            'b' => TransactionStep::Begin(TransactionMode {
                isolation: Isolation::ReadCommitted,
                access: Access::ReadWrite,
            }),
            'c' => TransactionStep::Commit(false),
            'r' => TransactionStep::Rollback(false),
            's' | 't' => TransactionStep::Savepoint(letter.into()),
            'S' | 'T' => TransactionStep::RollbackTo(letter.to_lowercase().collect()),
            'x' => TransactionStep::Release("s".into()),
            'y' => TransactionStep::Release("t".into()),
            other => panic!("no step {other}"),
        };
        seen.push(match state.decide(&step) {
            Ok(decision) => {
                state = decision.after;
                let told = match decision.run {
                    Run::Nothing => String::new(),
                    Run::Rollback => "rollback".into(),
                    Run::Plan { identifier } => format!("plan{identifier}"),
                };
                let warned = if decision.warning.is_some() { "?" } else { "" };
                format!(
                    "{letter}{warned}{told}:{}",
                    state.status().indicator() as char
                )
            }
            Err(refusal) => format!("{letter}{}", refusal.sqlstate),
        });
    }
    seen.join(" ")
}

#[test]
fn a_block_opens_and_ends() {
    assert_eq!(play("bc"), "bplan:T cplan:I");
    assert_eq!(play("br"), "bplan:T rplan:I");
    assert_eq!(play("bbc"), "bplan:T b?:T cplan:I");
    assert_eq!(play("cr"), "c?:I r?:I");
}

#[test]
fn an_error_spoils_the_block_until_it_is_rolled_back() {
    assert_eq!(play("!"), "!I");
    assert_eq!(play("b!bsc"), "bplan:T !E b25P02 s25P02 crollback:I");
    assert_eq!(play("b!r"), "bplan:T !E rplan:I");
}

#[test]
fn rolling_back_to_a_savepoint_heals_and_keeps_it() {
    assert_eq!(
        play("bs!SS"),
        "bplan:T splanpgiris_1:T !E Splanpgiris_1:T Splanpgiris_1:T"
    );
    assert_eq!(
        play("bstST"),
        "bplan:T splanpgiris_1:T tplanpgiris_2:T Splanpgiris_1:T T3B001"
    );
}

#[test]
fn equal_names_shadow_and_come_back_when_released() {
    assert_eq!(
        play("bssSxS"),
        "bplan:T splanpgiris_1:T splanpgiris_2:T Splanpgiris_2:T xplanpgiris_2:T Splanpgiris_1:T"
    );
}

#[test]
fn savepoints_need_a_block() {
    assert_eq!(play("sSx"), "s25P01 S25P01 x25P01");
    assert_eq!(
        play("bsxS"),
        "bplan:T splanpgiris_1:T xplanpgiris_1:T S3B001"
    );
}

#[test]
fn a_query_settles_the_modes() {
    let mut open = Transaction::chained();
    let sqlstate = |transaction: &Transaction, mode: &str, before: &str, after: &str| {
        let refused = transaction.may_set(mode, before, after).err();
        refused.map(|refusal| refusal.sqlstate.to_string())
    };
    let late = Some("25001".to_owned());
    assert_eq!(sqlstate(&open, "transaction_read_only", "on", "off"), None);
    open.note_query();
    assert_eq!(sqlstate(&open, "transaction_read_only", "off", "on"), None);
    assert_eq!(sqlstate(&open, "transaction_read_only", "on", "off"), late);
    assert_eq!(
        sqlstate(&open, "transaction_deferrable", "off", "off"),
        late
    );
    let isolation = "transaction_isolation";
    assert_eq!(
        sqlstate(&open, isolation, "read committed", "read committed"),
        None
    );
    assert_eq!(
        sqlstate(&open, isolation, "read committed", "read uncommitted"),
        late
    );
    let mut outside = Transaction::default();
    outside.note_query();
    assert_eq!(outside, Transaction::default());
}
