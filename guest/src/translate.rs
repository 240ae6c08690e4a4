//! From a text to the plans of its statements.

use std::cell::LazyCell;

use sqlparser::ast::Statement as Tree;

use crate::alone;
use crate::arranged;
use crate::catalog::query::{Concern, concern};
use crate::classify::classify;
use crate::comments;
use crate::counters;
use crate::definition::{dropped_column, dropped_table, retyped};
use crate::diagnostic::Diagnosed;
use crate::inner;
use crate::look;
use crate::part::{self, Part};
use crate::placeholder;
use crate::plans;
use crate::printer;
use crate::reader::lexer::lex;
use crate::reader::marks::Marks;
use crate::reader::parse::{Reading, parse};
use crate::reader::statement::{Source, split};
use crate::refused_place;
use crate::relations::enums::enums_named_in;
use crate::relations::{
    Path, Relations, Temporary, indexes_named_in, named_in, sequences_named_in,
};
use crate::rule::{Claim, Means, Pass, Rule, Scene};
use crate::rules::column_origin::with_origins;
use crate::rules::{self, Block, Explained, identity_option, long_identifier, self_reference};
use crate::steps;
use crate::version::Version;
use crate::wit::{
    Applied, Counted, Diagnostic, Effect, Forward, Lookup, Plan, Protocol, Request, RowUse,
    Sequence, Statement, Step, Tracing, Translation,
};

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
            alone: None,
            counts: None,
        }]);
    }
    if statements.len() > 1 && request.protocol == Protocol::Extended {
        return Err(Diagnostic::error(
            "42601",
            "cannot insert multiple commands into a prepared statement",
        ));
    }
    let relations = Relations::read(&request.metadata);
    let scene = Scene {
        version,
        context: &request.context,
        relations: &relations,
        offset: request.offset,
    };
    Ok(statements
        .iter()
        .map(|source| {
            let mut applied = Vec::new();
            let (plan, notices, counts) = plan(source, scene, request, &mut applied)
                .unwrap_or_else(|refusal| {
                    let refusal = refused_place::placed(refusal, source);
                    (Plan::Refuse(refusal), Vec::new(), None)
                });
            moved(
                Translation {
                    plan,
                    notices,
                    applied,
                    alone: alone::command(source),
                    counts,
                },
                request.offset,
            )
        })
        .collect())
}

/// With positions in the client's own text, of which `offset` characters precede
/// what was translated.
fn moved(mut translation: Translation, offset: u32) -> Translation {
    let refusal = match &mut translation.plan {
        Plan::Refuse(refusal) => Some(refusal),
        _ => None,
    };
    for diagnostic in translation.notices.iter_mut().chain(refusal) {
        if let Some(position) = &mut diagnostic.position {
            *position = position.saturating_add(offset);
        }
    }
    translation
}

/// With its notices, and the counters that it makes go on.
type Planned = (Plan, Vec<Diagnostic>, Option<Counted>);

fn plan(
    source: &Source<'_>,
    scene: Scene<'_>,
    request: &Request,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Planned> {
    if let Some(block) = Block::of(source) {
        return blocked(&block, source, scene, request, applied);
    }
    if let Some(planned) = claimed(source, &scene, applied)? {
        return Ok(planned);
    }
    match explained(source, scene, request, applied)? {
        Some(planned) => Ok(planned),
        None => of_tree(source, scene, request, applied),
    }
}

/// The plan of the rule that takes the statement over by its words.
fn claimed(
    source: &Source<'_>,
    scene: &Scene<'_>,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Option<Planned>> {
    for rule in rules::ALL {
        let claim = rule.claim(source, scene);
        if !matches!(claim, Ok(None)) {
            applied.push(Applied {
                rule: rule.name().to_owned(),
                after: None,
            });
        }
        if let Some(claim) = claim? {
            return Ok(Some((claim.plan, claim.notices, None)));
        }
    }
    Ok(None)
}

/// The plan of a statement in the rules' own words, which stands for the client's.
///
/// # Errors
/// What the rules refuse.
pub(crate) fn worded(text: &str, scene: &Scene<'_>) -> Diagnosed<Claim> {
    let tokens = lex(text)?;
    let statements = split(&tokens);
    let Some(source) = statements.first() else {
        return Ok(Plan::Empty.into());
    };
    let request = Request {
        text: text.to_owned(),
        offset: scene.offset,
        metadata: Vec::new(),
        protocol: Protocol::Simple,
        parameter_types: Vec::new(),
        context: scene.context.clone(),
        tracing: Tracing::None,
    };
    let (plan, notices, _) = of_tree(source, *scene, &request, &mut Vec::new())?;
    Ok(Claim { plan, notices })
}

/// DO is a plan around that of its statement.
fn blocked(
    block: &Block,
    source: &Source<'_>,
    scene: Scene<'_>,
    request: &Request,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Planned> {
    applied.push(Applied {
        rule: "do_block".to_owned(),
        after: None,
    });
    let tokens = lex(&block.statement)?;
    let statements = split(&tokens);
    let planned = match statements.first() {
        None => Ok((Plan::Empty, Vec::new(), None)),
        Some(inner) => plan(inner, scene, request, applied),
    };
    let (inner, notices, counts) = match planned {
        Err(refusal) if block.forgives(&refusal) => (steps::nothing("DO"), Vec::new(), None),
        // Its place is one in the block.
        Err(refusal) => {
            return Err(Diagnostic {
                position: None,
                ..refusal
            });
        }
        Ok(planned) => planned,
    };
    let whole = inner::lookup(source, &scene, Vec::new(), Vec::new());
    Ok((block.plan(inner, whole)?, notices, counts))
}

/// EXPLAIN is a plan around that of its query.
fn explained(
    source: &Source<'_>,
    scene: Scene<'_>,
    request: &Request,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Option<Planned>> {
    let Some(explained) = Explained::of(source)? else {
        return Ok(None);
    };
    applied.push(Applied {
        rule: "explain".to_owned(),
        after: None,
    });
    let (query, notices, _) = of_tree(&explained.query, scene, request, applied)?;
    Ok(Some((explained.plan(query)?, notices, None)))
}

/// As the rules write a statement, or if they refuse it, as the broker makes its result of the rows.
fn of_tree(
    source: &Source<'_>,
    scene: Scene<'_>,
    request: &Request,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Planned> {
    let refusal = match written(source, scene, request, applied, Means::Rules) {
        Err(refusal) if refusal.sqlstate == "0A000" => refusal,
        outcome => return outcome,
    };
    for means in [Means::Bound, Means::Arranged] {
        let mut others = Vec::new();
        if let Ok(planned) = written(source, scene, request, &mut others, means) {
            *applied = others;
            return Ok(planned);
        }
    }
    Err(refusal)
}

fn written(
    source: &Source<'_>,
    scene: Scene<'_>,
    request: &Request,
    applied: &mut Vec<Applied>,
    means: Means,
) -> Diagnosed<Planned> {
    let (tag, effect) = classify(source);
    let mut parameters = request.parameter_types.clone();
    parameters.resize(parameters.len().max(source.parameter_count()), 0);
    let mut pass = Pass::new(scene, source.text, parameters);
    pass.means = means;
    pass.statement = source.text.get(source.range()).unwrap_or(source.text);
    let mut counters = None;
    let outcome = match parse(source)? {
        Reading::Unreadable => Outcome::Text(printer::as_written(source), true),
        Reading::Tree(tree, marks) => {
            if let Some(lookup) = lookup(source, &tree, marks, &pass) {
                return Ok((Plan::Lookup(lookup), Vec::new(), None));
            }
            if marks.has(Marks::LONG_NAME) {
                pass.notices.extend(long_identifier::notices(source));
            }
            counters = counters::of(&tree, &pass);
            rewritten(*tree, marks, source, request.tracing, &mut pass, applied)?
        }
    };
    let parameters = pass.told_parameters();
    let Pass {
        columns,
        origins,
        enums,
        notices,
        required,
        temporary,
        writes,
        afterwards,
        arguments,
        ..
    } = pass;
    let columns = with_origins(columns, &origins, &enums);
    let effect = match effect {
        Effect::Read if writes => Effect::Write,
        known => known,
    };
    let mut plan = match outcome {
        Outcome::Plan(plan) => *plan,
        Outcome::Text(statement, verbatim) if afterwards.is_empty() => Plan::Forward(Forward {
            statement,
            parameters,
            columns,
            tag,
            effect,
            verbatim,
            required,
        }),
        steps => Plan::Sequence(arranged::described(Sequence {
            steps: steps.steps(source, afterwards),
            parameters,
            columns,
            tag,
            effect,
            required,
            temporary,
        })?),
    };
    for list in plans::arguments(&mut plan) {
        placeholder::fill(list, &arguments);
    }
    let counts = counters.map(|counters| {
        counters.with_query(&plan, |query| {
            worded(query, &scene).ok().map(|claim| claim.plan)
        })
    });
    Ok((plan, notices, counts))
}

/// What the rules made of a statement.
enum Outcome {
    /// One statement for IRIS, and whether it is the client's own, not understood.
    Text(Statement, bool),
    Parts(Vec<Part>),
    Plan(Box<Plan>),
}

impl Outcome {
    /// The steps of a sequence, and what follows them.
    fn steps(self, source: &Source<'_>, afterwards: Vec<Step>) -> Vec<Step> {
        let mut steps = match self {
            Self::Parts(parts) => part::steps(parts, source),
            Self::Text(statement, _) => vec![Step {
                counted: true,
                ..steps::run(statement)
            }],
            Self::Plan(_) => Vec::new(),
        };
        steps.extend(afterwards);
        steps
    }
}

/// Lets the rules work on a tree, and on the trees that it is split into.
fn rewritten(
    tree: Tree,
    mut marks: Marks,
    source: &Source<'_>,
    tracing: Tracing,
    pass: &mut Pass<'_>,
    applied: &mut Vec<Applied>,
) -> Diagnosed<Outcome> {
    let mut parts = vec![Part::whole(tree)];
    let mut any = false;
    for rule in rules::ALL {
        if !rule.concerns(marks) {
            continue;
        }
        let outcome = apply(*rule, &mut parts, pass);
        if !matches!(outcome, Ok(false)) {
            any |= !rule.only_notes();
            let traced = outcome.is_ok() && tracing == Tracing::Rules && pass.plan.is_none();
            applied.push(Applied {
                rule: rule.name().to_owned(),
                after: traced.then(|| shown(&parts, source)),
            });
        }
        outcome?;
        marks = marks.and(std::mem::take(&mut pass.brought));
        if let Some(plan) = pass.plan.take() {
            return Ok(Outcome::Plan(Box::new(plan)));
        }
    }
    Ok(match parts.pop() {
        Some(_) if !any => Outcome::Text(printer::as_written(source), false),
        Some(only) if parts.is_empty() && !pass.is_split => {
            Outcome::Text(printer::printed(&only.tree, &only.suffix, source), false)
        }
        Some(last) => {
            parts.push(last);
            Outcome::Parts(parts)
        }
        None => Outcome::Parts(parts),
    })
}

/// Lets one rule work on every part; tells whether it changed one.
fn apply(rule: &dyn Rule, parts: &mut Vec<Part>, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    let mut changed = false;
    let mut done = Vec::with_capacity(parts.len());
    for mut part in parts.drain(..) {
        pass.times = part.repetition.clone();
        pass.shown = matches!(part.rows, RowUse::Emit);
        changed |= rule.rewrite(&mut part.tree, pass)?;
        part.suffix.push_str(&std::mem::take(&mut pass.suffix));
        match pass.split.take() {
            Some(mut split) => {
                pass.is_split = true;
                part::inherit(&part, &mut split)?;
                if let [only] = split.as_mut_slice() {
                    only.suffix.insert_str(0, &part.suffix);
                }
                done.extend(split);
            }
            None => done.push(part),
        }
        if pass.plan.is_some() {
            break;
        }
    }
    *parts = done;
    Ok(changed)
}

/// The statements as `pgiris translate` shows them.
fn shown(parts: &[Part], source: &Source<'_>) -> String {
    let texts: Vec<String> = parts
        .iter()
        .map(|part| placeholder::readable(&printer::printed(&part.tree, &part.suffix, source)))
        .collect();
    texts.join(";\n")
}

/// The question to ask before the rules can work: what is not known yet of the
/// tables, if a rule must know them.
fn lookup(source: &Source<'_>, tree: &Tree, marks: Marks, pass: &Pass<'_>) -> Option<Lookup> {
    if marks.has(Marks::CATALOG.and(Marks::SOURCE_CALL)) && concern(tree) != Concern::None {
        return None;
    }
    let path = Path::of(&pass.scene);
    // Of several schemas the first one that has the table is meant.
    let several = path.as_ref().is_some_and(|path| path.schemas().len() > 1);
    let named = LazyCell::new(|| named_in(tree, path.as_ref()));
    let mut queries = Vec::new();
    if several
        || look::reads_or_writes(tree, marks)
        || rules::ALL.iter().any(|rule| rule.needs_relations(tree))
    {
        queries = pass.relations.missing(&named);
    }
    if marks.has(Marks::DEFINITION) && comments::may_follow(tree) {
        queries.extend(pass.relations.missing_commented());
    }
    if matches!(tree, Tree::Truncate(_)) {
        queries.extend(pass.relations.missing_references());
    }
    if rules::is_of_one_kind(tree) {
        queries.extend(pass.relations.missing_kinds(&named));
    }
    if self_reference::may_matter(tree) {
        queries.extend(pass.relations.missing_itself(&named));
    }
    if dropped_column::is_in(tree) || dropped_table::is_in(tree) || retyped::is_in(tree) {
        queries.extend(pass.relations.missing_dependents(&named));
    }
    if identity_option::may_own(tree) {
        queries.extend(pass.relations.missing_owned(&named));
    }
    if marks.has(Marks::DEFINITION) {
        queries.extend(
            pass.relations
                .missing_sequences(&identity_option::sequences_of(tree)),
        );
    }
    if marks.has(Marks::SEQUENCE) {
        queries.extend(pass.relations.missing_sequences(&sequences_named_in(tree)));
    }
    if marks.has(Marks::DEFINITION.and(Marks::CAST)) {
        queries.extend(pass.relations.missing_enums(&enums_named_in(tree)));
    }
    if marks.has(Marks::DEFINITION) {
        queries.extend(
            pass.relations
                .missing_indexes(&indexes_named_in(tree, path.as_ref())),
        );
    }
    let needs_schema = rules::makes_temporary(tree) && Temporary::of(&pass.scene).is_none();
    if queries.is_empty() && !needs_schema {
        return None;
    }
    Some(Lookup {
        temporary: needs_schema,
        ..inner::lookup(source, &pass.scene, queries, pass.parameters.clone())
    })
}
