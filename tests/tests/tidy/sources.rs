//! The modules of a library, read from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::{Attribute, GenericArgument, Item, ItemImpl, PathArguments, Type, UseTree, Visibility};

/// A module with those inside.
#[derive(Default)]
pub(super) struct Module {
    pub(super) items: Vec<Item>,
    pub(super) modules: BTreeMap<String, Module>,
}

/// All of them.
pub(super) struct Sources {
    pub(super) root: Module,
    /// The names of all items, wherever they are.
    pub(super) names: BTreeSet<String>,
}

impl Sources {
    pub(super) fn read(library: &Path) -> Result<Self> {
        let directory = library.parent().context("a file lies in a folder")?;
        let root = Module::read(library, directory)?;
        let mut names = BTreeSet::new();
        root.names(&mut names);
        Ok(Self { root, names })
    }

    /// The module that a path leads to from another one; `None`: it is none of this library's.
    pub(super) fn find<'a>(&'a self, within: &'a Module, way: &[String]) -> Option<&'a Module> {
        let (mut module, way) = match way {
            [first, rest @ ..] if first == "crate" => (&self.root, rest),
            [first, rest @ ..] if first == "self" => (within, rest),
            way => (within, way),
        };
        for name in way {
            module = module.modules.get(name)?;
        }
        Some(module)
    }

    /// What is implemented for the type of this name, anywhere.
    pub(super) fn implementations(&self, name: &str) -> impl Iterator<Item = &ItemImpl> {
        let mut found = Vec::new();
        collect(&self.root, &mut found);
        let is_of_it = move |one: &&ItemImpl| match &*one.self_ty {
            Type::Path(path) => path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == name),
            _ => false,
        };
        found
            .into_iter()
            .filter(is_of_it)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

fn collect<'a>(module: &'a Module, found: &mut Vec<&'a ItemImpl>) {
    found.extend(module.items.iter().filter_map(|item| match item {
        Item::Impl(implementation) => Some(implementation),
        _ => None,
    }));
    for inner in module.modules.values() {
        collect(inner, found);
    }
}

impl Module {
    fn names(&self, found: &mut BTreeSet<String>) {
        found.extend(self.items.iter().filter_map(name_of));
        self.modules.values().for_each(|inner| inner.names(found));
    }

    /// `directory`: where the files of the modules inside lie.
    fn read(file: &Path, directory: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let parsed = syn::parse_file(&text).with_context(|| file.display().to_string())?;
        let mut module = Self::default();
        for item in parsed.items.into_iter().filter(|item| !is_for_tests(item)) {
            if let Item::Mod(inner) = &item
                && inner.content.is_none()
            {
                let name = inner.ident.to_string();
                let file = directory.join(format!("{name}.rs"));
                let read = Self::read(&file, &directory.join(&name))?;
                module.modules.insert(name, read);
            }
            module.items.push(item);
        }
        Ok(module)
    }
}

/// The types that an implementation of a trait is about, beside the one that it is for.
pub(super) fn named_in(implementation: &ItemImpl) -> Vec<String> {
    let segments = implementation.trait_.iter();
    let segments = segments.flat_map(|(_, path, _)| &path.segments);
    let mut names = Vec::new();
    for segment in segments {
        names.push(segment.ident.to_string());
        if let PathArguments::AngleBracketed(arguments) = &segment.arguments {
            names.extend(arguments.args.iter().filter_map(|one| match one {
                GenericArgument::Type(Type::Path(path)) => {
                    path.path.segments.last().map(|last| last.ident.to_string())
                }
                _ => None,
            }));
        }
    }
    names
}

/// Whether an item is left out of the library as others build it.
fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Mod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let text = match &attribute.meta {
            syn::Meta::List(list) if attribute.path().is_ident("cfg") => list.tokens.to_string(),
            _ => return false,
        };
        text.contains("test")
    })
}

/// The names that an import brings, with the paths that they come from.
pub(super) fn leaves(tree: &UseTree) -> Vec<(Vec<String>, String)> {
    match tree {
        UseTree::Path(path) => {
            let inner = leaves(&path.tree).into_iter();
            let first = path.ident.to_string();
            let with = |(mut way, name): (Vec<String>, String)| {
                way.insert(0, first.clone());
                (way, name)
            };
            inner.map(with).collect()
        }
        UseTree::Name(name) => vec![(vec![name.ident.to_string()], name.ident.to_string())],
        UseTree::Rename(name) => vec![(vec![name.ident.to_string()], name.rename.to_string())],
        UseTree::Glob(_) => vec![(vec!["*".to_owned()], "*".to_owned())],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

fn of(item: &Item) -> Option<(String, &Visibility, &[Attribute])> {
    Some(match item {
        Item::Struct(item) => (item.ident.to_string(), &item.vis, &item.attrs),
        Item::Enum(item) => (item.ident.to_string(), &item.vis, &item.attrs),
        Item::Trait(item) => (item.ident.to_string(), &item.vis, &item.attrs),
        Item::Type(item) => (item.ident.to_string(), &item.vis, &item.attrs),
        Item::Const(item) => (item.ident.to_string(), &item.vis, &item.attrs),
        Item::Fn(item) => (item.sig.ident.to_string(), &item.vis, &item.attrs),
        _ => return None,
    })
}

pub(super) fn name_of(item: &Item) -> Option<String> {
    of(item).map(|(name, ..)| name)
}

pub(super) fn is_public(item: &Item) -> bool {
    of(item).is_some_and(|(_, visibility, _)| super::is_public(visibility))
}
