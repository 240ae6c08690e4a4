//! One component made of two: the upper delegates to the lower.
//!
//! Compilers write the imports of a component first, with the types that they need. What the
//! upper one begins with is what the whole begins with, but for two things: where it imports
//! interfaces of rules, these are taken from an instance of the lower one, and that instance
//! comes before all others, by which their numbers are one more.

use anyhow::{Context, bail, ensure};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentImportSection, ComponentInstanceSection, ComponentSectionId, ComponentTypeRef,
    RawSection,
};
use wasmparser::{ComponentAlias, ComponentExternalKind, Parser, Payload, Validator};

/// The interfaces that an upper component may take from a lower one.
const INTERFACES: &str = "pgiris:rules/";

/// What a component begins with, a section each.
enum Part<'a> {
    /// As it is.
    Types(&'a [u8]),
    /// Instances: name, and number of the type.
    Imports(Vec<(&'a str, u32)>),
    /// Types: number of the instance, and name.
    Aliases(Vec<(u32, &'a str)>),
}

/// What matters of a component.
#[derive(Default)]
struct Shape<'a> {
    begin: Vec<Part<'a>>,
    imports: Vec<&'a str>,
    /// All interfaces.
    exports: Vec<&'a str>,
}

/// The whole, which is valid.
///
/// # Errors
/// The one does not fit on the other, or was made in another way than compilers do.
pub(super) fn composed(upper: &[u8], lower: &[u8]) -> anyhow::Result<Vec<u8>> {
    let (above, below) = (shape(upper)?, shape(lower).context("the rules below")?);
    if let Some(import) = below.imports.first() {
        bail!("the rules below import {import}; those that others delegate to import nothing");
    }
    let taken = |name: &str| name.starts_with(INTERFACES) && below.exports.contains(&name);
    ensure!(
        above.imports.iter().any(|name| taken(name)),
        "it imports nothing that these rules export, so it delegates nothing to them"
    );

    let mut whole = Component::new();
    for component in [lower, upper] {
        whole.section(&RawSection {
            id: ComponentSectionId::Component.into(),
            data: component,
        });
    }
    const LOWER: u32 = 0;
    let mut instances = ComponentInstanceSection::new();
    instances.instantiate(
        LOWER,
        std::iter::empty::<(&str, ComponentExportKind, u32)>(),
    );
    whole.section(&instances);
    let mut count = 1;
    for part in &above.begin {
        match part {
            Part::Types(data) => {
                whole.section(&RawSection {
                    id: ComponentSectionId::Type.into(),
                    data,
                });
            }
            Part::Aliases(aliases) => {
                let mut section = ComponentAliasSection::new();
                for (instance, name) in aliases {
                    section.alias(Alias::InstanceExport {
                        instance: instance + 1,
                        kind: ComponentExportKind::Type,
                        name,
                    });
                }
                whole.section(&section);
            }
            Part::Imports(imports) => {
                for (name, shape) in imports {
                    if taken(name) {
                        whole.section(&instance_of(LOWER, name));
                    } else {
                        let mut section = ComponentImportSection::new();
                        section.import(*name, ComponentTypeRef::Instance(*shape));
                        whole.section(&section);
                    }
                    count += 1;
                }
            }
        }
    }
    // The imports are the instances 1 and so on.
    let arguments = (1..count).map(|index| (ComponentExportKind::Instance, index));
    let arguments = above.imports.iter().zip(arguments);
    let arguments: Vec<_> = arguments
        .map(|(name, (kind, index))| (*name, kind, index))
        .collect();
    let mut instances = ComponentInstanceSection::new();
    instances.instantiate(1, arguments);
    whole.section(&instances);
    let upper = count;
    let mut next = count + 1;
    let mut export = |instance: u32, name: &str, shown: &str| {
        whole.section(&instance_of(instance, name));
        let mut section = ComponentExportSection::new();
        section.export(shown, ComponentExportKind::Instance, next, None);
        whole.section(&section);
        // The alias and the export are an instance each.
        next += 2;
    };
    for name in &above.exports {
        export(upper, name, name);
    }
    // What is exported of the lower one may speak of all its types, which must have a name, too.
    for name in &below.exports {
        match above.exports.contains(name) {
            true => export(LOWER, name, &below_name(name)),
            false => export(LOWER, name, name),
        }
    }
    let whole = whole.finish();
    Validator::new()
        .validate_all(&whole)
        .context("they do not fit together")?;
    Ok(whole)
}

/// What an interface of the lower component is called that the upper one exports as well.
fn below_name(name: &str) -> String {
    let bare = name.rsplit('/').next().unwrap_or(name);
    format!("below-{}", bare.split('@').next().unwrap_or(bare))
}

/// Takes an interface out of an instance.
fn instance_of(instance: u32, name: &str) -> ComponentAliasSection {
    let mut section = ComponentAliasSection::new();
    section.alias(Alias::InstanceExport {
        instance,
        kind: ComponentExportKind::Instance,
        name,
    });
    section
}

fn shape(component: &[u8]) -> anyhow::Result<Shape<'_>> {
    const UNUSUAL: &str = "it begins with something else than imports of interfaces";
    let mut found = Shape::default();
    let (mut depth, mut is_beginning) = (0_usize, true);
    for payload in Parser::new(0).parse_all(component) {
        match payload.context("it is no component")? {
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                depth += 1;
                is_beginning = false;
            }
            Payload::Version { .. } | Payload::CustomSection(_) => {}
            _ if depth > 0 => {}
            Payload::ComponentImportSection(section) => {
                ensure!(is_beginning, UNUSUAL);
                let mut imports = Vec::new();
                for import in section {
                    let import = import?;
                    let wasmparser::ComponentTypeRef::Instance(shape) = import.ty else {
                        bail!("{UNUSUAL}: {}", import.name.name);
                    };
                    found.imports.push(import.name.name);
                    imports.push((import.name.name, shape));
                }
                found.begin.push(Part::Imports(imports));
            }
            Payload::ComponentExportSection(section) => {
                is_beginning = false;
                for export in section {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Instance {
                        found.exports.push(export.name.name);
                    }
                }
            }
            Payload::ComponentTypeSection(section) if is_beginning => {
                let range = section.range();
                let data =
                    component.get(usize::try_from(range.start)?..usize::try_from(range.end)?);
                found.begin.push(Part::Types(data.context(UNUSUAL)?));
            }
            Payload::ComponentAliasSection(section) if is_beginning => {
                let mut aliases = Vec::new();
                for alias in section {
                    let ComponentAlias::InstanceExport {
                        kind: ComponentExternalKind::Type,
                        instance_index,
                        name,
                    } = alias?
                    else {
                        is_beginning = false;
                        continue;
                    };
                    aliases.push((instance_index, name));
                }
                // What comes behind the imports is the component's own.
                if is_beginning {
                    found.begin.push(Part::Aliases(aliases));
                }
            }
            _ => is_beginning = false,
        }
    }
    Ok(found)
}
