//! The public items of the library, as its sources say them: a change of one is seen in a review.

mod line;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;

use anyhow::{Context, Result, ensure};
use syn::{Item, Visibility};

use super::root;
use line::{line, shown};
use sources::{Module, Sources};

/// Where they are listed.
const LIST: &str = "host/public-api.txt";
/// Its first line.
const HEAD: &str = "# The public items of the library: UPDATE=1 cargo test --release --workspace --test tidy public\n";

#[test]
fn the_public_items_are_those_that_are_listed() -> Result<()> {
    let sources = Sources::read(&root().join("host/src/lib.rs"))?;
    let mut list = Listing {
        sources: &sources,
        items: BTreeMap::new(),
    };
    list.module(&sources.root, "pgiris")?;
    let found = list.text();
    let path = root().join(LIST);
    if env::var_os("UPDATE").is_some() {
        return Ok(fs::write(path, found)?);
    }
    let listed = fs::read_to_string(&path).unwrap_or_default();
    let difference = || {
        let gone = listed
            .lines()
            .filter(|line| !found.lines().any(|one| one == *line));
        let new = found
            .lines()
            .filter(|line| !listed.lines().any(|one| one == *line));
        let lines = gone
            .map(|line| format!("- {line}"))
            .chain(new.map(|line| format!("+ {line}")));
        lines.collect::<Vec<_>>().join("\n")
    };
    ensure!(
        found == listed,
        "the public items of the library are others than {LIST} says. If that is meant, name it in \
         CHANGELOG.md and run this with UPDATE=1:\n{}",
        difference()
    );
    Ok(())
}

/// What has been found, by the paths under which others have it.
struct Listing<'a> {
    sources: &'a Sources,
    items: BTreeMap<String, Found>,
}

enum Found {
    Item(Box<Item>),
    /// Of somewhere else.
    Import(String),
}

impl Listing<'_> {
    /// Everything that a module lets out.
    fn module(&mut self, module: &Module, path: &str) -> Result<()> {
        for item in &module.items {
            match item {
                Item::Mod(inner) if is_public(&inner.vis) => {
                    let name = inner.ident.to_string();
                    let inner = module.modules.get(&name);
                    self.module(inner.context(name.clone())?, &format!("{path}::{name}"))?;
                }
                Item::Use(import) if is_public(&import.vis) => {
                    for (from, name) in sources::leaves(&import.tree) {
                        self.import(module, &from, &format!("{path}::{name}"))?;
                    }
                }
                item => self.item(item, path),
            }
        }
        Ok(())
    }

    /// What is let out under another path than its own.
    fn import(&mut self, within: &Module, from: &[String], path: &str) -> Result<()> {
        let (name, way) = from.split_last().context("an import has a name")?;
        let Some(module) = self.sources.find(within, way) else {
            // It is made of wit/, or another package's.
            let line = format!("pub use {}", from.join("::"));
            self.items.insert(path.to_owned(), Found::Import(line));
            return Ok(());
        };
        for item in &module.items {
            match item {
                Item::Use(import) => {
                    let leaves = sources::leaves(&import.tree).into_iter();
                    for (from, _) in leaves.filter(|(_, found)| found == name) {
                        self.import(module, &from, path)?;
                    }
                }
                item if sources::name_of(item).as_deref() == Some(name) => {
                    let (around, _) = path.rsplit_once("::").context("a path")?;
                    self.item(item, around);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn item(&mut self, item: &Item, around: &str) {
        if let (Some(name), true) = (sources::name_of(item), sources::is_public(item)) {
            self.items.insert(
                format!("{around}::{name}"),
                Found::Item(Box::new(item.clone())),
            );
        }
    }

    fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (path, found) in &self.items {
            text.push_str(&format!("\n{path}\n"));
            let lines = match found {
                Found::Import(line) => vec![line.clone()],
                Found::Item(item) => [shown(item), self.implementations(item)].concat(),
            };
            for line in lines {
                text.push_str(&format!("    {line}\n"));
            }
        }
        text
    }

    /// What is implemented for an item, as far as others can see it.
    fn implementations(&self, item: &Item) -> Vec<String> {
        let (Item::Struct(_) | Item::Enum(_), Some(name)) = (item, sources::name_of(item)) else {
            return Vec::new();
        };
        let seen = |path: &String| path.rsplit("::").next().map(str::to_owned);
        let seen: BTreeSet<String> = self.items.keys().filter_map(seen).collect();
        let is_hidden = |name: &str| self.sources.names.contains(name) && !seen.contains(name);
        let all = self.sources.implementations(&name);
        let visible = all.filter(|one| !sources::named_in(one).iter().any(|name| is_hidden(name)));
        let mut lines: Vec<String> = visible.flat_map(line::of_implementation).collect();
        lines.sort();
        lines
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[test]
fn an_item_is_one_line_for_each_thing_that_can_change() -> Result<()> {
    let file = syn::parse_file(
        "/// Doc.\n#[derive(Clone)]\n#[non_exhaustive]\npub struct A<'a> { /// Doc.\n pub b: &'a str, c: u8 }\n\
         pub trait T { fn f(&self) -> u8 { 1 } }",
    )?;
    let lines: Vec<String> = file.items.iter().flat_map(shown).collect();
    ensure!(
        lines
            == [
                "#[derive(Clone)] #[non_exhaustive] pub struct A<'a> { .. }",
                "pub b: &'a str",
                "pub trait T",
                "fn f(&self) -> u8 { .. }",
            ],
        "{lines:?}"
    );
    ensure!(line("pub fn f( a : u8, ) -> u8 ;") == "pub fn f(a : u8) -> u8;");
    Ok(())
}
