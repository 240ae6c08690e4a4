//! The queries that psql asks for its backslash commands.

use std::process::Command;

use anyhow::Result;
use pgiris_tests::Postgres;

use crate::Question;

/// The commands.
#[rustfmt::skip]
const COMMANDS: &[&str] = &[
    "\\d", "\\d+", "\\d customer", "\\d+ customer", "\\d sales.\"Order\"", "\\d+ sales.line", "\\d node",
    "\\d+ active_customer", "\\d customer_name", "\\d counter", "\\d sales.*",
    "\\dt", "\\dt+", "\\dt *.*", "\\dt sales.*", "\\di", "\\di+", "\\dv", "\\dv+", "\\ds", "\\ds+",
    "\\dm", "\\dE", "\\dn", "\\dn+", "\\df", "\\df+ pg_catalog.length", "\\df pg_catalog.a*", "\\da pg_catalog.m*",
    "\\dT", "\\dT+", "\\dT pg_catalog.int*", "\\du", "\\du+", "\\dg", "\\dp", "\\dp sales.*", "\\z customer",
    "\\l", "\\l+", "\\dx", "\\dx+", "\\db", "\\db+", "\\dc", "\\dC", "\\dC int*", "\\dd", "\\dD", "\\ddp",
    "\\des", "\\deu", "\\dew", "\\det", "\\dF", "\\dFd", "\\dFp", "\\dFt", "\\dL", "\\dL+", "\\do pg_catalog.=",
    "\\dO", "\\dO pg_catalog.*", "\\dP", "\\drds", "\\dRp", "\\dRs", "\\dX", "\\dy", "\\dA", "\\dA+",
    "\\dAc", "\\dAf", "\\dAo btree integer_ops", "\\dAp btree integer_ops", "\\sf length", "\\sv active_customer",
    "\\dconfig", "\\dconfig work*",
];

/// What psql asks, as it shows it itself.
pub(crate) fn questions(postgres: &Postgres) -> Result<Vec<Question>> {
    let mut questions: Vec<Question> = Vec::new();
    for command in COMMANDS {
        let output = Command::new("psql")
            .args(["-X", "-E", "-c", command, &postgres.url()])
            .output()?;
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        for part in shown.split("********* QUERY **********\n").skip(1) {
            let text = part
                .split("\n**************************")
                .next()
                .unwrap_or(part);
            let text = text.trim().trim_end_matches(';').to_owned();
            if !questions.iter().any(|question| question.text == text) {
                questions.push(Question {
                    origin: format!("psql {command}"),
                    text,
                });
            }
        }
    }
    Ok(questions)
}
