//! What becomes of a statement, rule by rule, with the changes marked.

use std::sync::Arc;

use maud::{Markup, html};
use pgiris::Diagnostic;
use pgiris::rules::{Generation, Plan, Translation, wit};
use similar::{ChangeTag, TextDiff};

use super::page::frame;
use crate::cli::offline::request;
use crate::cli::translate::show;

/// Something to begin with.
const EXAMPLE: &str = "SELECT id, name || ' (' || kind || ')' AS label\n\
                       FROM item\n\
                       WHERE name ILIKE 'a%'\n\
                       ORDER BY embedding <=> '[0.1, 0.2, 0.3]'\n\
                       LIMIT 5;";

/// Longer texts are for the command line.
const LONGEST: usize = 20_000;

/// `rules`: the stem of the file to ask, the newest if it is none.
pub(super) fn page(generations: &[Arc<Generation>], sql: &str, rules: Option<&str>) -> Markup {
    let named = generations
        .iter()
        .find(|generation| Some(generation.name()) == rules);
    let Some(generation) = named.or(generations.first()) else {
        return frame(
            "Translation",
            None,
            &html! { p.none { "There are no rules." } },
        );
    };
    let text = if sql.is_empty() { EXAMPLE } else { sql };
    let body = html! {
        (form(generations, generation, text))
        @if text.len() > LONGEST {
            p { "The text is longer than " (LONGEST) " bytes; " code { "pgiris translate" } " takes any." }
        } @else if !sql.is_empty() {
            (answer(generation, text))
        }
    };
    frame("Translation", None, &body)
}

fn form(generations: &[Arc<Generation>], chosen: &Arc<Generation>, text: &str) -> Markup {
    html! {
        form action="/translate" method="get" {
            label for="sql" { "SQL of PostgreSQL" }
            textarea id="sql" name="sql" spellcheck="false" { (text) }
            div {
                label for="rules" { "Rules" }
                select id="rules" name="rules" {
                    @for generation in generations {
                        option selected[Arc::ptr_eq(generation, chosen)] { (generation.name()) }
                    }
                }
                button { "Translate" }
            }
        }
    }
}

fn answer(generation: &Generation, text: &str) -> Markup {
    let iris = generation.manifest().serves_from;
    let request = request(text, iris, wit::Tracing::Rules);
    match generation.translate_offline(&request) {
        Err(refusal) => html! { section { h2 { "An error for the client" } (told(&refusal)) } },
        Ok(translations) => html! {
            @for translation in &translations {
                (statement(generation, text, translation))
            }
            p.none {
                "Nothing is known of tables here: where rules look at the types of columns, a "
                "broker may do more."
            }
        },
    }
}

fn statement(generation: &Generation, text: &str, translation: &Translation) -> Markup {
    let rules = &generation.manifest().rules;
    let mut before = text.trim().to_owned();
    let mut steps = Vec::new();
    for applied in &translation.applied {
        let change = applied.after.as_ref().map(|after| {
            let change = changed(&before, after);
            before.clone_from(after);
            change
        });
        let summary = show::summary(rules, &applied.rule).unwrap_or_default();
        steps.push((&applied.rule, summary, change));
    }
    let lines = show::plan(&translation.plan);
    html! {
        section {
            h2 { (show::kind(&translation.plan)) }
            @for notice in &translation.notices {
                (told(notice))
            }
            @if steps.is_empty() {
                p.none { "No rule changes it." }
            }
            ol {
                @for (rule, summary, change) in &steps {
                    li {
                        code { (rule) } " " (summary)
                        @if let Some(change) = change { pre { (change) } }
                    }
                }
            }
            @if let Plan::Refuse(refusal) = &translation.plan {
                (told(refusal))
            } @else if !lines.is_empty() {
                pre.result { (lines.join("\n")) }
            }
        }
    }
}

fn told(diagnostic: &Diagnostic) -> Markup {
    html! { pre { (show::diagnostic(diagnostic).join("\n").replace("-- ", "")) } }
}

/// A text with what is new in it, and what is gone, marked.
fn changed(before: &str, after: &str) -> Markup {
    let difference = TextDiff::from_unicode_words(before, after);
    html! {
        @for change in difference.iter_all_changes() {
            @let is_blank = change.value().trim().is_empty();
            @match change.tag() {
                ChangeTag::Equal => { (change.value()) }
                // Rules write a statement on one line; that is no change.
                ChangeTag::Insert if is_blank => { (change.value()) }
                ChangeTag::Delete if is_blank && change.value().contains('\n') => {}
                ChangeTag::Insert => { ins { (change.value()) } }
                ChangeTag::Delete => { del { (change.value()) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_marked_and_texts_escaped() {
        let marked = changed("SELECT a < b", "SELECT a > b").into_string();
        assert_eq!(marked, "SELECT a <del>&lt;</del><ins>&gt;</ins> b");
        assert_eq!(changed("a\nb", "a b").into_string(), "a b");
    }
}
