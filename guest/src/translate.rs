//! From a text to the plans of its statements.

use crate::classify::classify;
use crate::copies::Copies;
use crate::diagnostic::Diagnosed;
use crate::placeholder;
use crate::printer;
use crate::reader::lexer::lex;
use crate::reader::parse::{Reading, parse};
use crate::reader::statement::{Source, split};
use crate::rule::{Pass, Scene};
use crate::rules;
use crate::version::Version;
use crate::wit::{Applied, Diagnostic, Forward, Plan, Protocol, Request, Tracing, Translation};

/// One plan for each statement of the text, in order.
///
/// # Errors
/// A text that cannot be cut into statements, or that has several of them where
/// the protocol allows one.
pub fn translate(version: &dyn Version, request: &Request) -> Result<Vec<Translation>, Diagnostic> {
    let tokens = lex(&request.text)?;
    let statements = split(&tokens);
    if statements.is_empty() {
        return Ok(vec![Translation {
            plan: Plan::Empty,
            notices: Vec::new(),
            applied: Vec::new(),
        }]);
    }
    if statements.len() > 1 && request.protocol == Protocol::Extended {
        return Err(Diagnostic::error(
            "42601",
            "cannot insert multiple commands into a prepared statement",
        ));
    }
    let scene = Scene {
        version,
        context: &request.context,
    };
    Ok(statements
        .iter()
        .map(|source| {
            let mut applied = Vec::new();
            let (plan, notices) = plan(source, scene, request, &mut applied)
                .unwrap_or_else(|refusal| (Plan::Refuse(refusal), Vec::new()));
            Translation {
                plan,
                notices,
                applied,
            }
        })
        .collect())
}

type Planned = (Plan, Vec<Diagnostic>);

fn plan(
    source: &Source<'_>,
    scene: Scene<'_>,
    request: &Request,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Planned> {
    for rule in rules::ALL {
        let claim = rule.claim(source, &scene);
        if !matches!(claim, Ok(None)) {
            applied.push(Applied {
                rule: rule.name().to_owned(),
                after: None,
            });
        }
        if let Some(claim) = claim? {
            return Ok((claim.plan, claim.notices));
        }
    }
    let (tag, effect) = classify(source);
    let mut parameters = request.parameter_types.clone();
    parameters.resize(parameters.len().max(source.parameter_count()), 0);
    let mut pass = Pass {
        scene,
        text: source.text,
        parameters,
        columns: Vec::new(),
        notices: Vec::new(),
        copies: Copies::new(),
        suffix: String::new(),
        plan: None,
    };
    let (statement, verbatim) = match parse(source)? {
        Reading::Unreadable => (printer::as_written(source), true),
        Reading::Tree(mut tree, marks) => {
            let before = applied.len();
            for rule in rules::ALL.iter().filter(|rule| rule.concerns(marks)) {
                let outcome = rule.rewrite(&mut tree, &mut pass);
                if !matches!(outcome, Ok(false)) {
                    let traced = matches!(outcome, Ok(true))
                        && request.tracing == Tracing::Rules
                        && pass.plan.is_none();
                    let after = traced.then(|| {
                        placeholder::readable(&printer::printed(&tree, &pass.suffix, source))
                    });
                    applied.push(Applied {
                        rule: rule.name().to_owned(),
                        after,
                    });
                }
                outcome?;
                if let Some(plan) = pass.plan.take() {
                    return Ok((plan, pass.notices));
                }
            }
            let changed = applied.len() > before;
            (
                if changed {
                    printer::printed(&tree, &pass.suffix, source)
                } else {
                    printer::as_written(source)
                },
                false,
            )
        }
    };
    let Pass {
        parameters,
        columns,
        notices,
        ..
    } = pass;
    Ok((
        Plan::Forward(Forward {
            statement,
            parameters,
            columns,
            tag,
            effect,
            verbatim,
        }),
        notices,
    ))
}
