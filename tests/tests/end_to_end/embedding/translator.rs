//! Translation alone, without a runtime and without a server.

use anyhow::{Context, Result, bail, ensure};
use pgiris::rules::wit::IrisVersion;
use pgiris::rules::wit_plan::Argument;
use pgiris::rules::{Client, Forward, Plan, Rows, Translation, Translator, Turn};
use pgiris::upstream::{UpstreamColumn, UpstreamError, UpstreamType};
use pgiris_tests::{rules_directory, rules_file};

fn translator(version: &str) -> Result<Translator> {
    Ok(Translator::open(&rules_file(&format!("iris-{version}"))?)?)
}

fn forward(translation: &Translation) -> Result<&Forward> {
    match &translation.plan {
        Plan::Forward(forward) => Ok(forward),
        other => bail!("{other:?}"),
    }
}

/// A table `t` of two columns, one of which keeps documents.
fn tables(asked: &str) -> Rows {
    let _ = asked;
    Rows::default()
}

#[test]
fn statements_come_out_as_iris_has_them() -> Result<()> {
    let translator = translator("2024.1")?;
    let client = Client::new("_SYSTEM", "USER");
    let text = "SELECT name AS who FROM city WHERE id = $2 AND pop > $1 ORDER BY id LIMIT 3";
    let turn = translator.parse(&client, text, &[23, 0])?;
    let Turn::Asks(question) = turn else {
        bail!("nothing is asked of the table: {turn:?}");
    };
    ensure!(
        question
            .queries()
            .iter()
            .any(|query| query.text.contains("INFORMATION_SCHEMA"))
    );
    let mut asked = Vec::new();
    let translation = question.answer_with(|query| {
        asked.push(query.text.clone());
        tables(&query.text)
    })?;
    ensure!(!asked.is_empty());
    let plan = forward(&translation)?;
    let numbered = plan.statement.numbered();
    ensure!(
        numbered.text.contains("TOP 3") && !numbered.text.contains("LIMIT"),
        "{numbered:?}"
    );
    // IRIS's first placeholder is the client's second parameter.
    let order: Vec<_> = numbered
        .firsts
        .iter()
        .map(|first| &plan.arguments[*first])
        .collect();
    ensure!(
        order == [&Argument::Parameter(2), &Argument::Parameter(1)],
        "{order:?}"
    );
    ensure!(plan.statement.with_question_marks().matches('?').count() == 2);

    let described = vec![UpstreamColumn {
        label: "WHO".to_owned(),
        upstream_type: UpstreamType::Iris {
            code: 12,
            precision: 20,
            scale: 0,
        },
    }];
    let columns = translator.columns(&plan.columns, described)?;
    let [column] = &columns[..] else {
        bail!("{columns:?}")
    };
    ensure!(
        column.label == "who" && column.type_oid == 1043 && !column.is_computed,
        "{column:?}"
    );
    Ok(())
}

#[test]
fn texts_have_several_statements_and_refusals_say_why() -> Result<()> {
    let translator = translator("2025.1")?;
    let client = Client::new("_SYSTEM", "USER");
    let turns = translator.query(&client, "BEGIN; LISTEN x; COMMIT")?;
    let plans: Vec<_> = turns
        .iter()
        .map(|turn| match turn {
            Turn::Ready(translation) => translation.plan.name(),
            Turn::Asks(_) => "asks",
        })
        .collect();
    ensure!(
        plans == ["transaction", "refuse", "transaction"],
        "{plans:?}"
    );
    let refused = translator.parse(&client, "SELECT 1; SELECT 2", &[]).err();
    ensure!(refused.context("two statements")?.sqlstate == "42601");
    let broken = translator.query(&client, "SELECT 'open").err();
    ensure!(broken.context("it ends nowhere")?.sqlstate == "42601");
    Ok(())
}

#[test]
fn rules_go_by_the_version_and_by_settings() -> Result<()> {
    let old = Translator::open(&rules_directory()?)?.for_iris(IrisVersion {
        year: 2024,
        release: 1,
    });
    ensure!(old.generation().name() == "iris-2024.1");
    ensure!(old.version_query().contains("ZVERSION"));
    let told = old.read_version("IRIS for UNIX (Ubuntu Server LTS for x86-64 Containers) 2025.1 (Build 223U) Tue Mar 11 2025");
    let told = told.context("a version")?;
    ensure!((told.year, told.release) == (2025, 1));
    let mut client = Client::new("ann", "USER");
    let schema = |client: &Client| -> Result<String> {
        let turn = old.query(client, "SELECT a FROM t")?.remove(0);
        match turn {
            Turn::Asks(question) => Ok(question.queries()[0].text.clone()),
            Turn::Ready(translation) => bail!("{translation:?}"),
        }
    };
    let before = schema(&client)?;
    client.set("search_path", "shop");
    let after = schema(&client)?;
    ensure!(
        before != after && after.contains("'SHOP'"),
        "{before} {after}"
    );

    let error = UpstreamError::refused(-30, "Table or view not found");
    let told = old.error(&error, Some(("SELECT a FROM nowhere", 0)));
    ensure!(told.sqlstate == "42P01", "{told:?}");
    Ok(())
}

#[test]
fn rules_that_ask_on_and_on_are_given_up() -> Result<()> {
    let translator = translator("2025.1")?;
    let client = Client::new("ann", "USER");
    let turn = translator
        .query(&client, "CREATE TEMPORARY TABLE x (a int)")?
        .remove(0);
    let Turn::Asks(mut question) = turn else {
        bail!("{turn:?}")
    };
    ensure!(question.makes_temporary());
    // The schema that it needs is never named.
    for _ in 0..100 {
        match question.answer(Vec::new()) {
            Ok(Turn::Asks(again)) => question = again,
            Ok(Turn::Ready(translation)) => bail!("{translation:?}"),
            Err(refusal) => {
                ensure!(refusal.sqlstate == "XX000");
                return Ok(());
            }
        }
    }
    bail!("they still ask")
}
